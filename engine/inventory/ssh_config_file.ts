import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { globPattern } from './glob.ts';
import { HONOURED } from './ssh_options.ts';

/** A stretch of ssh_config(5) that holds for the same hosts. */
export interface ConfigBlock {
  /** Whether it may hold for a host of that name. Of a `Match` that only ssh can judge: always. */
  concerns(host: string): boolean;
  /** What it sets that changes how a host is reached: names of options in lower case. */
  readonly keys: Set<string>;
  /** What it sets may differ from host to host though it holds for both: a token such as `%h`, or a `Match`. */
  varies: boolean;
}

const RELEVANT: ReadonlySet<string> = new Set(HONOURED.map((name) => name.toLowerCase()));

const DEPTH_LIMIT = 16;

interface Reader {
  readonly home: string;
  /** Where relative paths of Include start: `~/.ssh` or `/etc/ssh`. */
  readonly directory: string;
  readonly blocks: ConfigBlock[];
}

/**
 * The blocks of an ssh_config(5) file and of the files it includes, just well enough to tell for which hosts ssh
 * itself must be asked; in doubt a host is concerned. A file that cannot be read has none. Never throws.
 */
export function readConfigBlocks(path: string, directory: string, home: string): readonly ConfigBlock[] {
  const reader: Reader = { home, directory, blocks: [] };
  readFile(
    reader,
    path,
    newBlock(reader, () => true),
    0,
  );
  return reader.blocks.filter((block) => block.keys.size > 0);
}

function newBlock(reader: Reader, concerns: ConfigBlock['concerns'], varies = false): ConfigBlock {
  const block: ConfigBlock = { concerns, keys: new Set(), varies };
  reader.blocks.push(block);
  return block;
}

function readFile(reader: Reader, path: string, outer: ConfigBlock, depth: number): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  let block = outer;
  for (const line of text.split('\n')) {
    const found = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*)$/.exec(line);
    if (found === null) continue;
    const [, keyword = '', rest = ''] = found;
    const key = keyword.toLowerCase();
    if (key === 'host') {
      block = newBlock(reader, hostMatcher(wordsOf(rest)));
    } else if (key === 'match') {
      block = matchBlock(reader, wordsOf(rest));
    } else if (key === 'include') {
      if (depth >= DEPTH_LIMIT) continue;
      // What stands in an included file before its first Host belongs to the block of the Include.
      for (const inner of wordsOf(rest).flatMap((word) => included(reader, word))) {
        readFile(reader, inner, block, depth + 1);
      }
    } else if (key === 'canonicalizehostname') {
      block.keys.add('hostname');
      block.varies = true;
    } else if (RELEVANT.has(key)) {
      block.keys.add(key);
      block.varies ||= key === 'hostname' || /%[^%]/.test(rest);
    }
  }
}

/** Words as ssh takes them apart: blanks, double quotes, and a comment behind them. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [all, quoted] of text.matchAll(/"([^"]*)"?|[^\s"]+/g)) {
    if (all.startsWith('#')) break;
    words.push(quoted ?? all);
  }
  return words;
}

/** One pattern must match, and none with a `!` in front (ssh_config(5), PATTERNS). */
function hostMatcher(patterns: readonly string[]): ConfigBlock['concerns'] {
  const positive = patterns.filter((pattern) => !pattern.startsWith('!')).map(matches);
  const negative = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => matches(pattern.slice(1)));
  return (host) => positive.some((match) => match(host)) && !negative.some((match) => match(host));
}

function matches(pattern: string): (host: string) => boolean {
  const regex = globPattern(pattern.replaceAll('[', '?'));
  return (host) => regex === undefined || regex.test(host);
}

function matchBlock(reader: Reader, words: readonly string[]): ConfigBlock {
  const [criterion = '', patterns = ''] = words;
  if (criterion.toLowerCase() === 'all') return newBlock(reader, () => true);
  // `host` is matched against what HostName made of it, which a block before this one may have changed.
  if (/^originalhost$/i.test(criterion) && words.length === 2) {
    return newBlock(reader, hostMatcher(patterns.split(',')));
  }
  return newBlock(reader, () => true, true);
}

function included(reader: Reader, word: string): readonly string[] {
  const path = word.startsWith('~/') ? join(reader.home, word.slice(2)) : word;
  const full = isAbsolute(path) ? path : join(reader.directory, path);
  return expandGlob(full);
}

/** Paths that match a glob(7) pattern, sorted; hidden files only where the pattern says so. */
function expandGlob(pattern: string): readonly string[] {
  let paths: readonly string[] = ['/'];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    if (!/[*?[]/.test(part)) {
      paths = paths.map((path) => join(path, part));
      continue;
    }
    const regex = globPattern(part);
    paths = paths.flatMap((path) =>
      list(path)
        .filter((name) => regex?.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map((name) => join(path, name)),
    );
  }
  return paths;
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
