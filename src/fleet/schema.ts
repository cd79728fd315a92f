/**
 * The shape of every file that nixgen reads: the only place where it is written. `npm run generate`
 * makes the JSON Schemas in schemas/ and the validators that run from it, so that zod itself is not
 * loaded at run time: import only types from here.
 *
 * `expected` completes the sentence "must be …" in the message for a value of the wrong form.
 * Defaults written here are filled in by the validators.
 */
import * as z from "zod";
import { RELEASES } from "./release.ts";

/** A text of a certain form; `expected` says which, in words. */
function text(pattern: RegExp, expected: string) {
  return z.string().regex(pattern).meta({ expected });
}

const anyText = text(/^[^\x00]*$/, "a text without NUL characters");
const someText = text(/^[^\x00]+$/, "a text that is not empty and has no NUL characters");
// What makes a name unsafe is for the rule name-not-safe to say. Here it is only kept from filling every
// message about what has it: nothing can be named by more than a file can (NAME_MAX).
const name = text(
  /^[^\x00]{1,255}$/,
  "a name, which is not empty, has no NUL characters and is not longer than 255",
);

const absolutePath = text(/^\/[^\x00\n:]*$/, "an absolute path without colons or line breaks");
// NixOS puts the home into units as it is, where % begins a specifier: podman would look elsewhere.
const home = text(
  /^\/[^\x00-\x1f\x7f:%]{0,1000}$/,
  "an absolute path without colons, % or control characters, not longer than 1000",
);
const relativePath = text(
  // In a pattern, a backslash could hide the dots of "..".
  /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\x00\n\\]+$/,
  "a path inside the fleet's folder, without .. and \\",
);
const duration = text(/^[1-9][0-9]{0,5}(?:ms|s|m|min|h)$/, 'a duration like "90s" or "2m"');
const ipAddress = text(/^[0-9A-Fa-f:.]{1,45}$/, "an IP address");
const domain = text(
  /^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?$/,
  "a domain name",
);
const listen = text(
  /^(?:\*|\[[0-9A-Fa-f:]{1,45}\]|[A-Za-z0-9._-]{0,253}):[0-9]{1,5}$/,
  'an address and a port like "192.168.1.2:9444"',
);
/** A part of an image's name: lower case, separated by ., _, __ or dashes. */
const IMAGE_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REGISTRY_PART = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const PORT_NUMBER =
  "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
// The grammar of distribution/reference, as podman has it: only these digests, of their length. NixOS puts the image into
// the start script unquoted (virtualisation/oci-containers.nix), so nothing else may pass.
const image = text(
  new RegExp(
    "^(?=[^@]{1,383}(?:@|$))" +
      `(?:${REGISTRY_PART}(?:\\.${REGISTRY_PART})*(?::${PORT_NUMBER})?/)?${IMAGE_PART}(?:/${IMAGE_PART})*` +
      "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?" +
      "(?:@sha256:[0-9a-f]{64}|@sha384:[0-9a-f]{96}|@sha512:[0-9a-f]{128})?$",
  ),
  'an image reference in lower case like "registry.example:5000/name:v1.2.3", with a tag or a digest',
);

/** No list that is written by hand is longer, and what is checked pair by pair takes no time. */
function list<T extends z.ZodType>(item: T) {
  return z.array(item).max(1000);
}

/** A uid or gid: 0 to 2^32 - 2; the last one means "unchanged" to chown(2). */
const id = z.int().min(0).max(4294967294);
const port = z.int().min(1).max(65535);

const subIds = z
  .strictObject({
    start: id.describe("The first subordinate id."),
    count: z.int().min(1).max(4294967294).describe("How many there are; podman wants 65536."),
  })
  .describe("The range of subordinate uids and gids, see subuid(5).");

const userOverride = z
  .strictObject({
    uid: id.optional().describe("The user's uid on this host, where it must differ."),
    group: name.optional().describe("The name of the user's primary group on this host."),
    gid: id.optional().describe("The gid of the user's primary group on this host."),
    home: home.optional().describe("The user's home on this host."),
    storage: home.optional().describe("Where podman's storage of the user is on this host."),
    sub_ids: subIds.optional(),
  })
  .describe("What differs from [user] on this host.");

