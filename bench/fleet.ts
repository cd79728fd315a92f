/**
 * A fleet of any size, as a platform team has it: made by plain arithmetic, so that its bytes are the
 * same on every machine. It lints without errors.
 */
import { lockText } from "../src/fleet/lock-text.ts";
import { containerName } from "../src/fleet/model.ts";
import { tomlText, type Writable } from "../src/document/toml-text.ts";

/** How large a fleet is, and how much is wrong with it. */
export interface FleetSize {
  readonly services: number;
  /** Default: one for each 100 services. */
  readonly hosts?: number;
  /** What of each host was collected: all, or its users, groups and ids. Default: all. */
  readonly facts?: "all" | "identities";
  /** One service in so many has something to be found. Default: 100. */
  readonly flawedEvery?: number;
}

/** A file: its path below the fleet's folder, and its text. */
export type FleetFile = readonly [path: string, text: string];

/** The parts of a definition that are written, in the order of their keys. */
interface Component {
  readonly name: string;
  readonly image: string;
  readonly network?: string;
  readonly user?: string;
  readonly restart: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly health?: Readonly<Record<string, Writable>>;
  readonly pull?: string;
  readonly routes?: readonly Route[];
}

interface Route {
  readonly name: string;
  readonly port: number;
  readonly hostname: string;
  readonly public: boolean;
  /** Of the lock, and of what runs. */
  readonly hostPort: number;
}

interface Service {
  readonly name: string;
  readonly host: number;
  readonly stage: string | undefined;
  /** Named in the definition; otherwise the lock says where it was placed. */
  readonly pinned: boolean;
  readonly active: boolean;
  readonly components: readonly Component[];
  readonly flaw: Flaw | undefined;
}

const FLAWS = ["latest", "restart", "volume", "address", "variable", "drift", "ignored"] as const;

/** What a careful team still has somewhere. */
type Flaw = (typeof FLAWS)[number];

const ZONE = "svc.fleet.example";
const REGISTRY = `registry.${ZONE}:5000`;
const STAGES = ["foundation", "registry", "core", "apps"] as const;
const WORDS = ["billing", "ledger", "search", "catalog", "mail", "wiki", "metrics", "media"];

/** All files of a fleet. */
export function* fleetFiles(size: FleetSize): Generator<FleetFile> {
  const all = servicesOf(size);
  yield ["nixgen.toml", inventoryText(size, all)];
  for (const service of all) yield [`services/${service.name}.toml`, serviceText(service)];
  for (let host = 0; host < hostCount(size); host += 1) {
    const here = all.filter((service) => service.host === host && service.active);
    const facts = size.facts === "identities" ? identitiesOf(host) : factsOf(host, here);
    yield [`facts/${hostName(host)}.json`, `${JSON.stringify(facts, null, 2)}\n`];
  }
  yield ["nixgen.lock", lockOf(size, all)];
}

/** The same containers as a Compose file. */
export function composeFile(size: FleetSize): string {
  const containers = servicesOf(size).flatMap(({ name: service, components }) =>
    components.map((component) => composeService(service, component)),
  );
  return `services:\n${containers.join("")}networks:\n  apps: {}\n`;
}

function hostCount({ services, hosts = Math.ceil(services / 100) }: FleetSize): number {
  return hosts;
}

function hostName(host: number): string {
  return `node-${String(host).padStart(3, "0")}`;
}

function lanOf(host: number): string {
  return `10.20.${host >> 8}.${host & 255}`;
}

function vpnOf(host: number): string {
  return `100.64.${host >> 8}.${host & 255}`;
}

function servicesOf(size: FleetSize): Service[] {
  const perHost = Math.ceil(size.services / hostCount(size));
  const platform = [dnsService(), registryService(), proxyService()];
  return Array.from(
    { length: size.services },
    (_, index) => platform[index] ?? application(index, perHost, size.flawedEvery ?? 100),
  );
}

