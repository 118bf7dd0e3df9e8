import { isUtf8 } from 'node:buffer';
import { type Diagnostic, error, fail, ok, type Result, type Span } from '../language/diagnostics.ts';
import type { Opener } from '../language/opener.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { openAge } from './age/age_file.ts';
import { isAgeName } from './age/age_name.ts';
import type { AgeIdentities } from './age/identities.ts';
import { decrypt, deriveKey, type VaultKey } from './cipher.ts';
import { type Envelope, isVaultText, openEnvelope } from './envelope.ts';
import type { VaultPassword } from './passwords.ts';

export interface OpenerInput {
  readonly passwords: readonly VaultPassword[];
  readonly identities: AgeIdentities;
  readonly secrets: Pick<Secrets, 'add'>;
}

/** A vault that was opened: what it holds, the label it bears, and the password that did it. */
interface Opened {
  readonly plain: Buffer;
  readonly label: string;
  readonly password: Buffer;
}

/** Opens vaults with the passwords, and files of age with the identities; what it opens is secret from then on. */
export function createOpener({ passwords, identities, secrets }: OpenerInput): Opener {
  const openVault = createVaultOpener(passwords);
  const values = new Map<string, Result<string>>();

  function keepText(plain: Buffer): void {
    if (isUtf8(plain)) secrets.add(plain.toString('utf8'));
  }

  function open(text: string, span: Span): Result<string> {
    const opened = openVault(text, span, 'this value');
    if (!opened.ok) return opened;
    const { plain } = opened.value;
    if (!isUtf8(plain)) return fail(error('vault', 'this value is not UTF-8 once it is decrypted', span));
    keepText(plain);
    return ok(plain.toString('utf8'));
  }

  return {
    isEncrypted: (path, head) => isVaultText(head) || isAgeName(path),
    file(path, bytes) {
      const opened = isVaultText(bytes)
        ? openVault(bytes.toString('latin1'), headerOf(path, bytes), 'this file')
        : openAge(path, bytes, identities);
      if (!opened.ok) return opened;
      keepText(opened.value.plain);
      return ok(opened.value.plain);
    },
    value(text, span) {
      const known = values.get(text) ?? open(text, span);
      values.set(text, known);
      return known.ok ? known : fail(...known.diagnostics.map((each) => ({ ...each, span: each.span && span })));
    },
    keep: (text) => secrets.add(text),
  };
}

export type OpenVault = (text: string, span: Span, what: string) => Result<Opened>;

/** Derives the key of each password and salt once: that is what costs time. */
export function createVaultOpener(passwords: readonly VaultPassword[]): OpenVault {
  const keys = new Map<string, VaultKey>();

  function keyOf(password: VaultPassword, secret: Buffer, salt: Buffer): VaultKey {
    const name = `${passwords.indexOf(password)} ${salt.toString('hex')}`;
    const key = keys.get(name) ?? deriveKey(secret, salt);
    keys.set(name, key);
    return key;
  }

  return (text, span, what) => {
    const envelope = openEnvelope(text);
    if (typeof envelope === 'string') {
      const hint = 'Take it from where it was encrypted once more, as it was printed.';
      return fail(error('vault', `${what} cannot be decrypted: ${envelope}`, span, hint));
    }
    const problems: Diagnostic[] = [];
    for (const password of inOrder(passwords, envelope.label)) {
      const secret = password.read();
      if (!secret.ok) {
        problems.push(...secret.diagnostics);
        continue;
      }
      const plain = decrypt(envelope, keyOf(password, secret.value, envelope.salt));
      if (plain !== undefined) return ok({ plain, label: envelope.label, password: secret.value });
    }
    return fail(locked(envelope, passwords, span, what), ...problems);
  };
}

/** Those of the vault's own label first, then all others (Ansible: DEFAULT_VAULT_ID_MATCH is off). */
function inOrder(passwords: readonly VaultPassword[], label: string): readonly VaultPassword[] {
  return [...passwords.filter((each) => each.label === label), ...passwords.filter((each) => each.label !== label)];
}

function locked({ label }: Envelope, passwords: readonly VaultPassword[], span: Span, what: string): Diagnostic {
  const pass =
    label === 'default'
      ? 'Pass --vault-password-file FILE or --ask-vault-pass.'
      : `Pass --vault-id ${label}@FILE, or --vault-id ${label}@prompt.`;
  if (passwords.length === 0) {
    return error('vault', `${what} is encrypted with the vault id \`${label}\`, and no password is given`, span, pass);
  }
  const tried = passwords.map(({ shown }) => shown).join(', ');
  return error(
    'vault',
    `${what} is encrypted with the vault id \`${label}\`, and no password opens it: tried ${tried}`,
    span,
    pass,
  );
}

/** The first line of an encrypted file, which is no secret. */
export function headerOf(path: string, bytes: Buffer): Span {
  const text = bytes.subarray(0, 200).toString('latin1').split('\n', 1)[0] ?? '';
  return { source: { path, text }, start: 0, end: text.length };
}
