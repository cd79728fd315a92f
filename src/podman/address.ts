/** IP addresses as hosts and listeners have them. */

/** Node's own parser of IPv6 addresses, loaded only where there are any: it costs 5 ms. */
function net(): typeof import("node:net") {
  return process.getBuiltinModule("node:net");
}

/** 4 or 6; 0 for anything else, as host names are. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (isIpv4(text)) return 4;
  return text.includes(":") && net().isIPv6(text) ? 6 : 0;
}

const IPV4 = /^(?:(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])(?:\.(?=.)|$)){4}$/;

/** Four decimal numbers up to 255, without leading zeros (RFC 6943, section 3.1.1). */
function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** An IP address in its one canonical spelling, so that equal addresses are equal strings. */
export function canonicalIp(address: string): string {
  return ipVersion(address) === 6
    ? new (net().SocketAddress)({ address, family: "ipv6" }).address
    : address;
}

/** The IPv4 address that an IPv4-mapped IPv6 address stands for (RFC 4291, 2.5.5.2); others in their canonical spelling. */
export function unmappedIp(address: string): string {
  return canonicalIp(address).replace(/^::ffff:(?=[0-9]+\.)/i, "");
}

/** Whether a listener at this address is reached at every address of its host. */
export function isWildcard(address: string): boolean {
  return address === "" || address === "*" || address === "0.0.0.0" || address === "::";
}

/** Whether an address, or the name localhost, is that of the host itself. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1" || address === "localhost";
}

/** Whether an address means nothing without an interface: 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291, 2.5.6). */
export function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/i.test(address);
}

/**
 * Whether an address is reached from within one's own networks alone: RFC 1918, RFC 4193, link-local
 * ones, and RFC 6598, which Tailscale uses.
 */
export function isPrivate(address: string): boolean {
  if (ipVersion(address) === 6) return /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i.test(address);
  return /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.)/.test(
    address,
  );
}

/**
 * Whether two listeners on one port get in each other's way: the same address, or a wildcard that
 * covers the other. `[::]` covers IPv4 too, as Linux binds it by default (ipv6(7), bindv6only).
 */
export function addressesOverlap(a: string, b: string): boolean {
  if (a === b) return true;
  return covers(a, b) || covers(b, a);
}

function covers(wildcard: string, address: string): boolean {
  if (wildcard === "0.0.0.0") return ipVersion(address) === 4 || isWildcard(address);
  return isWildcard(wildcard);
}

/** `ADDRESS:PORT` of a listener; the address is canonical, "" for every address. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Parses `192.168.1.2:9444`, `[::1]:9444`, `:9444` or `name:9444`; undefined where it is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9A-Fa-f:]+)\]|([^\s:[\]]*)):([0-9]{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, v6, other = "", digits = ""] = match;
  const port = Number(digits);
  if (port < 1 || port > 65535) return undefined;
  if (v6 !== undefined && ipVersion(v6) !== 6) return undefined;
  // Four numbers that are no address would otherwise pass for a host name.
  if (/^[0-9.]+$/.test(other) && ipVersion(other) !== 4) return undefined;
  return { address: v6 === undefined ? other : canonicalIp(v6), port };
}