const stage = z
  .strictObject({
    name: name.describe("The stage's name; its target is <user>-<name>.target."),
    services: z.array(name).describe("The services that start in this stage."),
    timeout: duration
      .default("60s")
      .describe('How long a service of this stage may take until it is healthy, like "90s".'),
    on_failure: z
      .enum(["block", "proceed"])
      .optional()
      .describe("Whether later stages start after a failure. The first stage blocks by default."),
    health: z
      .enum(["tcp", "listen", "http", "grpc"])
      .optional()
      .describe("How to tell that a service of this stage is healthy; tcp means listen."),
  })
  .describe("A boot stage.");

const node = z
  .strictObject({
    name: name.describe("The host's name."),
    os: z
      .enum(["nixos", "debian", "ubuntu", "fedora", "rhel", "suse", "arch", "alpine", "other"])
      .describe("Modules are emitted for nixos; the others are linted only."),
    nixos_release: z
      .enum(RELEASES)
      .optional()
      .describe("The NixOS release, whose options the emitted modules use."),
    arch: anyText.optional().describe("The machine's architecture."),
    role: z.enum(["master", "worker", "edge"]).describe("What the platform uses the host for."),
    addresses: z
      .record(z.string(), text(/^[A-Za-z0-9:._-]{1,253}$/, "an IP address or a host name"))
      .default({})
      .describe("The host's addresses and names, by network."),
    agent: z
      .strictObject({
        listen: z.array(listen).describe("Where the agent listens, each ADDRESS:PORT."),
      })
      .optional()
      .describe("The platform's agent on this host."),
    user: userOverride.optional(),
  })
  .describe("A host.");

/** `nixgen.toml`: the fleet's inventory. */
export const inventorySchema = z
  .strictObject({
    fleet: z
      .strictObject({
        name: name.describe("The fleet's name."),
        services: list(relativePath)
          .default(["services/*.toml"])
          .describe("Where the service definitions are; patterns with * and ** may be used."),
        facts: relativePath.default("facts").describe("The folder of <host>.json facts."),
        out: text(/^[^\x00\n]+$/, "a path")
          .default("out")
          .describe("The folder that `nixgen build` writes."),
      })
      .describe("The fleet: its name, and where its files are."),
    user: z
      .strictObject({
        name: name.describe("The user's name. Never change it once containers have run."),
        uid: id.optional().describe("The pinned uid. Never change it once containers have run."),
        group: name
          .optional()
          .describe(
            "The name of the user's primary group. Default: users where gid is 100, else a group that " +
              "is named like the user and belongs to it alone, which nixgen makes. Any other group is " +
              "shared: the host has it already, and nixgen does not declare it.",
          ),
        gid: id
          .optional()
          .describe(
            "The gid of the primary group. Default: 100 for users, the uid for the user's own group. " +
              "Any other group needs it. Never change it once containers have run.",
          ),
        home: home
          .optional()
          .describe(
            "The home directory, which may exist already. Default: /srv/<name>. " +
              "Never change it once containers have run.",
          ),
        storage: home
          .optional()
          .describe(
            "Where podman's storage of the user is, if graphroot of its storage.conf(5) names another " +
              "folder than the default, <home>/.local/share/containers/storage. nixgen waits for its " +
              "disk and looks there for podman's database; it does not write storage.conf.",
          ),
        extra_groups: list(name).default([]).describe("Further groups of the user."),
        sub_ids: subIds
          .optional()
          .describe(
            "The range of subordinate uids and gids, see subuid(5). Default: the one that nixgen.lock has, " +
              "else the one that the host's facts show, else { start = 2130706432, count = 65536 }, " +
              "which nothing hands out by itself. Never change it once containers have run.",
          ),
      })
      .describe("The user that runs the rootless containers, the same on every host."),
    users: list(
      z.strictObject({
        name: name.describe("The user's name."),
        uid: id.describe("The uid that is pinned for it."),
        gid: id.optional().describe("The gid of its own group, if it has one."),
        sub_ids: subIds.optional(),
        nodes: list(name).optional().describe("The hosts that have it. Default: all."),
      }),
    )
      .default([])
      .describe("Other users that your own modules pin: nothing is emitted, collisions are found."),
    dns: z
      .strictObject({
        zones: list(domain).default([]).describe("The zones that the fleet's own DNS answers."),
        service: name
          .optional()
          .describe("The service that answers them, at the addresses it publishes port 53/udp on."),
        services: list(name)
          .default([])
          .describe(
            "Further services that answer the same zones, on other hosts: every host asks all of them.",
          ),
        public: list(ipAddress)
          .default([])
          .describe("Resolvers outside the fleet, for every other name."),
        resolver: z
          .enum(["dnsmasq", "resolved"])
          .default("dnsmasq")
          .describe("What splits the queries on each host. resolved needs NixOS 26.05 or later."),
        forward: list(
          z.strictObject({
            zones: list(domain).min(1).describe("The zones, like tail1234.ts.net."),
            servers: list(ipAddress).min(1).describe("The servers that answer them."),
          }),
        )
          .default([])
          .describe(
            "Zones that neither the fleet's own DNS nor public resolvers answer: a tailnet's, a company's.",
          ),
      })
      .optional()
      .describe("Name resolution on every host."),
    registry: z
      .strictObject({
        host: text(
          /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?$/,
          "a host, or a host and a port",
        ).describe("The fleet's registry, as image references name it."),
        service: name.optional().describe("The service that serves it."),
      })
      .optional()
      .describe("The fleet's own container registry."),
    boot: z
      .strictObject({
        sequence: list(stage).default([]).describe("The stages, in order."),
      })
      .default({ sequence: [] })
      .describe("The boot sequence."),
    nodes: z.array(node).default([]).describe("The hosts."),
    lint: z
      .strictObject({
        rules: z
          .record(z.string(), z.enum(["error", "warning", "info", "off"]))
          .default({})
          .describe("The severity of a rule, where it is to be another one, or off."),
        ignore: list(
          z.strictObject({
            rule: name.describe("The rule whose findings are accepted."),
            path: relativePath.describe("Where: a file, or a pattern with * and **."),
            message: anyText
              .optional()
              .describe(
                "Only findings whose message has this text in it, like the name of a host.",
              ),
            reason: text(
              /^(?=[\s\S]*\S)[\s\S]{1,1000}$/,
              "a reason, not longer than 1000 characters",
            ).describe("Why they are accepted."),
          }),
        )
          .default([])
          .describe("Findings that are accepted, by file."),
      })
      .default({ rules: {}, ignore: [] })
      .describe("What `nixgen lint` is to say about this fleet."),
  })
  .describe("nixgen.toml: the inventory of a fleet.");

