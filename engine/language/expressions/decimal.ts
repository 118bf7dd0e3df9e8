/**
 * Doubles as exact decimals, so that rounding and printing agree with Python's to the last digit: half to even
 * (`round(2.5)` is 2) on the exact value (`2.675` is a little less than it looks).
 */

interface Exact {
  /** |x| is digits / 10^scale. */
  readonly digits: bigint;
  readonly scale: number;
}

function exact(x: number): Exact {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const power = (exponent === 0 ? 1 : exponent) - 1075;
  if (power >= 0) return { digits: mantissa << BigInt(power), scale: 0 };
  return { digits: mantissa * 5n ** BigInt(-power), scale: -power };
}

/** |x| * 10^places as an integer, half to even. */
function scaled(x: number, places: number): bigint {
  const { digits, scale } = exact(x);
  if (places >= scale) return digits * 10n ** BigInt(places - scale);
  const divisor = 10n ** BigInt(scale - places);
  const whole = digits / divisor;
  const rest = (digits % divisor) * 2n;
  return rest > divisor || (rest === divisor && whole % 2n === 1n) ? whole + 1n : whole;
}

function sign(x: number): string {
  return x < 0 || Object.is(x, -0) ? '-' : '';
}

/** `%.2f`: a finite number with that many places. */
export function fixed(x: number, places: number): string {
  const text = scaled(x, places)
    .toString()
    .padStart(places + 1, '0');
  const point = text.length - places;
  return sign(x) + (places === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`);
}

/** `%.2e`: one digit, the point, that many places, and an exponent of two digits at least. */
export function exponential(x: number, places: number): string {
  const { digits, scale } = exact(x);
  let exponent = x === 0 ? 0 : digits.toString().length - 1 - scale;
  let text = x === 0 ? '0'.repeat(places + 1) : scaled(x, places - exponent).toString();
  if (text.length > places + 1) {
    exponent += 1;
    text = scaled(x, places - exponent).toString();
  }
  const mantissa = places === 0 ? text : `${text.charAt(0)}.${text.slice(1)}`;
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign(x)}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** `%.6g`: fixed or exponential, whichever is shorter, without zeros at the end unless `keepZeros`. */
export function general(x: number, significant: number, keepZeros = false): string {
  const digits = Math.max(1, significant);
  const exponent = Number(exponential(x, digits - 1).split('e')[1]);
  const isFixed = exponent >= -4 && exponent < digits;
  const text = isFixed ? fixed(x, digits - 1 - exponent) : exponential(x, digits - 1);
  if (keepZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(?=e|$)/, '');
}

/** Python's round(x, places); places may be negative. */
export function roundTo(x: number, places: number): number {
  if (!Number.isFinite(x) || places > 330) return x;
  if (places >= 0) return Number(fixed(x, places));
  if (places < -310) return 0;
  const unit = 10n ** BigInt(-places);
  const { digits, scale } = exact(x);
  const divisor = unit * 10n ** BigInt(scale);
  const rest = (digits % divisor) * 2n;
  const whole = digits / divisor;
  const rounded = rest > divisor || (rest === divisor && whole % 2n === 1n) ? whole + 1n : whole;
  return Math.sign(x) * Number(rounded * unit);
}
