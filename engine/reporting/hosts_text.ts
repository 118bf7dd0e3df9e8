/** Hosts in a few words: all of them by count, few by name, many by the first and a number. */
export function hostsText(hosts: readonly string[], all: number, verbose: boolean): string {
  if (hosts.length === all && all > 1) return `all ${all} hosts`;
  if (verbose || hosts.length <= MOST_NAMES) return hosts.join(', ');
  return `${hosts.slice(0, MOST_NAMES - 1).join(', ')} and ${hosts.length - MOST_NAMES + 1} more`;
}

const MOST_NAMES = 4;
