import picocolors from 'picocolors';

/** What each kind of text looks like; without colour all of them are the text itself. */
export interface Style {
  readonly add: (text: string) => string;
  readonly remove: (text: string) => string;
  readonly change: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly place: (text: string) => string;
}

export function createStyle(color: boolean): Style {
  const c = picocolors.createColors(color);
  return {
    add: c.green,
    remove: c.red,
    change: c.yellow,
    bad: c.red,
    good: c.green,
    strong: c.bold,
    faint: c.dim,
    place: c.cyan,
  };
}
