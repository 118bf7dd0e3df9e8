import type { ModuleSpec, ParamProperty } from '../language/module_spec.ts';
import type { Style } from './style.ts';

/** The list of modules, a line each. */
export function moduleList(modules: readonly ModuleSpec[], style: Style, width: number): string {
  const longest = Math.max(...modules.map((module) => module.name.length));
  const lines = modules.map((module) => {
    const names = module.aliases === undefined ? '' : ` (also ${module.aliases.join(', ')})`;
    const [first, ...rest] = wrap(`${module.summary}${names}`, width - longest - 2);
    const indent = ' '.repeat(longest + 2);
    return [`${style.strong(module.name.padEnd(longest))}  ${first ?? ''}`, ...rest.map((line) => indent + line)].join(
      '\n',
    );
  });
  return `${lines.join('\n')}\n\n\`runbook docs MODULE\` tells all about one of them.\n`;
}

/** A module's reference for a terminal. */
export function moduleText(module: ModuleSpec, style: Style, width: number): string {
  const names = [`${module.collection}.${module.name}`, ...(module.aliases ?? [])].join(', ');
  const lines = [`${style.strong(module.name)}  ${style.faint(names)}`, '', ...wrap(module.summary, width)];
  for (const paragraph of module.description ?? []) lines.push('', ...wrap(paragraph, width));
  lines.push('', style.strong('Parameters'));
  for (const [name, property] of Object.entries(module.schema.properties)) {
    const required = module.schema.required?.includes(name) ? style.change(' required') : '';
    lines.push(`  ${style.strong(name)}  ${style.faint(kind(property))}${required}`);
    lines.push(...wrap(about(module, name, property), width - 6).map((line) => `      ${line}`));
  }
  const relations = relationsOf(module);
  if (relations.length > 0) lines.push('', ...relations.flatMap((line) => wrap(line, width)));
  if (module.examples !== undefined) {
    lines.push(
      '',
      style.strong('Examples'),
      ...module.examples
        .trim()
        .split('\n')
        .map((line) => `  ${line}`.trimEnd()),
    );
  }
  if (module.returns !== undefined) {
    lines.push('', style.strong('Registers'));
    for (const [name, meaning] of Object.entries(module.returns)) {
      const [first, ...rest] = wrap(meaning, width - 6);
      lines.push(`  ${style.strong(name)}: ${first ?? ''}`, ...rest.map((line) => `      ${line}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A module's reference as Markdown, for docs/modules.md. */
export function moduleMarkdown(module: ModuleSpec): string {
  const names = [`${module.collection}.${module.name}`, ...(module.aliases ?? [])]
    .map((name) => `\`${name}\``)
    .join(', ');
  const rows = Object.entries(module.schema.properties).map(([name, property]) => {
    const required = module.schema.required?.includes(name) ? ' **required**' : '';
    return `| \`${name}\`${required} | ${cell(kind(property))} | ${cell(about(module, name, property))} |`;
  });
  const parts = [
    `## ${module.name}`,
    names,
    [module.summary, ...(module.description ?? [])].join('\n\n'),
    rows.length === 0
      ? 'It takes no parameters of its own.'
      : ['| parameter | type | |', '|---|---|---|', ...rows].join('\n'),
    ...relationsOf(module),
    ...(module.examples === undefined ? [] : [`\`\`\`yaml\n${module.examples.trim()}\n\`\`\``]),
    ...(module.returns === undefined
      ? []
      : [
          [
            'Registers:',
            '',
            ...Object.entries(module.returns).map(([name, meaning]) => `- \`${name}\`: ${meaning}`),
          ].join('\n'),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function kind(property: ParamProperty): string {
  if (property.enum !== undefined) return property.enum.map(String).join(' | ');
  if (property.format === 'mode') return 'mode';
  if (property.format === 'path') return 'path';
  const { type } = property;
  return type === undefined ? 'any' : typeof type === 'string' ? type : type.join(' | ');
}

function about(module: ModuleSpec, name: string, property: ParamProperty): string {
  const parts = [property.description.trim().replace(/([^.!?:])$/, '$1.')];
  if (property.default !== undefined && property.default !== null)
    parts.push(`Default: \`${JSON.stringify(property.default)}\`.`);
  if (property.aliases !== undefined && property.aliases.length > 0)
    parts.push(`Also: ${property.aliases.map((a) => `\`${a}\``).join(', ')}.`);
  if (module.freeForm === name) parts.push('Takes the free form.');
  if (property.secret) parts.push('Never shown.');
  return parts.join(' ');
}

function relationsOf(module: ModuleSpec): readonly string[] {
  const { schema } = module;
  const names = (list: readonly string[], word: string) => list.map((name) => `\`${name}\``).join(` ${word} `);
  return [
    ...(schema.mutuallyExclusive ?? []).map((list) => `Not together: ${names(list, 'and')}.`),
    ...(schema.requiredOneOf ?? []).map((list) => `One of these is needed: ${names(list, 'or')}.`),
    ...(schema.requiredTogether ?? []).map((list) => `Only together: ${names(list, 'and')}.`),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Breaks text into lines of at most `width` columns between words. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