function dnsService(): Service {
  const ports = [lanOf(0), vpnOf(0)].flatMap((ip) => [`${ip}:53:53/tcp`, `${ip}:53:53/udp`]);
  const component = {
    name: "dns",
    image: "docker.io/klutchell/unbound:1.23.1",
    restart: "always",
    ports,
    volumes: ["/srv/dns/zones:/zones:ro"],
  };
  return platformService("dns", "foundation", component);
}

function registryService(): Service {
  const component = {
    name: "registry",
    image: "docker.io/library/registry:3.0.0",
    restart: "always",
    ports: [`${lanOf(0)}:5000:5000`, `${vpnOf(0)}:5000:5000`],
    volumes: ["/srv/registry/data:/var/lib/registry"],
  };
  return platformService("registry", "registry", component);
}

function proxyService(): Service {
  const component = {
    name: "proxy",
    image: `${REGISTRY}/proxy:v1.9.0`,
    network: "host",
    restart: "always",
    cmd: ["serve", "--config", "/srv/proxy/proxy.toml"],
    volumes: ["/srv/proxy:/srv/proxy"],
    health: { kind: "listen", port: 8443 },
  };
  return platformService("proxy", "core", component);
}

function platformService(name: string, stage: string, component: Component): Service {
  return {
    name,
    host: 0,
    stage,
    pinned: true,
    active: true,
    components: [component],
    flaw: undefined,
  };
}

/** An application: an API and a web server, and some with a database or a worker. */
function application(index: number, perHost: number, flawedEvery: number): Service {
  const host = Math.floor(index / perHost);
  const name = nameOf(index);
  const position = index % perHost;
  const flaw =
    index % flawedEvery === flawedEvery - 1
      ? FLAWS[Math.floor(index / flawedEvery) % FLAWS.length]
      : undefined;
  const version = `v1.${index % 30}.${index % 7}`;
  const hasDatabase = index % 3 === 0;
  // One of the same host that is in the same stage or an earlier one.
  const needsOther = index % 4 === 3 && position > 0 && index > 3 && isActive(index - 1);
  const lan = flaw === "address" ? lanOf(host) : "127.0.0.1";
  const api: Component = {
    name: "api",
    image: `${REGISTRY}/${name}:${version}`,
    network: "apps",
    user: "0:0",
    restart: flaw === "restart" ? "on-failure:5" : "unless-stopped",
    ports: [`${lan}:${20000 + 2 * position}:8443`, `127.0.0.1:${20001 + 2 * position}:9443`],
    volumes: [`/srv/${name}/api:/srv/${name}`],
    cmd: ["server", "--config", `/srv/${name}/${name}.toml`],
    env: ["LOG_LEVEL=info", `DATABASE_URL=postgres://${name}-db/${name}`],
    depends_on: [...(hasDatabase ? ["db"] : []), ...(needsOther ? [nameOf(index - 1)] : [])],
    health: { kind: "http", port: 8443, path: "/healthz", tls: true },
  };
  const web: Component = {
    name: "web",
    image: `${REGISTRY}/${name}-web:${flaw === "latest" || flaw === "ignored" ? "latest" : version}`,
    network: "apps",
    restart: "unless-stopped",
    volumes: [
      `/srv/${name}/web:/var/www:ro`,
      ...(flaw === "volume" ? [`/home/operator/${name}:/export`] : []),
    ],
    env: [`API_URL=https://${name}-api:8443`, ...(flaw === "variable" ? ["PORT_PUBLIC=80"] : [])],
    depends_on: ["api"],
    routes: ["public", "admin"].map((route, at) => ({
      name: route,
      port: 443,
      hostname: `${at === 0 ? name : `admin.${name}`}.${ZONE}`,
      public: at === 0,
      hostPort: 10000 + 2 * position + at,
    })),
  };
  const database: Component = {
    name: "db",
    image: "docker.io/library/postgres:17.2",
    network: "apps",
    restart: "unless-stopped",
    volumes: [`/srv/${name}/db:/var/lib/postgresql/data`],
    env: [`POSTGRES_DB=${name}`, "POSTGRES_PASSWORD_FILE=/run/secrets/password"],
    health: { kind: "exec", command: ["pg_isready", "-U", "postgres"] },
  };
  const worker: Component = {
    name: "worker",
    image: `${REGISTRY}/${name}:${version}`,
    network: "apps",
    restart: "unless-stopped",
    volumes: [`/srv/${name}/worker:/work`],
    cmd: ["worker", "--queue", name],
    depends_on: ["api"],
    health: { kind: "exec", command: ["/app/healthy"] },
  };
  return {
    name,
    host,
    stage: index % 400 === 321 ? undefined : index % 10 === 0 ? "core" : "apps",
    pinned: host === 0 || index % 2 === 0,
    active: isActive(index),
    components: [
      api,
      web,
      ...(hasDatabase ? [database] : []),
      ...(index % 5 === 0 ? [worker] : []),
    ],
    flaw,
  };
}

