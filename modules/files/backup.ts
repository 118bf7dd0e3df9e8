import { createHash } from 'node:crypto';
import { type Content, digest } from '../../engine/resources/content.ts';

/**
 * Where the old file is copied to, in Ansible's form `NAME.NUMBER.DATE@TIME~`. What is Ansible's process id there
 * is made from the content here: two backups of one run have two names unless they are the same.
 */
export function backupName(file: string, content: Content, now: number): string {
  const number = createHash('sha256')
    .update(digest(content, 'sha256') ?? '')
    .digest()
    .readUInt32BE(0);
  return `${file}.${number}.${new Date(now).toISOString().slice(0, 19).replace('T', '@')}~`;
}
