/** Of a text of several lines, the lines from this length on are secrets by themselves: `}` and `end` are not. */
const LEAST_LINE = 6;

/** What ends a line, or is printed as an escape: what stands between is printed as it is. */
const BREAKS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/;

/** All texts of at least `least` characters that show a secret: itself, its lines, and both as programs write them. */
export function formsOf(secret: string, least: number): ReadonlySet<string> {
  const forms = new Set<string>();
  const lines = secret.split(BREAKS).map((line) => line.trim());
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= LEAST_LINE) : [];
  for (const text of [secret, secret.trim(), ...parts]) {
    for (const form of written(text)) if (form.length >= least) forms.add(form);
  }
  return forms;
}

function* written(text: string): Iterable<string> {
  yield text;
  const bytes = Buffer.from(text, 'utf8');
  for (const inner of base64Inside(bytes)) {
    yield inner;
    yield inner.replaceAll('+', '-').replaceAll('/', '_');
  }
  for (const encoded of urlEncoded(bytes)) {
    yield encoded;
    yield encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  }
  const json = JSON.stringify(text).slice(1, -1);
  yield json;
  yield json.replace(/[^\u0000-\u007f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  yield* quoted(text);
}

/**
 * What is the same in the base64 (RFC 4648) of everything that holds the bytes: wherever they begin in a group of
 * three, the characters that hold bits of theirs and of nothing else.
 */
function* base64Inside(bytes: Buffer): Iterable<string> {
  for (const before of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    yield whole.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
  }
}

/** Characters that stay in a URL: RFC 3986's, JavaScript's, Python's and Jinja's, and those of a form. */
const UNTOUCHED = [/[A-Za-z0-9_.~-]/, /[A-Za-z0-9_.~!'()*-]/, /[A-Za-z0-9_.~/-]/, /[A-Za-z0-9_.*-]/];

function* urlEncoded(bytes: Buffer): Iterable<string> {
  for (const kept of UNTOUCHED) {
    const text = [...bytes].map((byte) => {
      const char = String.fromCharCode(byte);
      return byte < 0x80 && kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    });
    yield text.join('');
    yield text.join('').replaceAll('%20', '+');
  }
}

/** As a shell quotes (ours, Python's `shlex`, bash's `%q`), and YAML and SQL. */
function* quoted(text: string): Iterable<string> {
  yield text.replaceAll("'", "'\\''");
  yield text.replaceAll("'", `'"'"'`);
  yield text.replaceAll("'", "''");
  yield text.replace(/[^A-Za-z0-9_./:@%+,=-]/g, '\\$&');
}
