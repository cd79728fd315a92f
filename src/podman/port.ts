/** Published ports, in the syntax of `podman run --publish`. */
import { canonicalIp, ipVersion } from "./address.ts";

/** Ports below this one are privileged unless a sysctl says otherwise (ip_unprivileged_port_start). */
export const FIRST_UNPRIVILEGED_PORT = 1024;

/** Ports from first to last, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The protocols that podman publishes ports of. */
export type Protocol = "tcp" | "udp" | "sctp";

/** One `[[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]`: an address is never without the second colon. */
export interface PublishedPort {
  /** The host's address; "" is every address. */
  readonly address: string;
  /** The host's ports; undefined where podman is left to choose. */
  readonly host: PortRange | undefined;
  readonly container: PortRange;
  readonly protocol: Protocol;
}

/**
 * Parses one published port (podman-run(1), --publish).
 * @returns what is wrong with it, as a text that follows "…: ", where it is none.
 */
export function parsePublishedPort(text: string): PublishedPort | string {
  const match =
    /^(?:(?:\[([^\]]*)\]|([^:[\]]+)):(?=[0-9-]*:))?(?:([0-9-]*):)?([0-9-]+)(?:\/([a-z]+))?$/.exec(
      text,
    );
  if (match === null) return malformed(text);
  const [, v6, v4 = "", hostText = "", containerText = "", protocolText = "tcp"] = match;
  const address = v6 ?? v4;
  // podman knows no zones: fe80::1%eth0.
  if (v6 !== undefined && (ipVersion(v6) !== 6 || v6.includes("%"))) {
    return `[${v6}] is no IPv6 address`;
  }
  if (v6 === undefined && v4 !== "" && ipVersion(v4) !== 4) return `${v4} is no IPv4 address`;
  const container = parseRange(containerText);
  if (typeof container === "string") return container;
  const host = hostText === "" ? undefined : parseRange(hostText);
  if (typeof host === "string") return host;
  if (host !== undefined && size(host) !== size(container)) {
    return `${hostText} and ${containerText} are not the same number of ports`;
  }
  if (!isProtocol(protocolText)) return `${protocolText} is no protocol; write tcp, udp or sctp`;
  return {
    address: address === "" ? "" : canonicalIp(address),
    host,
    container,
    protocol: protocolText,
  };
}

/** What is wrong with the form; of an address and one port it is what podman refuses too. */
function malformed(text: string): string {
  const [, bare = "", ports = ""] =
    /^([0-9A-Fa-f:.]*):([0-9-]+:[0-9-]+(?:\/.*)?)$/.exec(text) ?? [];
  if (ipVersion(bare) === 6)
    return `write [${bare}]:${ports}, with brackets around the IPv6 address`;
  const [, address = "", port = ""] = /^(\[[^\]]*\]|[^:[\]]+):([0-9-]+)/.exec(text) ?? [];
  return ipVersion(address.replace(/^\[|\]$/g, "")) === 0
    ? "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"
    : `after an address stand the host's port and the container's: ${address}:${port}:${port}`;
}

function parseRange(text: string): PortRange | string {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  if (match === null) return `${text} is no port`;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  if (first < 1 || last > 65535) return `${text} is not within 1 to 65535`;
  if (last < first) return `${text} ends before it begins`;
  return { first, last };
}

function size(range: PortRange): number {
  return range.last - range.first;
}

function isProtocol(text: string): text is Protocol {
  return text === "tcp" || text === "udp" || text === "sctp";
}

/** Whether two ranges have a port in common. */
export function rangesOverlap(a: PortRange, b: PortRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether every port of a range is in one of the others. */
export function isCovered({ first, last }: PortRange, others: readonly PortRange[]): boolean {
  let next = first;
  for (const other of [...others].sort((a, b) => a.first - b.first)) {
    if (other.first > next) break;
    next = Math.max(next, other.last + 1);
  }
  return next > last;
}

/** "53" or "8000-8010". */
export function rangeText(range: PortRange): string {
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
}
