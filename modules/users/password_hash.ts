/** Lengths of the digest by the method's id: crypt(5). */
const DIGEST_LENGTH: Readonly<Record<string, number>> = { '1': 22, '5': 43, '6': 86 };

/** Whether the text can be a hash of crypt(3), or one of the marks that let nobody in. Ansible warns by the same rule. */
export function looksHashed(password: string): boolean {
  if (password === '' || ['*', '!', '*************'].includes(password)) return true;
  if (/[:*!]/.test(password)) return false;
  const fields = password.split('$');
  const digest = fields.at(-1) as string;
  if (fields.length < 3 || /[^a-zA-Z0-9./=]/.test(digest)) return false;
  const length = DIGEST_LENGTH[fields[1] as string];
  return length === undefined || digest.length === length;
}
