/** A block of addresses, with what matters for a firewall. */
export interface CidrBlock {
  readonly version: 4 | 6;
  readonly prefixLength: number;
  /** First byte (IPv4) or first two bytes (IPv6) of the address. */
  readonly firstGroup: number;
}

/**
 * Longest prefixes that still count as opening to the internet: 0.0.0.0/0 is also written as two halves. The largest private block of
 * IPv4 is 10.0.0.0/8; nobody's own IPv6 network is as large as a /16, but for unique local addresses (fc00::/7).
 */
const PUBLIC_BELOW = { 4: 8, 6: 16 } as const;

/** Parses `10.0.0.0/16` or `2001:db8::/32`; undefined for anything else. */
export function parseCidr(text: string): CidrBlock | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefixLength = Number(length);
  const version = address.includes(':') ? 6 : 4;
  const groups = version === 4 ? parseIpv4(address) : parseIpv6(address);
  if (groups === undefined || prefixLength > (version === 4 ? 32 : 128)) return undefined;
  return { version, prefixLength, firstGroup: groups[0] ?? 0 };
}

/** True for blocks so large that they are the internet rather than somebody's network. */
export function opensToInternet({ version, prefixLength, firstGroup }: CidrBlock): boolean {
  const isUniqueLocal = version === 6 && prefixLength >= 7 && (firstGroup & 0xfe00) === 0xfc00;
  return prefixLength < PUBLIC_BELOW[version] && !isUniqueLocal;
}

function parseIpv4(address: string): readonly number[] | undefined {
  const parts = address.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? parts.map(Number) : undefined;
}

function parseIpv6(address: string): readonly number[] | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = [...head, ...tail];
  if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - given.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<string>(missing).fill('0'), ...tail].map((group) => Number.parseInt(group, 16));
}