/** How to tell that a component works; one of these in `components.health`. Ports are the container's. */
const health = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("listen"),
        port: port.optional().describe("Default: every published TCP port."),
      })
      .describe("The port is in LISTEN in the container's network namespace."),
    z
      .strictObject({
        kind: z.literal("http"),
        port: port.optional().describe("Default: the first published TCP port."),
        path: text(/^\/[\x21-\x7e]*$/, "a path that begins with /")
          .default("/")
          .describe("What is asked for."),
        tls: z.boolean().default(false).describe("Use https; the certificate is not checked."),
      })
      .describe("A GET request is answered with a status below 400."),
    z
      .strictObject({
        kind: z.literal("grpc"),
        port: port.optional().describe("Default: the first published TCP port."),
        service: text(/^[A-Za-z0-9_.\/-]*$/, "a gRPC service name")
          .optional()
          .describe("The service to ask for."),
        tls: z.boolean().default(false).describe("Use TLS; the certificate is not checked."),
      })
      .describe("The gRPC health service says SERVING."),
    z
      .strictObject({
        kind: z.literal("dns"),
        name: domain.optional().describe("The name to ask for. Default: the first zone of [dns]."),
      })
      .describe("A query for the name is answered at every address that port 53 is published on."),
    z
      .strictObject({
        kind: z.literal("exec"),
        command: list(anyText).min(1).describe("The program and its arguments."),
      })
      .describe("The command succeeds inside the container."),
  ])
  .describe("How to tell that the component works.");

const route = z.strictObject({
  name: name.optional().describe("The route's name; needed where there are several."),
  port: port.describe("The port that the route is reached on at the proxy."),
  mode: z.enum(["l4", "l7"]).optional().describe("Pass TCP through (l4) or proxy HTTP (l7)."),
  hostname: domain.optional().describe("The name that the route is reached by."),
  public: z.boolean().default(false).describe("Whether the edge serves it."),
});

/** podman's own health check. */
const healthcheck = z.strictObject({
  // podman reads these words of Docker's at the beginning, and 5.4.2 then takes a list apart at its blanks.
  command: list(
    text(
      /^(?!(?:CMD|CMD-SHELL|NONE)$)[^\x00]*$/,
      "a program or an argument, without the CMD or NONE of Docker",
    ),
  )
    .min(1)
    .describe('The program and its arguments, or "none".'),
  interval: duration.optional().describe("How often it runs. Default: 30s."),
  timeout: duration.optional().describe("How long it may take. Default: 30s."),
  start_period: duration.optional().describe("How long failures do not count. Default: 0s."),
  retries: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe("So many failures in a row are one too many. Default: 3."),
  on_failure: z
    .enum(["none", "kill", "restart", "stop"])
    .optional()
    .describe("What is done then; kill lets the unit start the container again. Default: none."),
});

