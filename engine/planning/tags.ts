/** What `--tags` and `--skip-tags` say. */
export interface TagFilter {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Whether a task with these tags (inherited ones included) runs. Ansible: "Selecting or skipping tags". */
export function selected(tags: readonly string[], filter: TagFilter): boolean {
  const wanted =
    filter.only.length === 0
      ? !tags.includes('never')
      : tags.includes('always') && !filter.skip.includes('always')
        ? true
        : filter.only.some((tag) => matches(tag, tags));
  return wanted && !filter.skip.some((tag) => matches(tag, tags));
}

function matches(tag: string, tags: readonly string[]): boolean {
  if (tag === 'all') return !tags.includes('never');
  if (tag === 'tagged') return tags.some((t) => t !== 'never' && t !== 'always');
  if (tag === 'untagged') return tags.every((t) => t === 'never' || t === 'always');
  return tags.includes(tag);
}
