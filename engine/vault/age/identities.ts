import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, error, fail, ok, type Result } from '../../language/diagnostics.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { isAgeFile } from './age_file.ts';
import { type Identity, readIdentity } from './keys.ts';

/** The keys that files of age are opened with; read when the first file needs them. */
export interface AgeIdentities {
  read(): Result<readonly Identity[]>;
  /** Where they were looked for, in words. */
  tried(): string;
}

const VARIABLE = 'RUNBOOK_AGE_IDENTITY_FILE';

/** What `--age-identity` names, RUNBOOK_AGE_IDENTITY_FILE, and `~/.config/runbook/identity.txt` where it is there. */
export function ageIdentities(named: readonly string[], secrets: Pick<Secrets, 'add'>): AgeIdentities {
  const variable = process.env[VARIABLE];
  const usual = join(homedir(), '.config', 'runbook', 'identity.txt');
  const paths = [...named, ...(variable ? [variable] : []), ...(existsSync(usual) ? [usual] : [])];
  let known: Result<readonly Identity[]> | undefined;
  return {
    read: () => {
      known ??= readAll(paths, secrets);
      return known;
    },
    tried: () =>
      paths.length === 0
        ? `there is no identity: none is named, ${VARIABLE} is not set, and there is no ${usual}`
        : `none of its recipients is an identity of ${paths.join(', ')}`,
  };
}

function readAll(paths: readonly string[], secrets: Pick<Secrets, 'add'>): Result<readonly Identity[]> {
  const identities: Identity[] = [];
  const problems: Diagnostic[] = [];
  for (const path of paths) {
    const read = readFile(path, secrets);
    if (read.ok) identities.push(...read.value);
    else problems.push(...read.diagnostics);
  }
  return problems.length > 0 ? fail(...problems) : ok(identities);
}

/** As `age-keygen` writes them: comments, and one key a line. */
function readFile(path: string, secrets: Pick<Secrets, 'add'>): Result<readonly Identity[]> {
  const wrong = (what: string, hint?: string) =>
    fail(error('option', `the identity file ${path} ${what}`, undefined, hint));
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    return wrong(`could not be read: ${(thrown as Error).message}`);
  }
  if (isAgeFile(bytes)) return wrong('is encrypted itself', 'Decrypt it with `age -d` to where only you can read it.');
  const identities: Identity[] = [];
  for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    secrets.add(text);
    const identity = readIdentity(text);
    if (identity === undefined) {
      return wrong(`holds no native key of age in line ${index + 1}`, 'A key is one line, AGE-SECRET-KEY-1...');
    }
    identities.push(identity);
  }
  return identities.length > 0 ? ok(identities) : wrong('holds no key', 'Make one with `age-keygen -o FILE`.');
}