/** What podman or systemd reads as one line. */
const oneLine = text(/^[^\x00-\x08\x0a-\x1f\x7f]*$/, "a text on one line");
/** What stands before the "=" of KEY=VALUE. */
const wordKey = text(
  /^[^\x00-\x20=\x7f]{1,255}$/,
  "a text without blanks, = and control characters",
);
const words = z.record(wordKey, anyText);
const memorySize = text(
  /^[1-9][0-9]{0,15}[bkmg]$/,
  'a size like "512m": a number and b, k, m or g',
);
const capability = text(/^(?:CAP_)?[A-Z_]{3,40}$/, 'a capability like "NET_ADMIN", or "ALL"');

/**
 * Options of `podman run` that podman_args cannot have: what the container's unit says, what network and networks
 * say, and what other keys say. test/settings holds the last against the settings.
 */
const NOT_LEFT = [
  `
    name rm rmi replace restart rootfs attach detach cidfile pidfile conmon-pidfile sdnotify cgroups
    pod pod-id-file help
  `,
  `
    network net network-alias ip ip6 mac-address
  `,
  `
    health-cmd health-interval health-timeout health-start-period health-retries health-on-failure
    no-healthcheck pull publish volume mount env env-file user dns label label-file annotation
    hostname entrypoint workdir dns-search dns-option add-host cap-add cap-drop security-opt
    read-only tmpfs device group-add sysctl ulimit shm-size memory memory-reservation memory-swap
    cpus cpu-shares pids-limit userns init pid ipc privileged stop-signal stop-timeout tty
    interactive platform arch os variant tz cgroup-parent log-driver log-opt
  `,
].flatMap((options) => options.trim().split(/\s+/));

