/** Fleets with one list of a schema as long as is wanted, of entries that differ, are the same, or are wrong. */

/** A value of a document. */
type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** What is in a list: entry number N. */
type Entry = (n: number) => Value;

/** The files of a fleet, by path. */
export type StressFiles = Readonly<Record<string, string>>;

/** How the entries of a list are: the longer the list, the more there is to find where they are not right. */
export const KINDS = ["different", "the same", "wrong"] as const;
export type Kind = (typeof KINDS)[number];

/** The documents of a fleet; a list is put in at its path. */
interface Documents {
  readonly nixgen: Record<string, unknown>;
  readonly service: Record<string, unknown>;
  readonly facts: Record<string, unknown>;
  readonly lock: Record<string, unknown>;
  readonly baseline: Record<string, unknown>;
}

function documents(): Documents {
  return {
    nixgen: {
      fleet: { name: "test" },
      user: { name: "pod", uid: 850, gid: 850 },
      users: [{ name: "other", uid: 900 }],
      dns: {
        public: ["1.1.1.1", "8.8.8.8"],
        forward: [{ zones: ["first.example"], servers: ["192.168.1.1"] }],
      },
      boot: { sequence: [{ name: "all", services: ["web"] }] },
      nodes: [
        {
          name: "alpha",
          os: "nixos",
          nixos_release: "25.11",
          role: "master",
          addresses: { lan: "192.168.1.10", vpn: "100.64.0.10" },
          agent: { listen: ["192.168.1.10:9444", "100.64.0.10:9444"] },
        },
        {
          name: "beta",
          os: "nixos",
          nixos_release: "25.11",
          role: "worker",
          addresses: { lan: "192.168.1.11", vpn: "100.64.0.11" },
        },
      ],
      lint: {},
    },
    service: {
      name: "web",
      node: "alpha",
      build: {},
      snapshot: {},
      networks: [{ name: "first" }],
      components: [
        {
          name: "web",
          image: "registry.example/web:v1",
          health: { kind: "exec", command: ["x"] },
          healthcheck: { command: ["x"] },
        },
        { name: "db", image: "registry.example/db:v1" },
      ],
    },
    facts: {
      schema: 1,
      host: "alpha",
      passwd: [{ name: "pod", uid: 850, gid: 850, home: "/srv/pod" }],
      group: [{ name: "pod", gid: 850 }],
      subuid: [{ name: "pod", start: 2130706432, count: 65536 }],
      subgid: [{ name: "pod", start: 2130706432, count: 65536 }],
      sub_ids: { read_by: "script" },
      resolver: { resolved: {}, links: [{ interface: "eth0" }], delegates: [{ name: "mcns" }] },
      firewall: { enable: true, open: {}, interfaces: { eth0: {} } },
      podman: [
        {
          user: "pod",
          databases: [{ path: "/srv/pod/db.sql", kind: "sqlite" }],
          containers: [
            {
              Name: "web-web",
              Image: "x",
              ImageName: "registry.example/web:v1",
              Config: { User: "", Env: [], Cmd: [], Entrypoint: [] },
              HostConfig: { Binds: [], PortBindings: {} },
              Mounts: [],
              NetworkSettings: { Networks: {} },
            },
          ],
        },
      ],
    },
    lock: { version: 2, identities: { alpha: { name: "pod" } } },
    baseline: { version: 1, findings: [] },
  };
}

/** A list or a table of a schema: the document that it is in, the way to it, and its entries. */
export interface List {
  readonly document: keyof Documents;
  readonly path: string;
  readonly entry: Entry;
  /** A table's keys; it is a list where there are none. */
  readonly key?: (n: number) => string;
}

const ip = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const named = (word: string) => (n: number) => `${word}-${n}`;
const ports = (n: number): number => 1 + (n % 65535);
const range: Entry = (n) => ({ from: ports(n), to: ports(n) });
const text = named("text");

