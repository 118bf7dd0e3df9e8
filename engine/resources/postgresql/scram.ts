import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * What PostgreSQL keeps of a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5802, RFC
 * 7677; pg_authid in PostgreSQL's documentation), or `md5` and the digest of password and name.
 */
const SCRAM = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;
const MD5 = /^md5[0-9a-f]{32}$/;
const SALT_LENGTH = 16;
const DEFAULT_ITERATIONS = 4096;
/** More than any server of good faith asks for, and no more than a second. */
const MOST_ITERATIONS = 1_000_000;

export interface PasswordRule {
  /** The server's `password_encryption`. */
  readonly encryption: string;
  /** The server's `scram_iterations`, which PostgreSQL 16 brought. */
  readonly iterations?: number;
}

/** Whether the text is a password as PostgreSQL keeps it, and not the password itself. */
export function isVerifier(text: string): boolean {
  return SCRAM.test(text) || MD5.test(text);
}

/**
 * What to keep of `password` for a role: what is kept already where that is of this password and made by the method
 * that the server is set to, else a new verifier. The password itself never reaches the server.
 */
export function verifierFor(password: string, role: string, stored: string | null, rule: PasswordRule): string {
  if (isVerifier(password)) return password;
  const md5 = rule.encryption === 'md5';
  const scram = stored === null ? null : SCRAM.exec(stored);
  if (scram !== null && Number(scram[1]) <= MOST_ITERATIONS) {
    const again = scramVerifier(password, Buffer.from(scram[2] as string, 'base64'), Number(scram[1]));
    if (equal(again, stored as string)) return stored as string;
  }
  if (md5) return md5Verifier(password, role);
  return scramVerifier(password, newSalt(password, role), rule.iterations ?? DEFAULT_ITERATIONS);
}

/** The same for every look of a run, so that what was planned is what is done; nobody can know it before. */
const KEY = randomBytes(32);

function newSalt(password: string, role: string): Buffer {
  return createHmac('sha256', KEY).update(`${role}\0${password}`).digest().subarray(0, SALT_LENGTH);
}

function scramVerifier(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function md5Verifier(password: string, role: string): string {
  return `md5${createHash('md5').update(`${password}${role}`).digest('hex')}`;
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** RFC 4013, 2.1: other spaces become the space, and these become nothing. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;
/** RFC 4013, 2.3 */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Cn}\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u206a-\u206f\ufff9-\ufffd\u2ff0-\u2ffb\u{e0001}\u{e0020}-\u{e007f}]/u;

/** SASLprep; what it refuses PostgreSQL takes as it is, byte for byte. */
function prepared(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password;
  const normal = password.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC');
  return normal === '' || PROHIBITED.test(normal) ? password : normal;
}