/** One container of a service. */
export const componentSchema = z.strictObject({
  name: name.describe("The component's name; the container is <service>-<component>."),
  image: image.describe("The image, with a tag or a digest."),
  network: text(
    /^(?:(?!container:)[^\x00]{1,255}|container:[A-Za-z0-9][A-Za-z0-9_.-]{0,244})$/,
    'a name, or "container:NAME"',
  )
    .optional()
    .describe(
      'The podman network, which is made where it is missing; "host"; or "container:NAME", the network of a container of the same host, which starts first.',
    ),
  networks: list(anyText)
    .default([])
    .describe(
      "Several podman networks, or one with names and addresses in it, in place of network: NAME[:OPTION=VALUE[,…]] with the options alias, ip, ip6, mac and interface_name.",
    ),
  user: text(/^[^\x00\n]+$/, "a user, or a user and a group")
    .optional()
    .describe("The user inside the container."),
  restart: text(
    /^(?:no|always|unless-stopped|on-failure(?::[0-9]{1,6})?)$/,
    '"no", "always", "unless-stopped" or "on-failure"',
  )
    .optional()
    .describe("The restart policy. Default: unless-stopped."),
  ports: list(anyText).default([]).describe("Published ports: [[ADDRESS:][HOST]:]PORT[/PROTOCOL]."),
  volumes: list(anyText).default([]).describe("Volumes: SOURCE:TARGET[:OPTIONS]."),
  cmd: list(anyText).default([]).describe("The arguments for the image's entry point."),
  env: list(text(/^[A-Za-z_][A-Za-z0-9_.-]*=[^\x00]*$/, 'of the form "KEY=VALUE"'))
    .default([])
    .describe("Environment variables; no secrets, for those see env_files."),
  env_files: list(absolutePath)
    .default([])
    .describe("Files of environment variables, on the host."),
  routes: list(route).default([]).describe("What the proxy routes to this component."),
  depends_on: list(name)
    .default([])
    .describe("Components (of this service, or SERVICE/COMPONENT) or services to start first."),
  health: health.optional(),
  pull: z
    .enum(["always", "missing", "never", "newer"])
    .default("missing")
    .describe("When to pull the image."),
  dns: list(ipAddress)
    .optional()
    .describe(
      "The resolvers that the container asks. Default: the host's, where the fleet has [dns].",
    ),
  healthcheck: healthcheck.optional(),
  // What these mean is said in src/settings, a file for each.
  labels: words.optional(),
  annotations: words.optional(),
  hostname: domain.optional(),
  entrypoint: list(anyText).min(1).optional(),
  workdir: absolutePath.optional(),
  dns_search: list(text(/^\S{1,253}$/, "a domain, or . for none")).optional(),
  dns_option: list(text(/^[a-z0-9:-]{1,64}$/, 'an option like "ndots:1"')).optional(),
  extra_hosts: list(
    text(/^[A-Za-z0-9._-]{1,253}:(?:host-gateway|[0-9A-Fa-f:.]{1,45})$/, "NAME:ADDRESS"),
  ).optional(),
  cap_add: list(capability).optional(),
  cap_drop: list(capability).optional(),
  security_opt: list(oneLine).optional(),
  read_only: z.boolean().optional(),
  tmpfs: list(text(/^\/[^:\n\x00]*(?::[^:\n\x00]+)?$/, "TARGET[:OPTIONS]")).optional(),
  devices: list(
    text(
      /^(?:\/[^:\n\x00]+(?::\/[^:\n\x00]+)?(?::[rwm]{1,3})?|[A-Za-z0-9._/-]+=[A-Za-z0-9._:-]+)$/,
      "PATH[:PATH[:PERMISSIONS]], or a CDI name like nvidia.com/gpu=all",
    ),
  ).optional(),
  group_add: list(text(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, "a group")).optional(),
  sysctls: z.record(wordKey, oneLine).optional(),
  ulimits: list(
    text(/^(?:host|[a-z]+=-?[0-9]{1,19}(?::-?[0-9]{1,19})?)$/, "NAME=SOFT[:HARD]"),
  ).optional(),
  shm_size: memorySize.optional(),
  memory: memorySize.optional(),
  memory_reservation: memorySize.optional(),
  memory_swap: text(/^(?:-1|[1-9][0-9]{0,15}[bkmg])$/, 'a size like "1g", or "-1"').optional(),
  cpus: z.number().min(0.01).max(4096).optional(),
  cpu_shares: z.int().min(2).max(262144).optional(),
  pids_limit: z.int().min(-1).max(4194304).optional(),
  userns: text(/^[a-z][^\n\x00]{0,255}$/, 'a mode like "keep-id"').optional(),
  init: z.boolean().optional(),
  pid: text(
    /^(?:host|private|container:[A-Za-z0-9][A-Za-z0-9_.-]*)$/,
    '"host", "private" or "container:NAME"',
  ).optional(),
  ipc: text(
    /^(?:host|private|shareable|none|container:[A-Za-z0-9][A-Za-z0-9_.-]*)$/,
    '"host", "private", "shareable", "none" or "container:NAME"',
  ).optional(),
  privileged: z.boolean().optional(),
  stop_signal: text(/^(?:SIG)?[A-Z0-9+-]{1,16}$/, 'a signal like "SIGINT"').optional(),
  stop_timeout: z.int().min(0).max(86400).optional(),
  tty: z.boolean().optional(),
  interactive: z.boolean().optional(),
  platform: text(
    /^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/,
    'a platform like "linux/arm64"',
  ).optional(),
  tz: text(/^[A-Za-z0-9_+\/-]{1,64}$/, 'a time zone like "Europe/Berlin"').optional(),
  cgroup_parent: text(/^[A-Za-z0-9_.\/@-]{1,255}$/, "a control group").optional(),
  log_driver: text(
    /^(?:journald|k8s-file|passthrough|none)$/,
    '"journald", "k8s-file", "passthrough" or "none"',
  ).optional(),
  log_options: z.record(wordKey, oneLine).optional(),
  podman_args: list(
    text(
      new RegExp(`^--(?!(?:${NOT_LEFT.join("|")})=)[a-z][a-z0-9-]*=[^\\n\\x00]*$`),
      'one of podman\'s options like "--cpuset-cpus=0", that has no key of its own and does not name, remove or restart the container',
    ),
  ).optional(),
});

