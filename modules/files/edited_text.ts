import type { ParamProperty } from '../../engine/language/module_spec.ts';
import { compilePythonRegex, type PythonRegex, type RegexFlags } from '../../engine/language/python_regex.ts';
import { type Ref, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { bytesOf, contentOf, WHOLE_LIMIT } from '../../engine/resources/content.ts';
import { path } from '../../engine/resources/path.ts';
import {
  type FileValue,
  kindName,
  normalPath,
  type PathValue,
  parentOf,
  samePath,
} from '../../engine/resources/path_value.ts';
import { validateProblem } from '../../engine/resources/validate_command.ts';
import { type AttributeParams, attributeAspects, attributeWarnings, withAttributes } from './attributes.ts';
import { backupName } from './backup.ts';
import { looksAtDirectory, makeDirectories } from './directories.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { looksAtTarget, newFileOwner, pathProblem, targetOf } from './target.ts';

/** Parameters of the modules that edit a file: lineinfile, blockinfile, replace. */
export interface EditParams extends AttributeParams {
  readonly path: string;
  readonly create?: boolean;
  readonly backup: boolean;
  readonly validate?: string;
}

export const EDIT_PARAMETERS: { readonly [name: string]: ParamProperty } = {
  backup: {
    type: 'boolean',
    default: false,
    description: 'Copy the old file to a name with the date in it before it is changed.',
  },
  validate: {
    type: 'string',
    description:
      'Command that checks the new content before it takes the place of the old: `%s` stands for the file, as in `visudo -cf %s`. It is run without a shell.',
  },
};

/** A file that is edited; a link is followed. The bytes are held as Latin-1, one character each. */
export interface Opened {
  readonly ref: Ref<PathValue>;
  readonly before: FileValue | null;
  readonly bytes: string;
}

export function looksAtEdited(params: EditParams, view: View): readonly Ref[] {
  if (pathProblem(params.path) !== undefined) return [];
  const id = normalPath(params.path);
  const aspects = attributeAspects(params);
  const refs = looksAtTarget(id, view, 'content', ...aspects);
  const last = refs.at(-1) as Ref<PathValue>;
  const seen = view.peek(last);
  const large = seen?.kind === 'file' && seen.content !== undefined && 'sha256' in seen.content;
  return [
    ...refs,
    ...(large ? [path(last.id, 'content', 'whole', ...aspects)] : []),
    ...(params.create === true ? looksAtDirectory(parentOf(last.id), view) : []),
  ];
}

export function openFile(params: EditParams, view: View): Opened | Failure {
  const problem = pathProblem(params.path) ?? commandProblem(params);
  if (problem !== undefined) return problem;
  const id = normalPath(params.path);
  const target = targetOf(id, view, 'content', ...attributeAspects(params));
  if (isFailure(target)) return target;
  const { ref, value } = target;
  if (value === null) {
    const missing = {
      failed: `${id} does not exist${params.create === undefined ? '' : ': say create: true to make it'}`,
      parameter: 'path',
    };
    return params.create === true ? { ref, before: null, bytes: '' } : missing;
  }
  if (value.kind !== 'file') return { failed: `${id} is a ${kindName(value)}, not a file`, parameter: 'path' };
  const bytes = value.content === undefined ? undefined : bytesOf(value.content);
  if (bytes === undefined) {
    return { failed: `${id} is too large to be edited: more than ${WHOLE_LIMIT / 1024 / 1024} MiB`, parameter: 'path' };
  }
  return { ref, before: value, bytes: Buffer.from(bytes).toString('latin1') };
}

function commandProblem(params: EditParams): Failure | undefined {
  const problem = params.validate === undefined ? undefined : validateProblem(params.validate);
  return problem === undefined ? undefined : { failed: problem, parameter: 'validate' };
}

export interface Edit {
  /** The new content, in the same form. */
  readonly bytes: string;
  readonly message: string;
}

/** What Ansible puts into `msg` where more than the content has changed. */
const ATTRIBUTES_CHANGED = 'ownership, perms or SE linux context changed';

/** The wish for an edited file; `result` may name the backup as the module does. */
export function wishEdited(
  params: EditParams,
  view: View,
  opened: Opened,
  edit: Edit,
  result: (done: { readonly msg: string; readonly backup: string | undefined }) => NonNullable<Wish['result']>,
): Wish {
  const { ref, before, bytes } = opened;
  const rewritten = before === null || edit.bytes !== bytes;
  const steps: Step[] = [];
  if (before === null) {
    const parents = makeDirectories(parentOf(ref.id), { unsafe_writes: false }, view);
    if (isFailure(parents)) return failedWish({ ...parents, parameter: 'path' });
    steps.push(...parents.steps);
  }
  const found: FileValue = before ?? { kind: 'file', mode: 0o644, ...newFileOwner(view) };
  const content = rewritten ? contentOf(Buffer.from(edit.bytes, 'latin1'), WHOLE_LIMIT) : before.content;
  const after = withAttributes({ ...found, ...(content && { content }) }, params);
  if (isFailure(after)) return failedWish(after);
  const backup =
    params.backup && rewritten && before?.content !== undefined
      ? backupName(ref.id, before.content, view.now)
      : undefined;
  steps.push(
    set(ref, after, {
      ...(params.validate !== undefined && rewritten && { validate: params.validate }),
      ...(backup !== undefined && { backup }),
      ...(params.unsafe_writes && { unsafeWrites: true }),
    }),
  );
  const moved = !samePath(found, { ...after, ...(found.content && { content: found.content }) });
  const msg = [edit.message, ...(moved ? [ATTRIBUTES_CHANGED] : [])].filter((part) => part !== '').join(' and ');
  return { steps, result: result({ msg, backup }), warnings: attributeWarnings(params) };
}

/** UTF-8 text in the form that `Opened` holds bytes in. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A parameter that is a regular expression, compiled. */
export function regexOf(pattern: string, parameter: string, flags: RegexFlags): PythonRegex | Failure {
  const compiled = compilePythonRegex(flags.bytes === true ? asBytes(pattern) : pattern, flags);
  if (compiled.ok) return compiled.regex;
  return {
    failed: `${parameter} is not a regular expression: ${compiled.problem} (at ${compiled.at + 1} of ${pattern})`,
    parameter,
  };
}
