import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReadStream, WriteStream } from 'node:tty';
import { error, fail, ok, type Result } from '../language/diagnostics.ts';

/** Asks on the terminal; anything but `y` and `yes`, Ctrl-C and Ctrl-D included, is a no. */
export async function confirm(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await new Promise<string>((resolve) => {
      asking.once('close', () => resolve(''));
      asking.once('SIGINT', () => resolve(''));
      asking.question(`${question} [y/N] `, resolve);
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}

/**
 * Asks for a secret on the controlling terminal itself, whatever stdin is, and shows nothing of what is typed.
 * Fails where there is no terminal.
 */
export async function askSecret(prompt: string): Promise<Result<string>> {
  const what = prompt.replace(/:\s*$/, '');
  const file = openTerminal();
  if (file === undefined) {
    const hint = 'Run it at a terminal, or set the password as a variable (ansible_password, ansible_become_password).';
    return fail(error('option', `there is no terminal to ask for "${what}"`, undefined, hint));
  }
  const input = new ReadStream(file);
  const output = new WriteStream(file);
  // Silent first: who types as soon as there is a prompt must not see it on the screen.
  input.setRawMode(true);
  output.write(prompt);
  input.setEncoding('utf8');
  let secret: string | undefined;
  try {
    secret = await typed(input);
  } finally {
    input.setRawMode(false);
    output.write('\n');
    input.destroy();
    output.destroy();
  }
  if (secret !== undefined) return ok(secret);
  // A raw terminal sends no signal: Ctrl-C is to do here what it does everywhere.
  process.kill(process.pid, 'SIGINT');
  return fail(error('option', `interrupted while asking for "${what}"`));
}

function openTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
}

/** Reads a line from a raw terminal: what the keys of line editing do is done here. `undefined`: Ctrl-C. */
function typed(input: ReadStream): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = '';
    input.on('error', reject);
    input.on('end', () => resolve(text));
    input.on('data', (chunk) => {
      for (const char of String(chunk)) {
        if (char === '\r' || char === '\n' || char === '\u0004') return resolve(text);
        if (char === '\u0003') return resolve(undefined);
        if (char === '\u007f' || char === '\b') text = [...text].slice(0, -1).join('');
        else if (char === '\u0015') text = '';
        else text += char;
      }
    });
  });
}