function nameOf(index: number): string {
  return `${WORDS[index % WORDS.length] ?? ""}-${String(index).padStart(5, "0")}`;
}

function isActive(index: number): boolean {
  return index % 97 !== 50;
}

function inventoryText(size: FleetSize, all: readonly Service[]): string {
  const stages = STAGES.map(
    (stage) => `[[boot.sequence]]
name       = ${tomlText(stage)}
services   = [
${all
  .filter((service) => service.stage === stage)
  .map(({ name }) => `  ${tomlText(name)},\n`)
  .join("")}]
timeout    = "120s"
on_failure = ${tomlText(stage === "foundation" ? "block" : "proceed")}
`,
  );
  const nodes = Array.from(
    { length: hostCount(size) },
    (_, host) => `[[nodes]]
name          = ${tomlText(hostName(host))}
os            = "nixos"
nixos_release = "25.11"
arch          = "amd64"
role          = ${tomlText(host === 0 ? "master" : "worker")}
addresses     = { lan = "${lanOf(host)}", vpn = "${vpnOf(host)}", hostname = "${hostName(host)}.fleet.example" }
agent         = { listen = ["${lanOf(host)}:9444", "${vpnOf(host)}:9444"] }
`,
  );
  return `[fleet]
name = "generated"

[user]
name         = "pods"
uid          = 850
gid          = 850
home         = "/srv/pods"
extra_groups = ["systemd-journal"]
sub_ids      = { start = 100000, count = 65536 }

[dns]
zones   = ["${ZONE}", "fleet.example"]
service = "dns"
public  = ["1.1.1.1", "8.8.8.8"]

[registry]
host    = "${REGISTRY}"
service = "registry"

${[...stages, ...nodes].join("\n")}`;
}

function serviceText(service: Service): string {
  const { name, host, pinned, active, components, flaw } = service;
  const head = `# ${name}: see the runbook of its team.
name = ${tomlText(name)}
${pinned ? `node = ${tomlText(hostName(host))}` : 'tier = "worker"'}
version = "1.0.0"
active = ${active}
path = ${tomlText(`services/${name}`)}

[build.images]
${name} = "Dockerfile"

[snapshot]
method = "grpc"
exclude = ["cache/", "tmp/"]
`;
  return [head, ...components.map((component) => componentText(component, flaw))].join("\n");
}

function componentText(component: Component, flaw: Flaw | undefined): string {
  const { routes = [], ...keys } = component;
  const lines = Object.entries(keys as Readonly<Record<string, Writable>>)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => {
      const ignored = flaw === "ignored" && key === "image" && component.image.endsWith(":latest");
      const comment = ignored ? "# nixgen: ignore[image-latest] the team's staging copy\n" : "";
      return `${comment}${key} = ${tomlText(value)}\n`;
    });
  const tables = routes.map(
    (route) => `
[[components.routes]]
name = ${tomlText(route.name)}
port = ${route.port}
mode = "l7"
hostname = ${tomlText(route.hostname)}
public = ${route.public}
`,
  );
  return `[[components]]\n${[...lines, ...tables].join("")}`;
}

