import { modules } from '../../modules/registry.ts';
import { nearest } from '../language/suggest.ts';
import type { AnyModule } from '../planning/contracts.ts';
import { moduleList, moduleMarkdown, moduleText } from '../reporting/module_text.ts';
import { createStyle } from '../reporting/style.ts';
import { EXIT } from './exit_code.ts';
import { wantsColor } from './terminal.ts';

export interface DocsOptions {
  readonly all?: true;
  readonly markdown?: true;
  readonly json?: true;
}

/** The reference, made from the modules' own schemas: of one module, of all, or the list of them. */
export function printDocs(name: string | undefined, options: DocsOptions): number {
  const wanted = chosen(name, options);
  if (wanted === undefined) {
    const near = nearest(
      name ?? '',
      modules.all().map((module) => module.name),
    );
    const hint = near === undefined ? '`runbook docs` lists them.' : `Did you mean \`${near}\`?`;
    process.stderr.write(`error: there is no module \`${name}\`\n  hint: ${hint}\n`);
    return EXIT.wrong;
  }
  const style = createStyle(wantsColor({}, process.stdout));
  const width = Math.min(process.stdout.columns ?? 100, 100);
  if (options.json) process.stdout.write(`${JSON.stringify(wanted.map(specification), null, 2)}\n`);
  else if (options.markdown) process.stdout.write(markdown(wanted, name === undefined));
  else if (name === undefined && !options.all) process.stdout.write(moduleList(wanted, style, width));
  else process.stdout.write(wanted.map((module) => moduleText(module, style, width)).join('\n'));
  return EXIT.done;
}

function markdown(wanted: readonly AnyModule[], all: boolean): string {
  const head = '# Modules\n\nWritten by `npm run docs` from the schemas of the modules.\n\n';
  return (all ? head : '') + wanted.map(moduleMarkdown).join('\n');
}

function chosen(name: string | undefined, options: DocsOptions): readonly AnyModule[] | undefined {
  if (name === undefined || options.all) return [...modules.all()].sort((a, b) => a.name.localeCompare(b.name));
  const module = modules.find(name);
  return module && [module];
}

function specification(module: AnyModule): object {
  const { name, collection, aliases, summary, description, schema, freeForm, examples, returns } = module;
  return { name, collection, aliases, summary, description, schema, freeForm, examples, returns };
}
