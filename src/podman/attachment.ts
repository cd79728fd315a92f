/** Networks that a container is attached to, in the syntax of `podman run --network`. */
import { canonicalIp, ipVersion } from "./address.ts";

/** One `NAME[:OPTION=VALUE[,OPTION=VALUE]...]`. */
export interface Attachment {
  readonly network: string;
  /** Names besides the container's own by which others on the network find it. */
  readonly aliases: readonly string[];
  /** Addresses that it always has, canonical; else podman chooses them. */
  readonly ip: string | undefined;
  readonly ip6: string | undefined;
  /** Lower case. */
  readonly mac: string | undefined;
  /** The name of the interface inside the container. */
  readonly interface: string | undefined;
}

/** What a name of another container looks like in DNS. */
const ALIAS = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/**
 * Parses one attachment (podman-run(1), --network).
 * @returns what is wrong with it, as a text that follows "…: ", where it is none.
 */
export function parseAttachment(text: string): Attachment | string {
  const end = text.indexOf(":");
  const network = end === -1 ? text : text.slice(0, end);
  if (network === "container" || network === "ns") return "networks has names of networks only";
  const values = new Map<string, string>();
  const aliases: string[] = [];
  for (const part of end === -1 ? [] : text.slice(end + 1).split(",")) {
    const equals = part.indexOf("=");
    const [option, value] = [part.slice(0, equals), part.slice(equals + 1)];
    const form = equals === -1 ? undefined : FORMS.get(option);
    if (form === undefined) {
      return `${JSON.stringify(part)} is none of ${[...FORMS.keys()].map((key) => `${key}=…`).join(", ")}`;
    }
    if (!form.test(value)) return `${option} cannot be ${JSON.stringify(value)}: ${form.expected}`;
    if (option === "alias") aliases.push(value);
    else if (values.has(option)) return `${option} is there twice`;
    else values.set(option, value);
  }
  const [ip, ip6, mac] = ["ip", "ip6", "mac"].map((key) => values.get(key));
  return {
    network,
    aliases,
    ip: ip === undefined ? undefined : canonicalIp(ip),
    ip6: ip6 === undefined ? undefined : canonicalIp(ip6),
    mac: mac?.toLowerCase(),
    interface: values.get("interface_name"),
  };
}

const FORMS: ReadonlyMap<string, { test: (value: string) => boolean; expected: string }> = new Map([
  [
    "alias",
    {
      test: (value) => ALIAS.test(value),
      expected: "use letters, digits, dots, - and _, at most 63 of them",
    },
  ],
  ["ip", { test: (value) => ipVersion(value) === 4, expected: "use an IPv4 address" }],
  ["ip6", { test: (value) => ipVersion(value) === 6, expected: "use an IPv6 address" }],
  [
    "mac",
    {
      test: (value) => /^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/.test(value),
      expected: "use six pairs of hexadecimal digits with colons between them",
    },
  ],
  [
    "interface_name",
    {
      // IFNAMSIZ is 16, with the NUL at the end.
      test: (value) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(value),
      expected: "use letters, digits, dots, - and _, at most 15 of them",
    },
  ],
]);

/** The attachment as podman takes it; the same text for the same attachment. */
export function attachmentText(attachment: Attachment): string {
  const { network, aliases, ip, ip6, mac } = attachment;
  const options = [
    ...aliases.map((alias) => `alias=${alias}`),
    ...(ip === undefined ? [] : [`ip=${ip}`]),
    ...(ip6 === undefined ? [] : [`ip6=${ip6}`]),
    ...(mac === undefined ? [] : [`mac=${mac}`]),
    ...(attachment.interface === undefined ? [] : [`interface_name=${attachment.interface}`]),
  ];
  return options.length === 0 ? network : `${network}:${options.join(",")}`;
}

const NO_ADDRESSES = { ip: undefined, ip6: undefined, mac: undefined, interface: undefined };

/** A network without options. */
export function plainAttachment(network: string): Attachment {
  return { network, aliases: [], ...NO_ADDRESSES };
}