function lockOf(size: FleetSize, all: readonly Service[]): string {
  const identity = {
    name: "pods",
    uid: 850,
    group: "pods",
    gid: 850,
    home: "/srv/pods",
    sub_ids: "100000:65536",
  };
  return lockText({
    identities: new Map(
      Array.from({ length: hostCount(size) }, (_, host) => [hostName(host), identity]),
    ),
    placement: Object.fromEntries(
      all.filter(({ pinned }) => !pinned).map(({ name, host }) => [name, hostName(host)]),
    ),
    ports: Object.fromEntries(
      all.flatMap(({ name, host, components }) =>
        components.flatMap(({ name: component, routes = [] }) =>
          routes.map((route) => [
            `${hostName(host)}/${name}/${component}/${route.name}`,
            route.hostPort,
          ]),
        ),
      ),
    ),
    accepted: [],
  });
}

/** Who there is on a host on which everything is as it should be. */
function identitiesOf(host: number) {
  const people = Array.from({ length: 8 }, (_, n) => ({
    name: `operator${n}`,
    uid: 1000 + n,
    gid: 100,
    home: `/home/operator${n}`,
    shell: "/run/current-system/sw/bin/bash",
  }));
  const system = ["systemd-oom", "nscd", "systemd-coredump", "sshd", "dhcpcd", "polkituser"].map(
    (name, n) => ({
      name,
      uid: 999 - n,
      gid: 999 - n,
      home: "/var/empty",
      shell: "/run/current-system/sw/bin/nologin",
    }),
  );
  const own = { name: "pods", uid: 850, gid: 850, home: "/srv/pods", shell: "/bin/sh" };
  const subIds = [
    { name: "pods", start: 100000, count: 65536 },
    ...people.map(({ name }, n) => ({ name, start: 165536 + 65536 * n, count: 65536 })),
  ];
  return {
    schema: 1,
    host: hostName(host),
    collected: "2026-03-01T10:00:00Z",
    passwd: [{ name: "root", uid: 0, gid: 0, home: "/root" }, ...system, own, ...people],
    group: [
      { name: "root", gid: 0 },
      { name: "wheel", gid: 1, members: people.slice(0, 3).map(({ name }) => name) },
      { name: "systemd-journal", gid: 62, members: ["pods"] },
      { name: "users", gid: 100 },
      ...system.map(({ name, gid }) => ({ name, gid })),
      { name: "pods", gid: 850 },
    ],
    subuid: subIds,
    subgid: subIds,
    nixos_uid_map: Object.fromEntries([...system, own].map(({ name, uid }) => [name, uid])),
    nixos_gid_map: Object.fromEntries([...system, own].map(({ name, gid }) => [name, gid])),
  };
}

/** All that the script collects of such a host. */
function factsOf(host: number, here: readonly Service[]) {
  const containers = here.flatMap((service) =>
    service.components.map((component) => inspectOf(service, component)),
  );
  return {
    ...identitiesOf(host),
    system: { id: "nixos", version: "25.11" },
    addresses: [
      { interface: "enp3s0", address: lanOf(host) },
      { interface: "tailscale0", address: vpnOf(host) },
    ],
    linger: ["pods"],
    runtime_dirs: [{ path: "/run/user/850", uid: 850 }],
    srv: here.flatMap(({ name, components }) => [
      { path: `/srv/${name}`, uid: 850, gid: 850 },
      ...components.map((component) => ({
        path: `/srv/${name}/${component.name}`,
        uid: component.name === "db" ? 100998 : 850,
        gid: component.name === "db" ? 100998 : 850,
      })),
    ]),
    resolver: { nameservers: ["127.0.0.1", "::1"], search: ["fleet.example"] },
    listeners: [
      { protocol: "tcp", address: "*", port: 22, process: "sshd" },
      ...containers.flatMap(({ HostConfig: { PortBindings: bindings } }) =>
        Object.entries(bindings).flatMap(([key, list]) =>
          list.map(({ HostIp, HostPort }) => ({
            protocol: key.split("/")[1],
            address: HostIp,
            port: Number(HostPort),
            process: "rootlessport",
          })),
        ),
      ),
    ],
    podman: [
      {
        user: "pods",
        version: "5.4.2",
        databases: [
          {
            path: "/srv/pods/.local/share/containers/storage/db.sql",
            kind: "sqlite",
            runtime_dirs: ["/run/user/850"],
          },
        ],
        env: "names",
        containers,
        images: [...new Set(containers.map(({ ImageName }) => ImageName))].sort(),
      },
    ],
  };
}

