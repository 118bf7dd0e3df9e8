import { Float } from './values.ts';

export type YamlValue = null | boolean | number | Float | string;

/**
 * Types of scalars as PyYAML resolves them (yaml/resolver.py, YAML 1.1): `1e3` and `0o17` are strings,
 * `0644` is octal, `1_000` a number. Sexagesimal numbers and timestamps are left out on purpose.
 */
const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT = /^[-+]?(?:0b[0-1_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$/;
const FLOAT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
const INFINITE = /^([-+]?)\.(?:inf|Inf|INF)$/;
const NAN = /^\.(?:nan|NaN|NAN)$/;

export function resolvePlain(text: string): YamlValue {
  if (NULL.test(text)) return null;
  // Most scalars are words: the first character tells whether a number is possible at all.
  if (/^[-+.0-9]/.test(text)) return parseInteger(text) ?? parseFloating(text) ?? text;
  return BOOL.test(text) ? TRUE.test(text) : text;
}

/** `undefined`: not a value of that type, or no such type. */
export function resolveTagged(tag: string, text: string): YamlValue | undefined {
  switch (tag) {
    case 'tag:yaml.org,2002:str':
      return text;
    case 'tag:yaml.org,2002:int':
      return parseInteger(text);
    case 'tag:yaml.org,2002:float':
      return parseFloating(text) ?? parseInteger(text);
    case 'tag:yaml.org,2002:bool':
      return BOOL.test(text) ? TRUE.test(text) : undefined;
    case 'tag:yaml.org,2002:null':
      return NULL.test(text) ? null : undefined;
    default:
      return undefined;
  }
}

/** `undefined` also for what a double cannot hold exactly: better a string than a wrong number. */
function parseInteger(text: string): number | undefined {
  if (!INT.test(text)) return undefined;
  const digits = text.replace(/_/g, '').replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits);
  const size = Number(octal ? `0o${digits.slice(1)}` : digits);
  if (!Number.isSafeInteger(size)) return undefined;
  return text.startsWith('-') && size !== 0 ? -size : size;
}

function parseFloating(text: string): number | Float | undefined {
  if (FLOAT.test(text)) {
    const value = Number(text.replace(/_/g, ''));
    return Number.isInteger(value) ? new Float(value) : value;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return NAN.test(text) ? Number.NaN : undefined;
}
