const MARK = '$ANSIBLE_VAULT';
const WIDTH = 80;
/** The label of a password that was given none. */
export const DEFAULT_LABEL = 'default';

/** What stands in a vault text: the label of its password and the three parts of its payload. */
export interface Envelope {
  /** `default` where the text names none (version 1.1). */
  readonly label: string;
  readonly salt: Buffer;
  readonly hmac: Buffer;
  readonly ciphertext: Buffer;
}

export function isVaultText(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MARK.length + 1)).equals(
    Buffer.from(`${MARK};`),
  );
}

/**
 * Takes a vault text apart: a header `$ANSIBLE_VAULT;1.1;AES256` or `;1.2;AES256;LABEL`, then lines of hex, which
 * hold the hex of salt, HMAC and ciphertext, joined by line ends (ansible-core, lib/ansible/parsing/vault). A text
 * instead of an envelope says what is wrong with it.
 */
export function openEnvelope(text: string): Envelope | string {
  const [header = '', ...lines] = text.trim().split(/\r?\n/);
  const [mark, version, cipher, label] = header.trim().split(';');
  if (mark !== MARK || version === undefined) return 'it does not begin with a vault header';
  if (version !== '1.1' && version !== '1.2') return `its format is ${version}, and 1.1 and 1.2 are known`;
  if (cipher !== 'AES256') return `its cipher is ${cipher ?? 'missing'}, and only AES256 is known`;
  const inner = fromHex(lines.map((line) => line.trim()).join(''))?.toString('latin1');
  const parts = inner?.split('\n').map(fromHex) ?? [];
  const [salt, hmac, ciphertext] = parts;
  if (parts.length !== 3 || salt === undefined || hmac?.length !== 32 || ciphertext === undefined) {
    return 'it is damaged: what follows its header is not what a vault holds';
  }
  return { label: (version === '1.2' && label?.trim()) || DEFAULT_LABEL, salt, hmac, ciphertext };
}

/** The vault text, with a line end at its end. */
export function closeEnvelope({ label, salt, hmac, ciphertext }: Envelope): string {
  const header = label === DEFAULT_LABEL ? `${MARK};1.1;AES256` : `${MARK};1.2;AES256;${label}`;
  const inner = [salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n');
  const lines =
    Buffer.from(inner, 'latin1')
      .toString('hex')
      .match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? [];
  return `${[header, ...lines].join('\n')}\n`;
}

function fromHex(text: string): Buffer | undefined {
  return /^(?:[0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}