/** The parts of `podman inspect` that facts keep. */
function inspectOf({ name: service, flaw }: Service, component: Component) {
  const { image, network = "private", user = "", routes = [] } = component;
  const name = containerName(service, component.name);
  const routePorts = routes.map(({ hostPort }) => `127.0.0.1:${hostPort}:${hostPort}`);
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of network === "host" ? [] : [...(component.ports ?? []), ...routePorts]) {
    const [HostIp = "", HostPort = "", container = ""] = port.split(":");
    (bindings[container.includes("/") ? container : `${container}/tcp`] ??= []).push({
      HostIp,
      HostPort,
    });
  }
  const variables = routes.map((route) => `PORT_${route.name.toUpperCase()}=${route.hostPort}`);
  const drifted = flaw === "drift" && component.name === "api";
  return {
    Id: idOf(name),
    Name: name,
    Image: idOf(image),
    ImageName: drifted ? image.replace(/:v1\..*/, ":v1.0.0-rc1") : image,
    IsInfra: false,
    State: { Status: "running", ExitCode: 0 },
    HostConfig: {
      NetworkMode: network === "apps" ? "bridge" : network === "private" ? "pasta" : network,
      RestartPolicy: { Name: "", MaximumRetryCount: 0 },
      PortBindings: bindings,
      Binds: (component.volumes ?? []).map((volume) => `${volume},rw,rprivate,rbind`),
    },
    Mounts: (component.volumes ?? []).map((volume) => {
      const [Source, Destination, options = ""] = volume.split(":");
      return {
        Type: "bind",
        Source,
        Destination,
        Driver: "",
        Mode: "",
        Options: ["rbind"],
        RW: options !== "ro",
        Propagation: "rprivate",
      };
    }),
    NetworkSettings: { Networks: { [network === "private" ? "pasta" : network]: {} } },
    Config: {
      User: user,
      Env: [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "TERM=xterm",
        `HOSTNAME=${name}`,
        ...(component.env ?? []),
        ...variables,
      ].map((variable) => variable.replace(/=.*/s, "")),
    },
  };
}

/** 64 hexadecimal digits that are a text's own. */
function idOf(text: string): string {
  let hash = 0;
  let digits = "";
  for (let round = 0; digits.length < 64; round += 1) {
    for (const char of `${round}${text}`) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
    digits += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return digits;
}

function composeService(service: string, component: Component): string {
  const { image, network, user, restart, ports = [], volumes = [], cmd, env = [] } = component;
  const list = (key: string, values: readonly string[]): string =>
    values.length === 0
      ? ""
      : `    ${key}:\n${values.map((value) => `      - ${JSON.stringify(value)}\n`).join("")}`;
  const siblings = (component.depends_on ?? [])
    .filter((name) => /^(?:api|db)$/.test(name))
    .map((name) => containerName(service, name));
  return [
    `  ${containerName(service, component.name)}:\n`,
    `    image: ${JSON.stringify(image)}\n`,
    `    restart: ${JSON.stringify(restart)}\n`,
    user === undefined ? "" : `    user: ${JSON.stringify(user)}\n`,
    network === "host" ? '    network_mode: "host"\n' : "",
    network === "apps" ? list("networks", [network]) : "",
    list("ports", ports),
    list("volumes", volumes),
    list("command", cmd ?? []),
    list("environment", env),
    list("depends_on", siblings),
  ].join("");
}
