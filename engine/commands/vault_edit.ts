import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { error, fail, ok, type Result } from '../language/diagnostics.ts';
import { splitWords } from '../language/shlex.ts';
import { shownPath } from '../language/source.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type PrivateCopy, privateCopy } from '../vault/private_copy.ts';
import { replaceFile } from '../vault/replace_file.ts';
import { EXIT } from './exit_code.ts';
import { refuse } from './refuse.ts';
import type { VaultFileOptions } from './vault.ts';
import { ageSeal } from './vault_keys.ts';
import { openFiles } from './vault_open.ts';

/** Opens the file in an editor, and encrypts what it became as it was encrypted before. */
export async function editFile(path: string, options: VaultFileOptions, secrets: Secrets): Promise<number> {
  const files = await openFiles([path], options, secrets);
  if (!files.ok) return refuse(files.diagnostics, secrets);
  const [file] = files.value;
  if (file === undefined) return EXIT.wrong;
  // Known before the editor opens: nobody should type in vain.
  const seal = file.seal === undefined ? await ageSeal(options, secrets) : ok(file.seal);
  if (!seal.ok) return refuse(seal.diagnostics, secrets);
  const copy = privateCopy(basename(path).replace(/\.age$/, ''), file.plain);
  let edited: Result<Buffer>;
  try {
    edited = await edit(copy);
  } finally {
    copy.destroy();
  }
  if (!edited.ok) return refuse(edited.diagnostics, secrets);
  if (edited.value.equals(file.plain)) {
    process.stderr.write(`${shownPath(path)} is unchanged.\n`);
    return EXIT.done;
  }
  try {
    replaceFile(path, seal.value(edited.value), file.mode ?? 0o600);
  } catch (thrown) {
    return refuse([error('file', `${shownPath(path)} cannot be written: ${(thrown as Error).message}`)], secrets);
  }
  return EXIT.done;
}

/** What ends the program while the editor is open. Ctrl-C is the editor's own business. */
const ENDING = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

async function edit(copy: PrivateCopy): Promise<Result<Buffer>> {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
  const words = splitWords(editor, false);
  const [program, ...args] = words.ok ? words.words.map(({ text }) => text) : [];
  if (program === undefined) return fail(error('option', `the editor \`${editor}\` is no command`));
  const child = spawn(program, [...args, copy.path], { stdio: 'inherit' });
  let stopped: string | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopped = signal;
    copy.destroy();
    child.kill(signal);
  };
  const ignore = (): void => {};
  for (const signal of ENDING) process.on(signal, stop);
  process.on('SIGINT', ignore);
  try {
    const ended = await new Promise<string | undefined>((resolve) => {
      child.once('error', ({ message }) => resolve(`cannot be run: ${message}`));
      child.once('exit', (code, signal) =>
        resolve(code === 0 ? undefined : `ended with ${signal ?? `exit status ${code}`}`),
      );
    });
    const why = stopped === undefined ? ended : `was ended by ${stopped}`;
    if (why !== undefined) return fail(error('option', `the editor \`${editor}\` ${why}: the file is as it was`));
    return ok(copy.read());
  } finally {
    for (const signal of ENDING) process.off(signal, stop);
    process.off('SIGINT', ignore);
  }
}
