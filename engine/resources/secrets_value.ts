/**
 * A file with secrets that the host itself has drawn: all that may be known of them elsewhere. What they are stays on
 * the host, in the file and beside it in FILE.secrets (0600), which also has their ages and the old values that still
 * count. Plain data.
 */
export interface SecretsValue {
  /** Missing where the file is. */
  readonly mode?: number;
  readonly owner?: string;
  readonly group?: string;
  readonly ids?: { readonly uid: number; readonly gid: number };
  /** The file's text with `@{NAME}` and `@{NAME.previous}` in the place of secrets. */
  readonly template: string;
  readonly entries: { readonly [name: string]: SecretEntry };
  /** Whether the file is the template filled in. */
  readonly file: 'whole' | 'edited' | 'missing';
  /** A rotation has been begun and not come to its end. */
  readonly unfinished: boolean;
  /** Where the file is not ours yet: names that it sets, as `NAME=value`. */
  readonly foreign?: readonly string[];
}

export interface SecretEntry {
  /** Counts up with each value. */
  readonly version: number;
  /** Since when it is so, in seconds since 1970 by the host's clock. Missing while it is only to be made. */
  readonly made?: number;
  /** The name that takes turns with it, and its value: no secret. `undefined`: as the file has it that is taken over. */
  readonly turn?: { readonly name: string; readonly value?: string };
  /** The value before, while it still counts, and since when it no longer is the one. */
  readonly previous?: { readonly version: number; readonly retired?: number };
  /** It is to be taken over from the file that is there. */
  readonly adopted?: true;
}
