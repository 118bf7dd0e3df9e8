/** An address of an interface, from a line of `ip -o addr show`. */
export type Address = {
  readonly device: string;
  readonly address: string;
  /** Length, in decimal. */
  readonly prefix: string;
  readonly scope: string;
  readonly secondary: boolean;
} & (
  | { readonly family: 'inet6' }
  | {
      readonly family: 'inet';
      /** The interface's name, or an alias such as `eth0:1`. */
      readonly label: string;
      readonly broadcast: string;
      readonly netmask: string;
      readonly network: string;
    }
);

export interface Route {
  readonly interface?: string;
  readonly gateway?: string;
  readonly address?: string;
}

export function readAddresses(lines: readonly string[]): readonly Address[] {
  return lines.flatMap((line): readonly Address[] => {
    const [, device, family, rest] = /^\d+: (\S+)\s+(inet6?) ([^\\]*)/.exec(line) ?? [];
    if (device === undefined || rest === undefined) return [];
    const words = rest.trim().split(/\s+/);
    const [address = '', prefix] = (words[0] ?? '').split('/');
    const scope = after(words, 'scope') ?? '';
    const secondary = words.includes('secondary');
    if (family === 'inet6') {
      const length = prefix ?? after(words, 'peer')?.split('/')[1] ?? '128';
      return [{ family: 'inet6', device, address, prefix: length, scope, secondary }];
    }
    const length = Number(prefix ?? '32');
    const bits = quad(address);
    if (bits === undefined || !(length >= 0 && length <= 32)) return [];
    const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
    return [
      {
        family: 'inet',
        device,
        address,
        prefix: String(length),
        scope,
        secondary,
        label: words.at(-1) as string,
        broadcast: (prefix === undefined ? undefined : after(words, 'brd')) ?? '',
        netmask: dotted(mask),
        network: dotted((bits & mask) >>> 0),
      },
    ];
  });
}

/** What `ip route get` says of the way to an address. */
export function readRoute(lines: readonly string[], target: string): Route | undefined {
  const words = lines.find((line) => line.startsWith(`${target} `))?.split(/\s+/);
  if (words === undefined) return undefined;
  const [device, gateway, address] = ['dev', 'via', 'src'].map((word) => after(words, word));
  return {
    ...(device !== undefined && { interface: device }),
    ...(gateway !== undefined && { gateway }),
    ...(address !== undefined && { address }),
  };
}

function after(words: readonly string[], word: string): string | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}

function quad(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
