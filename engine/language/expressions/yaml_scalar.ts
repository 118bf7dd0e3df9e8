import { resolvePlain } from '../yaml_core.ts';

/** In which styles a text can stand (libyaml, emitter.c: yaml_emitter_analyze_scalar). */
export interface ScalarAnalysis {
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
}

const BREAK = /[\n\x85\u2028\u2029]/;
const SPECIAL = /[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd]|\ufeff/u;

export function analyzeScalar(text: string): ScalarAnalysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true };
  const multiline = BREAK.test(text);
  const edges = /^[ \n\x85\u2028\u2029]|[ \n\x85\u2028\u2029]$/.test(text);
  const breakSpace = /[\n\x85\u2028\u2029] /.test(text);
  const noQuotes = SPECIAL.test(text) || / [\n\x85\u2028\u2029]/.test(text) || breakSpace;
  const plain = !multiline && !edges && !noQuotes;
  return {
    multiline,
    flowPlain: plain && !hasFlowIndicator(text),
    blockPlain: plain && !hasBlockIndicator(text),
    singleQuoted: !noQuotes,
  };
}

function hasFlowIndicator(text: string): boolean {
  return hasBlockIndicator(text) || /^[?:]/.test(text) || /.[,?[\]{}:]/s.test(text);
}

function hasBlockIndicator(text: string): boolean {
  return (
    /^(?:---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](?:[\0 \t\r\n\x85\u2028\u2029]|$)/.test(text) ||
    /.:(?:[\0 \t\r\n\x85\u2028\u2029]|$)/s.test(text) ||
    /[\0 \t\r\n\x85\u2028\u2029]#/.test(text)
  );
}

const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP =
  /^\d{4}-\d\d-\d\d$|^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/;

/** Whether YAML 1.1 would take the plain text for something other than a text. */
export function looksTyped(text: string): boolean {
  return (
    typeof resolvePlain(text) !== 'string' ||
    /^[=<]$|^<<$/.test(text) ||
    SEXAGESIMAL.test(text) ||
    TIMESTAMP.test(text) ||
    /^[-+]?(?:0b[01_]+|0[0-7_]+|(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+)$/.test(text)
  );
}
