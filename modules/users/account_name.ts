/**
 * Why this cannot be the name of a user or a group, or `undefined` if it can. Debian's rule (useradd(8), "CAVEATS"):
 * no dash, plus or tilde first, no colon, comma, slash or white space, and not a number alone.
 */
export function accountNameProblem(name: string): string | undefined {
  if (name === '') return 'a name cannot be empty';
  if (/^\d+$/.test(name)) return `\`${name}\` is a number: a name needs a character that is not a digit`;
  if (/^[-+~]/.test(name)) return `the name \`${name}\` starts with \`${name[0]}\``;
  if (/[\s:,/\0-\x1f\x7f]/.test(name)) {
    return `the name ${JSON.stringify(name)} has a character that no name can have (space, \`:\`, \`,\`, \`/\`)`;
  }
  return undefined;
}
