import { spawn } from 'node:child_process';

/**
 * Runs `work` while no other process of this machine holds `file`. flock(1) holds it on our behalf and lets go when
 * our end of its pipe closes, also if this process is killed.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number>((resolve, reject) => {
    holder.once('error', reject);
    holder.once('close', (code) => resolve(code ?? 128));
  });
  const held = new Promise<void>((resolve) => holder.stdout.once('data', () => resolve()));
  await Promise.race([held, ended.then((code) => Promise.reject(new Error(`flock ${file}: exit ${code}`)))]);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