/** Every list and table of the schemas, by its path as the JSON Schemas have it. */
export const LISTS: readonly List[] = [
  { document: "nixgen", path: "fleet.services", entry: (n) => `more-${n}/*.toml` },
  { document: "nixgen", path: "user.extra_groups", entry: named("group") },
  { document: "nixgen", path: "users", entry: (n) => ({ name: `user-${n}`, uid: 20000 + n }) },
  { document: "nixgen", path: "users.0.nodes", entry: named("host") },
  { document: "nixgen", path: "dns.zones", entry: (n) => `zone-${n}.example` },
  { document: "nixgen", path: "dns.public", entry: ip },
  { document: "nixgen", path: "dns.services", entry: named("service") },
  { document: "nixgen", path: "dns.forward", entry: (n) => ({ zones: [`other-${n}.example`], servers: [ip(n)] }) },
  { document: "nixgen", path: "dns.forward.0.zones", entry: (n) => `other-${n}.example` },
  { document: "nixgen", path: "dns.forward.0.servers", entry: ip },
  { document: "nixgen", path: "boot.sequence", entry: (n) => ({ name: `stage-${n}`, services: [`x-${n}`] }) },
  { document: "nixgen", path: "boot.sequence.0.services", entry: named("service") },
  { document: "nixgen", path: "nodes", entry: (n) => ({ name: `host-${n}`, os: "nixos", nixos_release: "25.11", role: "edge", addresses: { lan: ip(n), vpn: ip(n + (1 << 20)) } }) },
  { document: "nixgen", path: "nodes.0.addresses", key: named("net"), entry: ip },
  { document: "nixgen", path: "nodes.0.agent.listen", entry: (n) => `192.168.1.10:${ports(n)}` },
  { document: "nixgen", path: "lint.rules", key: named("rule"), entry: () => "off" },
  { document: "nixgen", path: "lint.ignore", entry: (n) => ({ rule: `rule-${n}`, path: `services/${n}.toml`, reason: "x" }) },
  { document: "service", path: "build.images", key: named("image"), entry: named("Dockerfile") },
  { document: "service", path: "snapshot.exclude", entry: text },
  { document: "service", path: "components", entry: (n) => ({ name: `part-${n}`, image: "registry.example/part:v1", depends_on: ["web"] }) },
  { document: "service", path: "components.0.ports", entry: (n) => `192.168.1.10:${ports(n)}:${ports(n)}` },
  { document: "service", path: "components.0.volumes", entry: (n) => `/srv/web/${n}:/data/${n}` },
  { document: "service", path: "components.0.cmd", entry: text },
  { document: "service", path: "components.0.env", entry: (n) => `KEY_${n}=${n}` },
  { document: "service", path: "components.0.env_files", entry: (n) => `/srv/env/${n}` },
  { document: "service", path: "components.0.routes", entry: (n) => ({ name: `route-${n}`, port: ports(n) }) },
  { document: "service", path: "components.0.depends_on", entry: named("service") },
  { document: "service", path: "components.0.health.command", entry: text },
  { document: "service", path: "components.0.networks", entry: (n) => `net-${n}:alias=web-${n}` },
  { document: "service", path: "networks", entry: (n) => ({ name: `net-${n}`, internal: true }) },
  { document: "service", path: "networks.0.subnets", entry: (n) => `10.${n >> 8}.${n & 255}.0/24` },
  { document: "service", path: "networks.0.dns", entry: ip },
  { document: "service", path: "networks.0.options", key: named("option"), entry: text },
  { document: "service", path: "components.0.dns", entry: ip },
  { document: "service", path: "components.0.healthcheck.command", entry: text },
  { document: "service", path: "components.0.labels", key: named("label"), entry: text },
  { document: "service", path: "components.0.annotations", key: named("note"), entry: text },
  { document: "service", path: "components.0.entrypoint", entry: text },
  { document: "service", path: "components.0.dns_search", entry: (n) => `zone-${n}.example` },
  { document: "service", path: "components.0.dns_option", entry: (n) => `ndots:${n}` },
  { document: "service", path: "components.0.extra_hosts", entry: (n) => `host-${n}:${ip(n)}` },
  { document: "service", path: "components.0.cap_add", entry: (n) => (n % 2 === 0 ? "NET_ADMIN" : "SYS_TIME") },
  { document: "service", path: "components.0.cap_drop", entry: (n) => (n % 2 === 0 ? "CHOWN" : "FOWNER") },
  { document: "service", path: "components.0.security_opt", entry: (n) => `label=type:t${n}` },
  { document: "service", path: "components.0.tmpfs", entry: (n) => `/tmp/${n}` },
  { document: "service", path: "components.0.devices", entry: (n) => `/dev/tty${n}:/dev/tty${n}` },
  { document: "service", path: "components.0.group_add", entry: (n) => `${1000 + n}` },
  { document: "service", path: "components.0.sysctls", key: (n) => `net.core.x${n}`, entry: (n) => `${n}` },
  { document: "service", path: "components.0.ulimits", entry: (n) => `nofile=${n}:${n}` },
  { document: "service", path: "components.0.log_options", key: named("option"), entry: text },
  { document: "service", path: "components.0.podman_args", entry: (n) => `--cpuset-cpus=${n}` },
  { document: "facts", path: "passwd", entry: (n) => ({ name: `user-${n}`, uid: 1000 + n, gid: 1000 + n }) },
  { document: "facts", path: "group", entry: (n) => ({ name: `group-${n}`, gid: 1000 + n }) },
  { document: "facts", path: "group.0.members", entry: named("user") },
  { document: "facts", path: "subuid", entry: (n) => ({ name: `user-${n}`, start: 65536 * (n + 1), count: 65536 }) },
  { document: "facts", path: "subgid", entry: (n) => ({ name: `user-${n}`, start: 65536 * (n + 1), count: 65536 }) },
  { document: "facts", path: "nixos_uid_map", key: named("user"), entry: (n) => 1000 + n },
  { document: "facts", path: "nixos_gid_map", key: named("user"), entry: (n) => 1000 + n },
  { document: "facts", path: "addresses", entry: (n) => ({ interface: `eth${n}`, address: ip(n) }) },
  { document: "facts", path: "linger", entry: named("user") },
  { document: "facts", path: "runtime_dirs", entry: (n) => ({ path: `/run/user/${n}`, uid: n }) },
  { document: "facts", path: "srv", entry: (n) => ({ path: `/srv/web/${n}`, uid: 995, gid: 995 }) },
  { document: "facts", path: "resolver.nameservers", entry: ip },
  { document: "facts", path: "resolver.search", entry: (n) => `zone-${n}.example` },
  { document: "facts", path: "resolver.resolved.dns", entry: ip },
  { document: "facts", path: "resolver.resolved.fallback_dns", entry: ip },
  { document: "facts", path: "resolver.resolved.domains", entry: (n) => `zone-${n}.example` },
  { document: "facts", path: "resolver.links", entry: (n) => ({ interface: `eth${n}`, dns: [ip(n)] }) },
  { document: "facts", path: "resolver.links.0.dns", entry: ip },
  { document: "facts", path: "resolver.links.0.domains", entry: (n) => `zone-${n}.example` },
  { document: "facts", path: "listeners", entry: (n) => ({ protocol: "tcp", address: "0.0.0.0", port: ports(n), process: `p${n}` }) },
  { document: "facts", path: "firewall.open.tcp", entry: ports },
  { document: "facts", path: "firewall.open.tcp_ranges", entry: range },
  { document: "facts", path: "firewall.open.udp", entry: ports },
  { document: "facts", path: "firewall.open.udp_ranges", entry: range },
  { document: "facts", path: "firewall.interfaces", key: named("eth"), entry: (n) => ({ tcp: [ports(n)] }) },
  { document: "facts", path: "firewall.interfaces.eth0.tcp", entry: ports },
  { document: "facts", path: "firewall.interfaces.eth0.tcp_ranges", entry: range },
  { document: "facts", path: "firewall.interfaces.eth0.udp", entry: ports },
  { document: "facts", path: "firewall.interfaces.eth0.udp_ranges", entry: range },
  { document: "facts", path: "firewall.trusted", entry: named("eth") },
  { document: "facts", path: "podman", entry: (n) => ({ user: `user-${n}`, version: "5.4.2", containers: [{ Name: `c-${n}` }] }) },
  { document: "facts", path: "podman.0.databases", entry: (n) => ({ path: `/srv/pod/${n}`, kind: "sqlite", runtime_dirs: [`/run/user/${n}`] }) },
  { document: "facts", path: "podman.0.databases.0.runtime_dirs", entry: (n) => `/run/user/${n}` },
  { document: "facts", path: "podman.0.containers", entry: (n) => ({ Name: `c-${n}`, Image: "x", ImageName: "y", HostConfig: { NetworkMode: "host" } }) },
  { document: "facts", path: "podman.0.external", entry: named("c") },
  { document: "facts", path: "podman.0.images", entry: (n) => `registry.example/x${n}:v1` },
  { document: "facts", path: "sub_ids.faults", entry: (n) => ({ file: "subuid", line: n + 1, fault: "fields" }) },
  { document: "facts", path: "resolver.delegates", entry: (n) => ({ name: `mcns-${n}`, dns: [ip(n)] }) },
  { document: "facts", path: "resolver.delegates.0.dns", entry: ip },
  { document: "facts", path: "resolver.delegates.0.domains", entry: (n) => `~zone-${n}.example` },
  { document: "facts", path: "incomplete", entry: () => "srv" },
  { document: "lock", path: "identities", key: named("host"), entry: (n) => ({ name: "pod", uid: 1000 + n }) },
  { document: "lock", path: "uids", key: (n) => `pod@host-${n}`, entry: (n) => 1000 + n },
  { document: "lock", path: "gids", key: (n) => `pod@host-${n}`, entry: (n) => 1000 + n },
  { document: "lock", path: "sub_ids", key: (n) => `pod@host-${n}`, entry: (n) => `${65536 * n}:65536` },
  { document: "lock", path: "placement", key: named("service"), entry: named("host") },
  { document: "lock", path: "ports", key: (n) => `alpha/web/web/${n}`, entry: ports },
  { document: "lock", path: "accepted", entry: (n) => ({ kind: "uid", key: "pod@alpha", from: `${n}`, to: `${n + 1}`, reason: "x" }) },
  { document: "baseline", path: "findings", entry: (n) => ({ rule: "image-latest", file: "services/web.toml", message: `message ${n}` }) },
]; // prettier-ignore