/** A podman network that is made with options. */
export const networkSchema = z.strictObject({
  name: name.describe("The network's name, as network and networks of components have it."),
  driver: z.enum(["bridge", "macvlan", "ipvlan"]).optional().describe("Default: bridge."),
  subnets: list(text(/^[0-9a-fA-F.:]{2,45}\/[0-9]{1,3}$/, 'a subnet like "10.89.7.0/24"'))
    .default([])
    .describe("Its subnets, one of each version of IP. Default: podman chooses one."),
  ipv6: z.boolean().optional().describe("Whether it has a subnet of IPv6 as well."),
  internal: z
    .boolean()
    .optional()
    .describe(
      "Whether containers reach nothing outside of it. Their ports are published all the same.",
    ),
  isolate: z
    .boolean()
    .optional()
    .describe("Whether it is kept apart from other networks. Default: yes from podman 6 on."),
  dns: list(ipAddress)
    .default([])
    .describe("The resolvers of its containers for names that podman does not know."),
  options: z
    .record(wordKey, text(/^[^\s\x00-\x1f\x7f]{1,255}$/, "a text without blanks"))
    .optional()
    .describe("Further options of the driver (podman-network-create(1), --opt)."),
});

/** A service definition, as the platform has them (v1 and v2). */
export const serviceSchema = z
  .strictObject({
    name: name.describe("The service's name."),
    node: name.optional().describe("The host it runs on."),
    tier: z
      .enum(["core", "worker"])
      .optional()
      .describe("Where it is placed without node: core on the master, worker on a worker."),
    version: anyText.optional().describe("The service's version."),
    active: z.boolean().default(true).describe("Whether it is to run."),
    path: anyText.optional().describe("Where its sources are."),
    build: z
      .strictObject({
        uses_mcdsl: z.boolean().optional().describe("Whether the platform's mcdsl is used."),
        images: z.record(z.string(), anyText).optional().describe("Image name to Dockerfile."),
      })
      .optional()
      .describe("How its images are built: for the platform, nixgen does not."),
    snapshot: z
      .strictObject({
        method: anyText.optional().describe("The platform's name of how."),
        exclude: list(anyText).optional().describe("What is left out."),
      })
      .optional()
      .describe("How its data is saved: for the platform, nixgen does not."),
    networks: list(networkSchema)
      .default([])
      .describe(
        "podman networks of the service's host that are not as podman makes them by itself. Components of every service can join them.",
      ),
    components: list(componentSchema).default([]).describe("Its containers."),
  })
  .describe("A service definition.");

const subIdEntry = z.strictObject({
  name: name.describe("The user, or its uid, as the file has it."),
  start: id,
  count: id,
});

const portRanges = z.array(z.strictObject({ from: port, to: port })).default([]);

/** Ports that a firewall lets in. */
const openPorts = z.strictObject({
  tcp: z.array(port).default([]),
  tcp_ranges: portRanges,
  udp: z.array(port).default([]),
  udp_ranges: portRanges,
});

