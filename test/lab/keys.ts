import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './base.ts';
import { must } from './process.ts';

const HOST_KEY_TYPES = ['ed25519', 'ecdsa', 'rsa'] as const;

export const hostKeyFiles = (dir: string): string[] => HOST_KEY_TYPES.map((type) => join(dir, `ssh_host_${type}_key`));

/** A folder with the keys of a host of that name, made once on this machine: an RSA key takes a second. */
export function hostKeys(name: string): Promise<string> {
  return ensureKeys(`host-${name}`, async (dir) => {
    for (const type of HOST_KEY_TYPES) await generate(join(dir, `ssh_host_${type}_key`), type, `root@${name}`);
  });
}

/** The private key that logs in to every host as every user; its `.pub` is beside it. */
export async function clientKey(): Promise<string> {
  return join(await ensureKeys('client', (dir) => generate(join(dir, 'id_ed25519'), 'ed25519', 'lab')), 'id_ed25519');
}

async function ensureKeys(name: string, make: (dir: string) => Promise<void>): Promise<string> {
  const parent = join(CACHE, 'keys');
  const dir = join(parent, name);
  if (existsSync(dir)) return dir;
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const partial = mkdtempSync(join(parent, '.partial-'));
  await make(partial);
  try {
    renameSync(partial, dir);
  } catch (error) {
    rmSync(partial, { recursive: true });
    if (!existsSync(dir)) throw error; // else another was quicker
  }
  return dir;
}

async function generate(file: string, type: string, comment: string): Promise<void> {
  await must(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
}
