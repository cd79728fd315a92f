/** Networks that are made with options: what `podman network create` is told. */

/** A network as a definition has it. */
export interface NetworkOptions {
  readonly driver?: string | undefined;
  readonly subnets: readonly string[];
  readonly ipv6?: boolean | undefined;
  readonly internal?: boolean | undefined;
  readonly isolate?: boolean | undefined;
  readonly dns: readonly string[];
  readonly options?: Readonly<Record<string, string>> | undefined;
}

/** The label of a network that has the options which it was made with. */
export const OPTIONS_LABEL = "io.nixgen.options";

/** The options of podman-network-create(1), with blanks between them; no value has one. The same text for the same options. */
export function networkOptions(network: NetworkOptions): string {
  const { driver, subnets, ipv6, internal, isolate, dns, options = {} } = network;
  const drivers = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...(driver === undefined ? [] : [`--driver=${driver}`]),
    ...subnets.map((subnet) => `--subnet=${subnet}`),
    ...(ipv6 === true ? ["--ipv6"] : []),
    ...(internal === true ? ["--internal"] : []),
    ...(isolate === undefined ? [] : [`--opt=isolate=${String(isolate)}`]),
    ...drivers.map(([key, value]) => `--opt=${key}=${value}`),
    ...dns.map((address) => `--dns=${address}`),
  ].join(" ");
}
