const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LENGTH = 6;

/** The bytes of a Bech32 text (BIP 173) with this prefix; `undefined`: it is none, or mistyped. */
export function decodeBech32(text: string, prefix: string): Buffer | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  if (!lower.startsWith(`${prefix}1`)) return undefined;
  const values = [...lower.slice(prefix.length + 1)].map((char) => ALPHABET.indexOf(char));
  if (values.length <= CHECKSUM_LENGTH || values.includes(-1)) return undefined;
  if (checksum([...expand(prefix), ...values]) !== 1) return undefined;
  return regroup(values.slice(0, -CHECKSUM_LENGTH));
}

function expand(prefix: string): readonly number[] {
  const codes = [...prefix].map((char) => char.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksum(values: readonly number[]): number {
  return values.reduce((sum, value) => {
    const top = sum >>> 25;
    const next = ((sum & 0x1ffffff) << 5) ^ value;
    return GENERATOR.reduce((mixed, part, bit) => ((top >> bit) & 1 ? mixed ^ part : mixed), next);
  }, 1);
}

/** Groups of five bits as bytes; what is left over must be less than five bits, all of them zero. */
function regroup(values: readonly number[]): Buffer | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const value of values) {
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return bits >= 5 || (held & ((1 << bits) - 1)) !== 0 ? undefined : Buffer.from(bytes);
}