/** What facts have of a container that no schema describes, as podman has it. */
export const CONTAINER_LISTS: readonly List[] = [
  { document: "facts", path: "podman.0.containers.0.Config.Env", entry: (n) => `KEY_${n}=sha256:abcd` },
  { document: "facts", path: "podman.0.containers.0.Config.Cmd", entry: text },
  { document: "facts", path: "podman.0.containers.0.Config.Entrypoint", entry: text },
  { document: "facts", path: "podman.0.containers.0.HostConfig.Binds", entry: (n) => `/srv/web/${n}:/data/${n}:rw` },
  { document: "facts", path: "podman.0.containers.0.HostConfig.PortBindings", key: (n) => `${n}/tcp`, entry: (n) => [{ HostIp: "192.168.1.10", HostPort: `${ports(n)}` }] },
  { document: "facts", path: "podman.0.containers.0.Mounts", entry: (n) => ({ Type: "bind", Source: `/srv/web/${n}`, Destination: `/data/${n}`, RW: true }) },
  { document: "facts", path: "podman.0.containers.0.NetworkSettings.Networks", key: named("net"), entry: () => ({}) },
]; // prettier-ignore

/** A fleet with so many entries in a list. */
export function stressFleet(
  { document, path, entry, key }: List,
  kind: Kind,
  size: number,
): StressFiles {
  const all = documents();
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let at = all[document];
  for (const step of steps) at = at[step] as Record<string, unknown>;
  const one = (n: number): Value =>
    kind === "wrong" ? -n - 1.5 : entry(kind === "the same" ? 0 : n);
  const numbers = Array.from({ length: size }, (_, n) => n);
  at[last] =
    key === undefined
      ? [
          ...(Array.isArray(at[last]) && kind !== "wrong" ? (at[last] as Value[]) : []),
          ...numbers.map(one),
        ]
      : {
          ...(at[last] as object | undefined),
          ...Object.fromEntries(numbers.map((n) => [key(n), one(n)])),
        };
  return {
    "nixgen.toml": toml(all.nixgen),
    "services/web.toml": toml(all.service),
    "facts/alpha.json": JSON.stringify(all.facts),
    "nixgen.lock": toml(all.lock),
    "nixgen.baseline.json": JSON.stringify(all.baseline),
  };
}

/** TOML with each key of the top on a line of its own: a list is then on one line. */
function toml(document: Readonly<Record<string, unknown>>): string {
  return Object.entries(document)
    .map(([key, value]) => `${key} = ${inline(value)}\n`)
    .join("");
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)} = ${inline(inner)}`)
    .join(", ")} }`;
}
