/** An element of XML, or of the HTML that the report is written in: every tag closed, every attribute quoted. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

const VOID = new Set(['meta', 'input', 'br', '!doctype']);
const RAW = new Set(['style', 'script']);
const TAG = /^<(\/?)([!A-Za-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*>/;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Throws where the text is not as strict as it is to be: a hole that was not escaped does not pass. */
export function parseMarkup(text: string): Element {
  type Open = { name: string; attributes: Record<string, string>; children: (Element | string)[] };
  const root: Open = { name: '', attributes: {}, children: [] };
  const stack: Open[] = [root];
  let rest = text.replace(/^<\?xml [^?]*\?>\n/, '').replace(/<!-- runbook report [\w.]+ -->\n/, '');
  while (rest !== '') {
    const top = stack.at(-1) as Open;
    const words = /^[^<]+/.exec(rest)?.[0];
    if (words !== undefined) {
      top.children.push(decoded(words));
      rest = rest.slice(words.length);
      continue;
    }
    const tag = TAG.exec(rest);
    if (tag === null) throw new Error(`no tag: ${rest.slice(0, 80)}`);
    rest = rest.slice(tag[0].length);
    const name = (tag[2] as string).toLowerCase();
    if (tag[1] === '/') {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      stack.pop();
      continue;
    }
    const element: Open = { name, attributes: attributesOf(tag[3] ?? ''), children: [] };
    top.children.push(element);
    if (VOID.has(name)) continue;
    if (RAW.has(name)) {
      const end = rest.indexOf(`</${name}>`);
      element.children.push(rest.slice(0, end));
      rest = rest.slice(end + name.length + 3);
    } else stack.push(element);
  }
  if (stack.length !== 1) throw new Error(`<${stack.at(-1)?.name}> stays open`);
  return root;
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name, decoded(value ?? '')]));
}

function decoded(text: string): string {
  const illegal = /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[<>\u202a-\u202e]/u.exec(text);
  if (illegal !== null) throw new Error(`a character that is not to be there: ${JSON.stringify(illegal[0])}`);
  return text.replace(/&([^;\s]*);?/g, (_, name: string) => {
    const char = ENTITIES[name];
    if (char === undefined) throw new Error(`a bare &: ${text}`);
    return char;
  });
}

export function elements(of: Element, name: string): readonly Element[] {
  return of.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...elements(child, name)],
  );
}

export function textOf(of: Element): string {
  return of.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}