/** `facts/<host>.json`: what a host really has. */
export const factsSchema = z
  .strictObject({
    // What only version 2 has is optional: what is missing was not collected.
    schema: z.literal([1, 2]).describe("The version of this format."),
    host: name.describe("The host's name, as in nixgen.toml."),
    collected: anyText.optional().describe("When, in UTC."),
    passwd: z
      .array(
        z.strictObject({
          name,
          uid: id,
          gid: id,
          home: anyText.optional(),
          shell: anyText.optional(),
        }),
      )
      .default([])
      .describe("/etc/passwd"),
    group: z
      .array(z.strictObject({ name, gid: id, members: z.array(name).optional() }))
      .default([])
      .describe("/etc/group"),
    subuid: z
      .array(subIdEntry)
      .default([])
      .describe("/etc/subuid; since version 2 as getsubids(1) prints it."),
    subgid: z
      .array(subIdEntry)
      .default([])
      .describe("/etc/subgid; since version 2 as getsubids(1) prints it."),
    sub_ids: z
      .strictObject({
        read_by: z
          .enum(["getsubids", "script"])
          .describe("Who read the ranges: the host's getsubids, or the script by the same rules."),
        faults: z
          .array(
            z.strictObject({
              file: z.enum(["subuid", "subgid"]),
              line: z.int().min(1).max(10000000),
              fault: z
                .enum(["unterminated", "fields", "number", "octal"])
                .describe(
                  "The file does not end with a line break; a line does not have three fields; a field is no number; a number begins with 0 and is read as octal or hexadecimal.",
                ),
            }),
          )
          .default([])
          .describe("What /etc/subuid and /etc/subgid have that is read otherwise than it looks."),
      })
      .optional()
      .describe("How the ranges of subordinate ids were read."),
    nixos_uid_map: z
      .record(z.string(), id)
      .default({})
      .describe("/var/lib/nixos/uid-map: every uid that NixOS ever handed out."),
    nixos_gid_map: z
      .record(z.string(), id)
      .default({})
      .describe("/var/lib/nixos/gid-map: every gid that NixOS ever handed out."),
    // What follows was not collected where it is missing: that is not the same as empty.
    system: z
      .strictObject({
        id: anyText.optional().describe("ID of os-release(5)."),
        version: anyText.optional().describe("VERSION_ID of os-release(5)."),
      })
      .optional()
      .describe("/etc/os-release"),
    addresses: z
      .array(z.strictObject({ interface: name, address: ipAddress }))
      .optional()
      .describe("The addresses of its interfaces, without loopback and link-local ones."),
    linger: z
      .array(name)
      .optional()
      .describe("The users that linger: the files of /var/lib/systemd/linger."),
    runtime_dirs: z
      .array(
        z.strictObject({
          path: text(/^\/[^\x00]*$/, "an absolute path"),
          uid: id.describe("Its owner."),
        }),
      )
      .optional()
      .describe("/run/user/*, with links resolved."),
    srv: z
      .array(
        z.strictObject({
          path: text(/^\/[^\x00]*$/, "an absolute path").describe("Any: it may hold line breaks."),
          uid: id,
          gid: id,
        }),
      )
      .optional()
      .describe(
        "What lies under /srv, and whose it is: two levels, and below them what belongs to " +
          "somebody else than the folder that it is in.",
      ),
    resolver: z
      .strictObject({
        nameservers: z.array(anyText).default([]).describe("nameserver lines of resolv.conf(5)."),
        search: z.array(anyText).default([]),
        resolved: z
          .strictObject({
            dns: z.array(anyText).default([]).describe("DNS= of resolved.conf(5)."),
            fallback_dns: z.array(anyText).default([]).describe("FallbackDNS="),
            domains: z.array(anyText).default([]).describe("Domains="),
          })
          .optional()
          .describe("systemd-resolved's global set-up, where it runs."),
        links: z
          .array(
            z.strictObject({
              interface: name,
              dns: z.array(anyText).default([]),
              domains: z.array(anyText).default([]).describe('With "~" before routing-only ones.'),
            }),
          )
          .default([])
          .describe("systemd-resolved's set-up of each interface that has one."),
        delegates: z
          .array(
            z.strictObject({
              name,
              dns: z.array(anyText).default([]),
              domains: z.array(anyText).default([]).describe('With "~" before routing-only ones.'),
            }),
          )
          .optional()
          .describe("systemd-resolved's delegates: zones with servers of their own."),
      })
      .optional()
      .describe("How names are resolved."),
    listeners: z
      .array(
        z.strictObject({
          protocol: z.enum(["tcp", "udp"]),
          address: anyText.describe('Without brackets and scope; "*", 0.0.0.0 and :: are all.'),
          port,
          process: anyText.optional(),
          sockets: z
            .int()
            .min(2)
            .max(1000000)
            .optional()
            .describe("How many sockets of the process share the port, if several do."),
        }),
      )
      .optional()
      .describe("Listening sockets."),
    firewall: z
      .strictObject({
        enable: z.boolean().describe("networking.firewall.enable"),
        open: openPorts.describe("What is open on every interface."),
        interfaces: z
          .record(z.string(), openPorts)
          .default({})
          .describe("What else is open on one."),
        trusted: z.array(name).default([]).describe("Interfaces on which everything is open."),
        rules: z.boolean().default(false).describe("Whether rules are added as text."),
      })
      .optional()
      .describe(
        "What networking.firewall of NixOS lets in: /etc/nixgen/firewall.json, which the emitted module writes.",
      ),
    podman: z
      .array(
        z.strictObject({
          user: name.describe("The user whose podman it is."),
          version: anyText.optional(),
          storage: absolutePath
            .optional()
            .describe("Where its storage is, by storage.conf(5) or the default."),
          file_uids: z
            .strictObject({ lowest: id, highest: id })
            .optional()
            .describe(
              "The lowest and the highest uid of files in the storage that are not the user's own.",
            ),
          databases: z
            .array(
              z.strictObject({
                path: absolutePath,
                kind: z.enum(["sqlite", "boltdb"]),
                runtime_dirs: z
                  .array(absolutePath)
                  .default([])
                  .describe(
                    "Every /run/user/<uid> that it names, and every /tmp/storage-run-<uid>.",
                  ),
                graph_root: absolutePath.optional().describe("GraphRoot of its DBConfig."),
                run_root: absolutePath.optional().describe("RunRoot of its DBConfig."),
                tmp_dir: absolutePath.optional().describe("TmpDir of its DBConfig."),
              }),
            )
            .default([]),
          containers: z
            .array(z.looseObject({ Name: name }))
            .optional()
            .describe(
              "What `podman inspect` says of every container, by name; missing where podman did " +
                "not answer. Facts are committed, so only what does not hold secrets is here: Id, " +
                "Name, Image, ImageName, State.{Status, ExitCode}, Config.User, the names in Config.Env, " +
                "HostConfig.{NetworkMode, RestartPolicy, PortBindings, Binds}, Mounts and the " +
                "names of NetworkSettings.Networks. What podman has besides may be here as well.",
            ),
          env: z
            .enum(["names", "digest", "plain"])
            .default("plain")
            .describe(
              "What Config.Env has: names, or plain for NAME=VALUE. Facts that older scripts collected say " +
                "digest, from which short secrets can be guessed: collect them again.",
            ),
          external: z
            .array(name)
            .default([])
            .describe("Names held by external storage: `podman ps --external`."),
          images: z.array(anyText).optional().describe("The images in local storage, by name."),
          error: anyText.optional().describe("What podman said instead of answering."),
        }),
      )
      .optional()
      .describe("What the podman of each user has."),
    incomplete: z
      .array(z.enum(["srv"]))
      .optional()
      .describe("The parts of which not everything is here: there was too much of it."),
  })
  .describe("facts/<host>.json: what a host really has.");

