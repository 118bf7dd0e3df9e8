/** Ports as ufw writes them, and the protocol that a service's name brings. */
export interface Ports {
  readonly ports: string;
  readonly protocol: 'any' | 'tcp' | 'udp';
  /** Several ports, or a range. */
  readonly multiple: boolean;
}

/** `22`, `80,443`, `6000:6010`, or the name of a service, which `services` (services(5)) tells the port of. */
export function readPorts(given: string, services: string | undefined): Ports | { readonly failed: string } {
  const text = given.trim();
  if (text === 'any') return { ports: 'any', protocol: 'any', multiple: false };
  const parts = text.split(',');
  if (parts.every((part) => /^\d+(:\d+)?$/.test(part))) return numeric(text, parts);
  if (parts.length > 1 || text.includes(':'))
    return { failed: `\`${text}\`: several ports and ranges are written as numbers` };
  const found = services === undefined ? undefined : serviceOf(text, services);
  return found ?? { failed: `\`${text}\` is neither a port nor a service that /etc/services names` };
}

export function isNamed(given: string): boolean {
  return given !== 'any' && !/^[\d,:\s]*$/.test(given);
}

function numeric(text: string, parts: readonly string[]): Ports | { readonly failed: string } {
  const bad = (why: string) => ({ failed: `\`${text}\`: ${why}` });
  for (const part of parts) {
    const [low = 0, high] = part.split(':').map(Number);
    if ([low, high ?? low].some((port) => port < 1 || port > 65535)) return bad('a port is a number from 1 to 65535');
    if (high !== undefined && low >= high) return bad('a range goes from a lower port to a higher one');
  }
  // iptables-extensions(8), multiport: a range counts as two.
  if (parts.length + (text.split(':').length - 1) > 15)
    return bad('a rule holds 15 ports at most, and a range counts as two');
  const sorted = parts
    .map((part) => part.split(':').map(Number).join(':'))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return { ports: sorted.join(','), protocol: 'any', multiple: parts.length > 1 || text.includes(':') };
}

/** `ssh 22/tcp alias...`: with both protocols, either will do. */
function serviceOf(name: string, services: string): Ports | undefined {
  const found = services.split('\n').flatMap((line) => {
    const [official, port, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [number, protocol] = (port ?? '').split('/');
    return [official, ...aliases].includes(name) && number && protocol ? [{ number, protocol }] : [];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const speaks = (protocol: string) => found.some((one) => one.protocol === protocol);
  const protocol = speaks('tcp') ? (speaks('udp') ? 'any' : 'tcp') : speaks('udp') ? 'udp' : 'any';
  return { ports: first.number, protocol, multiple: false };
}
