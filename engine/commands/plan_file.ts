import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TaskRecord } from '../applying/plan_record.ts';
import { error, fail, ok, type Result } from '../language/diagnostics.ts';
import { shownPath, unreadable } from '../language/source.ts';
import { moment } from '../planning/moment.ts';
import { replaceFile } from '../vault/replace_file.ts';
import { VERSION } from '../version.ts';
import { MAGIC } from './is_plan_file.ts';

/**
 * A saved plan: a line with the format, the name of the key and a salt, then the plan as JSON, sealed with AES-256-GCM
 * (NIST SP 800-38D) over that line. Who lacks the key reads nothing, and a byte that was changed is found. What comes
 * from hosts and files is in it by digests only. The keys come from the user's own and the salt (HKDF, RFC 5869).
 */
export interface SavedPlan<Given> {
  /** Of the program. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly expiresAt: number;
  /** User and machine. */
  readonly by: string;
  /** Where the user stood. */
  readonly directory: string;
  /** Each file that was read, with its digest. Paths are relative to `directory` where they lie below it. */
  readonly files: Readonly<Record<string, string>>;
  /** Digest of the plays: their hosts, in their batches. */
  readonly plays: string;
  readonly hosts: Readonly<Record<string, readonly TaskRecord[]>>;
  /** Of the command line. */
  readonly given: Given;
}

const FORMAT = 1;
const HEAD = /^runbook-plan (\d+) ([0-9a-f]{16}) ([0-9a-f]{32})\n/;
/** As much of a file as holds the line. */
const HEAD_BYTES = 100;

/** The keys of one file. */
export interface PlanKeys {
  /** Tells which of a user's keys it was, without telling it. */
  readonly name: string;
  readonly salt: string;
  readonly seal: Buffer;
  digest(value: string | Uint8Array): string;
}

export function planKeys(key: Buffer, salt: string = randomBytes(16).toString('hex')): PlanKeys {
  const derive = (use: string, from: string) => Buffer.from(hkdfSync('sha256', key, from, `${MAGIC} ${use}`, 32));
  const digests = derive('digest', salt);
  return {
    name: derive('name', '').toString('hex', 0, 8),
    salt,
    seal: derive('seal', salt),
    digest: (value) => createHmac('sha256', digests).update(value).digest('base64url').slice(0, 22),
  };
}

/** Whole or not at all, and for nobody else to read. */
export function writePlan<Given>(path: string, plan: SavedPlan<Given>, keys: PlanKeys): void {
  const head = `${MAGIC} ${FORMAT} ${keys.name} ${keys.salt}\n`;
  replaceFile(path, Buffer.concat([Buffer.from(head), seal(JSON.stringify(plan), head, keys.seal)]), 0o600);
}

interface OpenedPlan<Given> {
  readonly plan: SavedPlan<Given>;
  readonly keys: PlanKeys;
}

/** Refuses what is not as it was written, is too old, or was made by another version. */
export function openPlan<Given>(path: string, key: Buffer, now: number): Result<OpenedPlan<Given>> {
  const refuse = (what: string, hint = 'Plan again.') =>
    fail(error('file', `${shownPath(path)} ${what}`, undefined, hint));
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    return fail(unreadable(path, thrown as NodeJS.ErrnoException));
  }
  const [head, format, name, salt] = HEAD.exec(bytes.toString('latin1', 0, HEAD_BYTES)) ?? [];
  if (format !== undefined && format !== String(FORMAT)) {
    return refuse(`is a plan of format ${format}; this program knows format ${FORMAT}`);
  }
  const broken = 'is not as it was written: it is damaged, or somebody has changed it';
  if (head === undefined || salt === undefined) return refuse(broken);
  const keys = planKeys(key, salt);
  if (name !== keys.name) {
    return refuse('was sealed with another key than yours', 'A plan is applied by the user who made it. Plan again.');
  }
  const text = unseal(bytes.subarray(head.length), head, keys.seal);
  if (text === undefined) return refuse(broken);
  const plan = JSON.parse(text) as SavedPlan<Given>;
  if (plan.version !== VERSION) return refuse(`was made by runbook ${plan.version}; this is runbook ${VERSION}`);
  if (now >= plan.expiresAt) return refuse(`has expired: it held until ${moment(plan.expiresAt)}`);
  return ok({ plan, keys });
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function seal(text: string, head: string, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(head));
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

/** `undefined`: it was not sealed so. */
function unseal(bytes: Buffer, head: string, key: Buffer): string | undefined {
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
  if (tag.length < TAG_BYTES) return undefined;
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(head)).setAuthTag(tag);
  try {
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