const lockedRange = text(/^[0-9]{1,10}:[0-9]{1,10}$/, 'of the form "START:COUNT"');

/** `nixgen.lock`: what was chosen once and must stay. Both versions are read, and the second is written. */
export const lockSchema = z
  .strictObject({
    version: z.literal([1, 2]),
    identities: z
      .record(
        z.string(),
        z.strictObject({
          name: someText.describe("The container user's name."),
          uid: id.optional().describe("Its uid."),
          group: someText.optional().describe("Its primary group."),
          gid: id.optional().describe("The gid of that group."),
          home: someText.optional().describe("Its home."),
          sub_ids: lockedRange.optional().describe("Its subordinate ids, as START:COUNT."),
        }),
      )
      .default({})
      .describe("Host to its container user."),
    uids: z.record(z.string(), id).default({}).describe("user@host to uid. Of version 1."),
    gids: z.record(z.string(), id).default({}).describe("group@host to gid. Of version 1."),
    sub_ids: z
      .record(z.string(), lockedRange)
      .default({})
      .describe("user@host to the range of subordinate ids. Of version 1."),
    placement: z.record(z.string(), z.string()).default({}).describe("Service to host."),
    ports: z
      .record(z.string(), port)
      .default({})
      .describe("host/service/component/route to host port."),
    accepted: z
      .array(
        z.strictObject({
          kind: z.enum(["name", "uid", "group", "gid", "home", "sub_ids"]),
          key: someText.describe("user@host"),
          from: anyText,
          to: anyText,
          reason: text(/\S/, "a reason"),
        }),
      )
      .default([])
      .describe("Changes that were accepted with `nixgen lock accept`, in their order."),
  })
  .describe("nixgen.lock: what nixgen chose once.");

/** `nixgen.baseline.json`: what was there when nixgen came. */
export const baselineSchema = z
  .strictObject({
    version: z.literal(1),
    findings: z
      .array(
        z.strictObject({
          rule: name.describe("The rule that found it."),
          file: someText.describe("The file that it is in."),
          message: anyText.describe("What was said. Lines do not count: they move."),
          count: z.int().min(1).max(1000000).default(1).describe("How often it was found."),
        }),
      )
      .describe("The findings that are accepted."),
  })
  .describe("nixgen.baseline.json: findings that were there before nixgen was.");

export type Inventory = z.output<typeof inventorySchema>;
export type NodeDefinition = Inventory["nodes"][number];
export type StageDefinition = Inventory["boot"]["sequence"][number];
export type SubIds = z.output<typeof subIds>;
export type ServiceDefinition = z.output<typeof serviceSchema>;
export type ComponentDefinition = ServiceDefinition["components"][number];
export type NetworkDefinition = z.output<typeof networkSchema>;
export type RouteDefinition = ComponentDefinition["routes"][number];
export type HealthDefinition = z.output<typeof health>;
export type HealthcheckDefinition = z.output<typeof healthcheck>;
export type Facts = z.output<typeof factsSchema>;
export type LockDocument = z.output<typeof lockSchema>;
export type Baseline = z.output<typeof baselineSchema>;
