import { error, fail, ok, type Result, type Span } from '../../language/diagnostics.ts';
import { readHeader, unwrapFileKey, VERSION_LINE, wrapFileKey } from './header.ts';
import type { AgeIdentities } from './identities.ts';
import type { Recipient } from './keys.ts';
import { sealPayload, unsealPayload } from './payload.ts';

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const END = '-----END AGE ENCRYPTED FILE-----';
const COLUMNS = 64;

/** Whether bytes begin as a file of age does, armored or not. */
export function isAgeFile(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 100)).toString('latin1');
  return text.startsWith(VERSION_LINE) || text.trimStart().startsWith(BEGIN);
}

/** Opens a file of age (https://c2sp.org/age) with the first identity that it was encrypted to. */
export function openAge(path: string, bytes: Buffer, identities: AgeIdentities): Result<{ readonly plain: Buffer }> {
  const wrong = (message: string, hint?: string): Result<never> => fail(error('vault', message, placeOf(path), hint));
  if (!isAgeFile(bytes)) {
    return wrong(
      `${path} is not encrypted by age, though it is called so`,
      'Encrypt it: `runbook vault encrypt --age FILE`.',
    );
  }
  const damaged = (): Result<never> => wrong(`${path} is no file of age any more: it was damaged or cut off`);
  const binary = withoutArmor(bytes);
  const header = binary && readHeader(binary);
  if (binary === undefined || header === undefined) return damaged();
  const keys = identities.read();
  if (!keys.ok) return keys;
  const fileKey = unwrapFileKey(header, keys.value);
  if (fileKey === undefined) {
    const kinds = [...new Set(header.stanzas.map(({ type }) => type))].filter((type) => !type.endsWith('-grease'));
    const others = kinds.filter((kind) => kind !== 'X25519');
    const only = others.length > 0 && !kinds.includes('X25519');
    const what = only
      ? `it is encrypted by ${others.join(', ')}, and only native X25519 keys are known`
      : identities.tried();
    return wrong(
      `${path} is encrypted by age, and cannot be opened: ${what}`,
      'Pass the identity with --age-identity FILE.',
    );
  }
  const plain = unsealPayload(fileKey, binary.subarray(header.end));
  return plain === undefined ? damaged() : ok({ plain });
}

/** The armored file of age that each of the recipients can open. */
export function encryptAge(plain: Buffer, recipients: readonly Recipient[]): string {
  const { fileKey, header } = wrapFileKey(recipients);
  const binary = Buffer.concat([header, sealPayload(fileKey, plain)]);
  const lines = binary.toString('base64').match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

function withoutArmor(bytes: Buffer): Buffer | undefined {
  if (bytes.subarray(0, VERSION_LINE.length).toString('latin1') === VERSION_LINE) return bytes;
  const lines = bytes.toString('latin1').trim().split(/\r?\n/);
  const inner = lines.slice(1, -1).join('');
  if (lines[0] !== BEGIN || lines.at(-1) !== END || !/^[A-Za-z0-9+/]+={0,2}$/.test(inner)) return undefined;
  const binary = Buffer.from(inner, 'base64');
  return binary.subarray(0, VERSION_LINE.length).toString('latin1') === VERSION_LINE ? binary : undefined;
}

function placeOf(path: string): Span {
  return { source: { path, text: '' }, start: 0, end: 0 };
}
