/** What the fleet is once it is loaded: placement, route ports, the lock file, probes and resolvers. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dependenciesOf, type Probe, probeOf, stageIndex, whereOf } from "../../src/fleet/boot.ts";
import {
  containerResolvers,
  dnsAddressesOf,
  internalResolvers,
  outsideResolvers,
} from "../../src/fleet/dns.ts";
import { lockText } from "../../src/fleet/lock-text.ts";
import {
  identityKey,
  IDENTITY_KINDS,
  lockedIdentity,
  nextLock,
  readLock,
  routeKey,
  subIdsText,
} from "../../src/fleet/lock.ts";
import type { Component, Fleet, Host, Lock } from "../../src/fleet/model.ts";
import { RoutePorts } from "../../src/fleet/placement.ts";
import type { LockDocument } from "../../src/fleet/schema.ts";
import { parseToml } from "../../src/document/source.ts";
import { DEFAULT_SUB_IDS } from "../../src/fleet/sub-ids.ts";
import { validate } from "../../src/fleet/validate.ts";
import { type Files, inventory, load, loadFiles } from "../support/fleet.ts";
import { holds } from "../support/fuzz.ts";

const GAMMA = `
[[nodes]]
name = "gamma"
os = "nixos"
nixos_release = "25.11"
role = "worker"
addresses = { lan = "192.168.1.12", vpn = "100.64.0.12" }
`;

/** A service with one component of the same name; `more` is put into the component. */
function service(name: string, top = "", more = ""): string {
  return `name = "${name}"\n${top}\n[[components]]\nname = "${name}"\nimage = "x:1"\n${more}\n`;
}

function services(...texts: readonly string[]): Files {
  return Object.fromEntries(texts.map((text, at) => [`services/${at}.toml`, text]));
}

/** A fleet of one master (alpha) and two workers (beta, gamma). */
async function fleetOf(files: Files, more = ""): Promise<Fleet> {
  return loadFiles({ "nixgen.toml": inventory(GAMMA + more), ...files });
}

function hostsByService(fleet: Fleet): Record<string, string | undefined> {
  return Object.fromEntries(fleet.services.map(({ name, host }) => [name, host]));
}

function component(fleet: Fleet, container: string): Component {
  const all = fleet.services.flatMap(({ components }) => components);
  const found = all.find((one) => one.container === container);
  if (found === undefined) throw new Error(`no ${container}`);
  return found;
}

function host(fleet: Fleet, name: string): Host {
  const found = fleet.hosts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function routePorts(fleet: Fleet, container: string): (number | undefined)[] {
  return component(fleet, container).routes.map(({ hostPort }) => hostPort);
}

const WORKER = 'tier = "worker"';
const ROUTE = "[[components.routes]]\nport = 443";

describe("placement", () => {
  it("follows node, puts core on the master, and leaves out what fits nowhere", async () => {
    const fleet = await fleetOf(
      services(
        service("a", 'node = "gamma"'),
        service("b", 'tier = "core"'),
        service("c", 'node = "nowhere"'),
        service("d"),
        service("e", 'node = "beta"\ntier = "core"'),
      ),
    );
    expect(hostsByService(fleet)).toEqual({
      a: "gamma",
      b: "alpha",
      c: undefined,
      d: undefined,
      e: "beta",
    });
  });

  it("takes the worker with the fewest containers, ties by name", async () => {
    const two = service("a", 'node = "beta"') + '[[components]]\nname = "x"\nimage = "x:1"\n';
    const texts = ["b", "c", "d", "e"].map((name) => service(name, WORKER));
    const fleet = await fleetOf(services(two, ...texts));
    expect(hostsByService(fleet)).toEqual({
      a: "beta",
      b: "gamma",
      c: "gamma",
      d: "beta",
      e: "gamma",
    });
  });

  it("does not count inactive services, and still places them", async () => {
    const fleet = await fleetOf(
      services(
        service("a", 'node = "beta"\nactive = false'),
        service("b", WORKER),
        service("c", `${WORKER}\nactive = false`),
        service("d", WORKER),
      ),
    );
    expect(hostsByService(fleet)).toEqual({ a: "beta", b: "beta", c: "gamma", d: "gamma" });
  });

  it("stays as the lock file has it, even where another worker has less", async () => {
    const files = services(
      service("a", 'node = "gamma"'),
      service("b", WORKER),
      service("c", WORKER),
    );
    const lock = 'version = 1\n[placement]\nb = "gamma"\n';
    expect(hostsByService(await fleetOf({ ...files, "nixgen.lock": lock }))).toEqual({
      a: "gamma",
      b: "gamma",
      c: "beta",
    });
  });

  it("is chosen anew where the node is gone or no worker any more", async () => {
    const files = services(service("a", WORKER), service("b", WORKER));
    const lock = 'version = 1\n[placement]\na = "vanished"\nb = "alpha"\n';
    expect(hostsByService(await fleetOf({ ...files, "nixgen.lock": lock }))).toEqual({
      a: "beta",
      b: "gamma",
    });
  });

  it("gives way to node, whatever the lock file says", async () => {
    const lock = 'version = 1\n[placement]\na = "gamma"\n';
    const fleet = await fleetOf({
      ...services(service("a", 'node = "beta"')),
      "nixgen.lock": lock,
    });
    expect(hostsByService(fleet)).toEqual({ a: "beta" });
  });

  it("does not depend on the order of files and nodes", async () => {
    const names = ["a", "b", "c", "d"];
    const placed = await Promise.all(
      [names, [...names].reverse()].map(async (order) =>
        hostsByService(await fleetOf(services(...order.map((name) => service(name, WORKER))))),
      ),
    );
    expect(placed[0]).toEqual(placed[1]);
    expect(placed[0]).toEqual({ a: "beta", b: "gamma", c: "beta", d: "gamma" });
  });
});

describe("route ports", () => {
  it("are the lowest that are free, on each host of its own", async () => {
    const fleet = await fleetOf(
      services(
        service("a", 'node = "beta"', `${ROUTE}\nname = "x"\n${ROUTE}\nname = "y"`),
        service("b", 'node = "beta"', ROUTE),
        service("c", 'node = "gamma"', ROUTE),
      ),
    );
    expect(routePorts(fleet, "a")).toEqual([10000, 10001]);
    expect(routePorts(fleet, "b")).toEqual([10002]);
    expect(routePorts(fleet, "c")).toEqual([10000]);
  });

  it("are kept as locked, and not given to others", async () => {
    const fleet = await fleetOf({
      ...services(
        service("a", 'node = "beta"', ROUTE),
        service("b", 'node = "beta"', ROUTE),
        service("c", 'node = "beta"', ROUTE),
      ),
      "nixgen.lock": 'version = 1\n[ports]\n"beta/b/b/0" = 10000\n"beta/c/c/0" = 23456\n',
    });
    expect(["a", "b", "c"].flatMap((name) => routePorts(fleet, name))).toEqual([
      10001, 10000, 23456,
    ]);
  });

  it("avoid what is published, also in ranges, and the agent", async () => {
    const beta = 'name = "beta"\nagent = { listen = ["192.168.1.11:10003"] }';
    const fleet = await loadFiles({
      "nixgen.toml": inventory(GAMMA).replace('name = "beta"', beta),
      ...services(
        service("a", 'node = "beta"', ROUTE),
        service("b", 'node = "beta"', 'ports = ["10000-10002:80-82", "127.0.0.1:10004:1/udp"]'),
      ),
    });
    expect(routePorts(fleet, "a")).toEqual([10005]);
  });

  it("avoid what a container on the host's network listens on", async () => {
    const health = 'health = { kind = "http", port = 10001 }';
    const fleet = await fleetOf(
      services(
        service("a", 'node = "beta"', ROUTE),
        service("b", 'node = "beta"', `network = "host"\nports = ["80:10000"]\n${health}`),
      ),
    );
    expect(routePorts(fleet, "a")).toEqual([10002]);
  });

  it("are chosen anew where the locked one is published by now, out of range or locked twice", async () => {
    const fleet = await fleetOf({
      ...services(
        service("a", 'node = "beta"', `ports = ["12000:80"]\n${ROUTE}`),
        service("b", 'node = "beta"', ROUTE),
        service("c", 'node = "beta"', ROUTE),
        service("d", 'node = "beta"', ROUTE),
      ),
      "nixgen.lock":
        'version = 1\n[ports]\n"beta/a/a/0" = 12000\n"beta/b/b/0" = 9999\n"beta/c/c/0" = 11000\n"beta/d/d/0" = 11000\n',
    });
    expect(["a", "b", "c", "d"].flatMap((name) => routePorts(fleet, name))).toEqual([
      10000, 10001, 11000, 10002,
    ]);
  });

  it("end at 60000", () => {
    const ports = new RoutePorts(new Set(Array.from({ length: 50_000 }, (_, at) => 10_000 + at)));
    expect([ports.take(), ports.take()]).toEqual([60_000, undefined]);
    expect(new RoutePorts(new Set()).keep(60_001)).toBeUndefined();
    expect(new RoutePorts(new Set()).keep(60_000)).toBe(60_000);
  });

  it("are known by name, or by number among the unnamed ones, and named in a variable", async () => {
    const fleet = await fleetOf(
      services(
        service("a", 'node = "beta"', `${ROUTE}\nname = "web-ui"\n${ROUTE}\n${ROUTE}`),
        service("b", 'node = "beta"', ROUTE),
        service("c", WORKER),
      ),
    );
    expect(component(fleet, "a").routes.map(({ key, variable }) => [key, variable])).toEqual([
      ["web-ui", "PORT_WEB_UI"],
      ["0", "PORT_0"],
      ["1", "PORT_1"],
    ]);
    expect(component(fleet, "b").routes.map(({ variable }) => variable)).toEqual(["PORT"]);
  });

  it("are undefined where the service is on no host", async () => {
    expect(routePorts(await fleetOf(services(service("a", "", ROUTE))), "a")).toEqual([undefined]);
  });
});

describe("the subordinate ids of a host's user", () => {
  const WRITTEN = "uid = 850\nsub_ids = { start = 400000, count = 65536 }";
  const OWN = "[[nodes]]\nuser = { sub_ids = { start = 500000, count = 65536 } }";
  const LOCKED = { "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = "200000:65536"\n' };
  const THERE = {
    "facts/alpha.json": JSON.stringify({
      schema: 1,
      host: "alpha",
      passwd: [{ name: "pod", uid: 851, gid: 850 }],
      // By its uid, in two lines that touch.
      subuid: [
        { name: "kyle", start: 100000, count: 65536 },
        { name: "851", start: 300000, count: 65535 },
        { name: "pod", start: 365535, count: 1 },
      ],
    }),
  };

  async function range(files: Files, text = inventory()): Promise<string> {
    const { user } = host(await loadFiles({ "nixgen.toml": text, ...files }), "alpha");
    const { file, path } = user.where.subIds;
    return `${user.subIdsFrom} ${subIdsText(user.subIds)} ${file} ${path.join(".")}`;
  }

  it("are those that are written, for the host before those for all", async () => {
    const common = inventory().replace("uid = 850", WRITTEN);
    const both = common.replace("[[nodes]]", OWN);
    const files = { ...LOCKED, ...THERE };
    expect(await range(files, common)).toBe("inventory 400000:65536 nixgen.toml user.sub_ids");
    expect(await range(files, both)).toBe(
      "inventory 500000:65536 nixgen.toml nodes.0.user.sub_ids",
    );
  });

  it("are those of the lock where none are written, whatever the host has", async () => {
    expect(await range({ ...LOCKED, ...THERE })).toBe(
      "lock 200000:65536 nixgen.lock sub_ids.pod@alpha",
    );
  });

  it("are those that the host has where neither has any", async () => {
    expect(await range(THERE)).toBe("facts 300000:65536 facts/alpha.json subuid.1");
  });

  it("else lie where nothing hands out ids", async () => {
    expect(await range({})).toBe("default 2130706432:65536 nixgen.toml user.sub_ids");
    const { start, count } = DEFAULT_SUB_IDS;
    expect(start % 65536).toBe(0);
    // NixOS, useradd, systemd's containers; SSSD and FreeIPA; then systemd's foreign images.
    expect(start).toBeGreaterThan(Math.max(600100000, 1879048191, 2000200000));
    expect(start + count - 1).toBeLessThan(2147352576);
  });

  it("are pinned by the lock, so that they stay when the facts are gone", async () => {
    const fleet = await loadFiles({ "nixgen.toml": inventory(), ...THERE });
    const lock = lockText(nextLock(fleet));
    expect(await range({ "nixgen.lock": lock })).toMatch(/^lock 300000:65536 /);
  });

  it("are not taken from a host that has several ranges", async () => {
    const facts = THERE["facts/alpha.json"].replace("365535", "400000");
    expect(await range({ "facts/alpha.json": facts })).toMatch(/^default /);
  });
});

const LOCK = `version = 1
[uids]
"pod@alpha" = 995
"pod@gone" = 1234
[gids]
"pod@alpha" = 988
[placement]
a = "gamma"
removed = "beta"
[ports]
"gamma/a/a/0" = 12345
"beta/removed/removed/0" = 10000
`;

/** What inventory() makes of its user. */
const POD = {
  name: "pod",
  uid: 850,
  group: "pod",
  gid: 850,
  home: "/srv/pod",
  sub_ids: "2130706432:65536",
};

/** A lock without what only JavaScript has, like maps and objects without a prototype. */
function plain({ identities, ...others }: Lock): unknown {
  return JSON.parse(JSON.stringify({ identities: Object.fromEntries(identities), ...others }));
}

describe("the lock file", () => {
  it("keeps uids for ever, adds new ones, and drops places of what is gone", async () => {
    const fleet = await fleetOf({
      ...services(
        service("a", WORKER, ROUTE),
        service("b", WORKER, ROUTE),
        service("c", 'node = "beta"'),
      ),
      "nixgen.lock": LOCK,
    });
    expect(nextLock(fleet)).toEqual({
      identities: new Map([
        ["alpha", { ...POD, uid: 995, gid: 988 }],
        ["gone", { name: "pod", uid: 1234 }],
        ["beta", POD],
        ["gamma", POD],
      ]),
      placement: { a: "gamma", b: "beta" },
      ports: { "gamma/a/a/0": 12345, "beta/b/b/0": 10000 },
      accepted: [],
    });
    expect(lockedIdentity(fleet, host(fleet, "alpha"))).toEqual({
      name: "pod",
      uid: 995,
      group: "pod",
      gid: 988,
    });
    expect(lockedIdentity(fleet, host(fleet, "beta"))).toBeUndefined();
    expect([...fleet.lock.lock.identities.keys()]).toEqual(["alpha", "gone"]);
  });

  it("is at rest after one build", async () => {
    const files = services(service("a", WORKER, ROUTE), service("b", WORKER, ROUTE));
    const first = lockText(nextLock(await fleetOf({ ...files, "nixgen.lock": LOCK })));
    expect(lockText(nextLock(await fleetOf({ ...files, "nixgen.lock": first })))).toBe(first);
  });

  it("has no uid of a host that is not NixOS, or that has none", async () => {
    const text = inventory()
      .replace('os = "nixos"', 'os = "debian"')
      .replace("uid = 850\n", "")
      .replace("gid = 850\n", "");
    const { identities } = nextLock(await loadFiles({ "nixgen.toml": text }));
    expect([...identities.keys()]).toEqual(["beta"]);
    expect(identities.get("beta")).not.toHaveProperty("uid");
    expect(identities.get("beta")).not.toHaveProperty("gid");
  });

  const key = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("__proto__", "constructor", "a.b", "10", "9", 'q"q', "a = 1_0", "pod@alpha"),
  );
  const id = fc.integer({ min: 0, max: 4294967294 });
  const identity = fc.record(
    {
      name: fc.constantFrom("pod", "x\n = 1_0", "1_000"),
      uid: id,
      group: fc.constantFrom("users", "1_000"),
      gid: id,
      home: fc.constantFrom("/srv/pod", '/srv/"\n = 1_0'),
      sub_ids: fc.constantFrom("100000:65536", "0:1", "4294967294:65536"),
    },
    { requiredKeys: ["name"] },
  );
  const lock: fc.Arbitrary<Lock> = fc.record({
    identities: fc.dictionary(key, identity).map((table) => new Map(Object.entries(table))),
    placement: fc.dictionary(
      key,
      fc.oneof(fc.string(), fc.constant("x\n = 1_0"), fc.constant("1_000")),
    ),
    ports: fc.dictionary(key, fc.integer({ min: 1, max: 65535 })),
    accepted: fc.array(
      fc.record({
        kind: fc.constantFrom(...IDENTITY_KINDS),
        key: fc.constantFrom("pod@alpha", 'q"q@b'),
        from: fc.constantFrom("995", "1_000"),
        to: fc.constant("850"),
        reason: fc.constantFrom("moved", "a\nuid = 1_0", "'; rm -rf"),
      }),
    ),
  });

  it("reads back as what was written", async () => {
    await holds(
      fc.asyncProperty(lock, async (written) => {
        const source = parseToml("nixgen.lock", lockText(written));
        expect(await validate("lock", source)).toEqual([]);
        const read = readLock(source.value as LockDocument, "pod");
        expect(plain(read)).toEqual(plain(written));
      }),
      100,
    );
  });

  it("is sorted, one line an entry, with plain numbers", () => {
    const text = lockText({
      identities: new Map([
        ["b", { home: "/srv/b", gid: 850, uid: 4294967294, name: "pod" }],
        ["a", { name: "pod", uid: 1000000 }],
      ]),
      placement: { web: "beta", api: "1_000" },
      ports: { "h/s/c/b": 10001, "h/s/c/a": 60000 },
      accepted: [],
    });
    expect(text.split("\n").filter((line) => !line.startsWith("#") && line !== "")).toEqual([
      "version = 2",
      "[identities.a]",
      'name = "pod"',
      "uid = 1000000",
      "[identities.b]",
      'name = "pod"',
      "uid = 4294967294",
      "gid = 850",
      'home = "/srv/b"',
      "[placement]",
      'api = "1_000"',
      'web = "beta"',
      "[ports]",
      '"h/s/c/a" = 60000',
      '"h/s/c/b" = 10001',
    ]);
    expect(text).toMatch(/^# Written by `nixgen build`.*Commit it\.\n/);
    expect(text.endsWith("\n")).toBe(true);
  });

  it("does not depend on the order of its entries", async () => {
    await holds(
      fc.property(lock, (one) => {
        const turned = <T>(table: Readonly<Record<string, T>>): Record<string, T> =>
          Object.fromEntries(Object.entries(table).reverse());
        const other: Lock = {
          identities: new Map([...one.identities].reverse()),
          placement: turned(one.placement),
          ports: turned(one.ports),
          accepted: one.accepted,
        };
        expect(lockText(other)).toBe(lockText(one));
      }),
      100,
    );
  });

  it("has keys that name what they are of", () => {
    expect(identityKey("pod", "alpha")).toBe("pod@alpha");
    expect(routeKey("h", "s", "c", "r")).toBe("h/s/c/r");
  });
});

const DNS = `
[[boot.sequence]]
name = "first"
services = ["dns"]
[[boot.sequence]]
name = "second"
services = ["web"]
health = "http"
`;

/** The inventory with a DNS service of its own and two stages. */
const DNS_INVENTORY = inventory(DNS).replace(
  "[dns]",
  '[dns]\nzones = ["svc.example"]\nservice = "dns"',
);

describe("a probe", () => {
  const PORTS = 'ports = ["192.168.1.10:8443:443", "127.0.0.1:5000:5000/udp", "9000:90"]\n';
  const probe = async (more: string, name = "web"): Promise<Probe> => {
    const fleet = await loadFiles({
      "nixgen.toml": DNS_INVENTORY,
      ...services(service(name, 'node = "alpha"', more)),
    });
    const stage = fleet.inventory.boot.sequence[stageIndex(fleet, name) ?? -1];
    return probeOf(fleet, host(fleet, "alpha"), component(fleet, name), stage);
  };

  it.each<[more: string, expected: Probe]>([
    [`${PORTS}health = { kind = "listen" }`, { kind: "listen", ports: [90, 443] }],
    [`${PORTS}health = { kind = "listen", port = 7 }`, { kind: "listen", ports: [7] }],
    [`health = { kind = "listen" }`, { kind: "running" }],
    [`${PORTS}health = { kind = "http" }`, { kind: "http", url: "http://127.0.0.1:9000/" }],
    [
      `${PORTS}health = { kind = "http", port = 443, path = "/ok?x", tls = true }`,
      { kind: "http", url: "https://192.168.1.10:8443/ok?x" },
    ],
    [`${PORTS}health = { kind = "http", port = 5000 }`, { kind: "running" }],
    [
      `network = "host"\nhealth = { kind = "http", port = 8080 }`,
      { kind: "http", url: "http://127.0.0.1:8080/" },
    ],
    [
      `ports = ["[2001:DB8::1]:80-89:8080-8089"]\nhealth = { kind = "http", port = 8083 }`,
      { kind: "http", url: "http://[2001:db8::1]:83/" },
    ],
    [`ports = ["80"]\nhealth = { kind = "http" }`, { kind: "running" }],
    [
      `${PORTS}health = { kind = "grpc", port = 443, service = "a.B", tls = true }`,
      { kind: "grpc", endpoint: "192.168.1.10:8443", service: "a.B", tls: true },
    ],
    [
      `${PORTS}health = { kind = "grpc" }`,
      { kind: "grpc", endpoint: "127.0.0.1:9000", service: undefined, tls: false },
    ],
    [
      `health = { kind = "exec", command = ["true", "x"] }`,
      { kind: "exec", command: ["true", "x"] },
    ],
    [
      `ports = ["192.168.1.10:53:53/udp"]\nhealth = { kind = "dns", name = "a.example" }`,
      { kind: "dns", name: "a.example", addresses: ["192.168.1.10"] },
    ],
    [
      `ports = ["192.168.1.10:53:53/udp"]\nhealth = { kind = "dns" }`,
      { kind: "dns", name: "svc.example", addresses: ["192.168.1.10"] },
    ],
    [`health = { kind = "dns" }`, { kind: "running" }],
    // The stage says http.
    [PORTS, { kind: "http", url: "http://127.0.0.1:9000/" }],
    [`[[components.routes]]\nport = 443`, { kind: "http", url: "http://127.0.0.1:10000/" }],
    ["", { kind: "running" }],
  ])("for %j is %j", async (more, expected) => {
    expect(await probe(more)).toEqual(expected);
  });

  it.each<[more: string, expected: Probe]>([
    [
      'ports = ["53:53/udp", "53:53"]',
      { kind: "dns", name: "svc.example", addresses: ["192.168.1.10", "100.64.0.10"] },
    ],
    ['ports = ["127.0.0.1:53:53"]', { kind: "listen", ports: [53] }],
    [
      'ports = ["192.168.1.10:53:53"]\nhealth = { kind = "listen" }',
      { kind: "listen", ports: [53] },
    ],
  ])("of the DNS service, for %j, is %j", async (more, expected) => {
    expect(await probe(more, "dns")).toEqual(expected);
  });

  it("without a stage asks for the ports, those of routes too", async () => {
    expect(await probe(`${PORTS}[[components.routes]]\nport = 443`, "other")).toEqual({
      kind: "listen",
      ports: [90, 443, 10000],
    });
  });
});

describe("a dependency", () => {
  it("is a sibling, a component of another service, or all of one", async () => {
    const two = `${service("a", 'node = "alpha"', 'depends_on = ["b", "x", "b/b", "nothing", "a", "off"]')}
[[components]]\nname = "b"\nimage = "x:1"\ndepends_on = ["b"]\n`;
    const other = `${service("b")}\n[[components]]\nname = "c"\nimage = "x:1"\n`;
    const fleet = await loadFiles({
      "nixgen.toml": DNS_INVENTORY,
      ...services(two, other, service("x"), service("off", "active = false")),
    });
    const named = (container: string): string[][] =>
      dependenciesOf(fleet, component(fleet, container)).map(({ targets }) =>
        targets.map((target) => target.container),
      );
    expect(named("a")).toEqual([["a-b"], ["x"], ["b"], [], [], []]);
    expect(named("a-b")).toEqual([["b", "b-c"]]);
    expect(
      dependenciesOf(fleet, component(fleet, "a")).map((each) => whereOf(each).path)[1],
    ).toEqual(["components", 0, "depends_on", 1]);
    expect(stageIndex(fleet, "dns")).toBe(0);
    expect(stageIndex(fleet, "a")).toBeUndefined();
  });
});

describe("the fleet's own DNS", () => {
  const load = async (text: string, from = DNS_INVENTORY): Promise<Fleet> =>
    loadFiles({ "nixgen.toml": from, ...services(text) });

  it.each<[more: string, addresses: string[]]>([
    ['ports = ["192.168.1.10:53:53/udp", "192.168.1.10:53:53/tcp"]', ["192.168.1.10"]],
    ['ports = ["192.168.1.10:50-60:50-60/udp"]', ["192.168.1.10"]],
    ['ports = ["192.168.1.10:53:53", "100.64.0.10:53:53/udp"]', ["100.64.0.10"]],
    ['ports = ["192.168.1.10:5353:53/udp"]', []],
    ['ports = ["127.0.0.1:53:53/udp", "[::1]:53:53/udp"]', []],
    ['ports = ["53/udp"]', []],
    ['ports = ["53:5353/udp"]', ["192.168.1.10", "100.64.0.10"]],
    ['ports = ["[::]:53:53/udp"]', ["192.168.1.10", "100.64.0.10"]],
    ['network = "host"', ["192.168.1.10", "100.64.0.10"]],
  ])("published as %j answers at %j", async (more, addresses) => {
    const fleet = await load(service("dns", 'node = "alpha"', more));
    expect(dnsAddressesOf(component(fleet, "dns"), host(fleet, "alpha"))).toEqual(addresses);
    expect(internalResolvers(fleet)).toEqual(addresses);
  });

  it("does not answer where it is inactive, on no host or another service", async () => {
    const ports = 'ports = ["192.168.1.10:53:53/udp"]';
    expect(
      internalResolvers(await load(service("dns", 'node = "alpha"\nactive = false', ports))),
    ).toEqual([]);
    expect(internalResolvers(await load(service("dns", "", ports)))).toEqual([]);
    expect(internalResolvers(await load(service("web", 'node = "alpha"', ports)))).toEqual([]);
  });

  it("may be several services, all of which are asked and probed by the zone", async () => {
    const text = DNS_INVENTORY.replace(
      'service = "dns"',
      'service = "dns"\nservices = ["other", "dns", "gone"]',
    );
    const fleet = await loadFiles({
      "nixgen.toml": text,
      ...services(
        service("dns", 'node = "alpha"', 'ports = ["192.168.1.10:53:53/udp"]'),
        service("other", 'node = "beta"', 'ports = ["192.168.1.11:53:53/udp"]'),
      ),
    });
    expect(internalResolvers(fleet)).toEqual(["192.168.1.10", "192.168.1.11"]);
    for (const [name, on, address] of [
      ["dns", "alpha", "192.168.1.10"],
      ["other", "beta", "192.168.1.11"],
    ] as const) {
      const its = component(fleet, name);
      const addresses = [address];
      expect(probeOf(fleet, host(fleet, on), its, undefined)).toEqual({ kind: "dns", name: "svc.example", addresses }); // prettier-ignore
      expect(containerResolvers(fleet, its)).toEqual(["1.1.1.1", "8.8.8.8"]);
    }
  });

  it.each<[network: string, resolvers: string[]]>([
    ["", ["169.254.1.1"]],
    ["inner", ["169.254.1.1"]],
    ["bridge", ["169.254.1.1"]],
    ["pasta", ["169.254.1.1"]],
    ["host", []],
    ["none", []],
    ["slirp4netns", []],
    ["container:dns", []],
    ["ns:/run/netns/x", []],
  ])(
    "is left to the host's resolver by a container of the network %j: %j",
    async (network, resolvers) => {
      const web = service("web", 'node = "alpha"', network === "" ? "" : `network = "${network}"`);
      const fleet = await load(web);
      expect(containerResolvers(fleet, component(fleet, "web"))).toEqual(resolvers);
      // Without [dns] the host's resolver is not ours.
      const without = await load(web, inventory().replace(/\[dns\]\npublic .*\n/, ""));
      expect(containerResolvers(without, component(without, "web"))).toEqual([]);
    },
  );

  it("is not among the resolvers outside, however its address is spelled", async () => {
    const text = DNS_INVENTORY.replace(
      'lan = "192.168.1.10"',
      'lan = "192.168.1.10", six = "2001:db8::1"',
    ).replace(
      '["1.1.1.1", "8.8.8.8"]',
      '["1.1.1.1", "192.168.1.11", "127.0.0.1", "2001:DB8:0:0::1", "::1", "2606:4700::1111"]',
    );
    const fleet = await load(service("dns"), text);
    expect(
      outsideResolvers(fleet).map(({ address, where }) => [address, where.path.at(-1)]),
    ).toEqual([
      ["1.1.1.1", 0],
      ["2606:4700::1111", 5],
    ]);
  });
});

describe("the user of a host", () => {
  it("is that of [user], but for what the host says", async () => {
    const own = 'name = "beta"\nuser = { uid = 900, home = "/home/pod" }';
    const { hosts } = await loadFiles({ "nixgen.toml": inventory().replace('name = "beta"', own) });
    expect(
      hosts.map(({ user }) => [
        user.uid,
        user.gid,
        user.home,
        user.where.uid.path,
        user.where.gid.path,
      ]),
    ).toEqual([
      [850, 850, "/srv/pod", ["user", "uid"], ["user", "gid"]],
      [900, 900, "/home/pod", ["nodes", 1, "user", "uid"], ["nodes", 1, "user", "uid"]],
    ]);
  });

  /** Group, gid and storage of alpha, then of beta. */
  async function groupsOf(user: string, beta = "{}"): Promise<unknown[]> {
    const text = inventory()
      .replace(/^uid .*\ngid .*$/m, user)
      .replace('name = "beta"', `name = "beta"\nuser = ${beta}`);
    const { hosts } = await loadFiles({ "nixgen.toml": text });
    return hosts.map(({ user: { group, gid, storage } }) => [group, gid, storage]);
  }

  const STORAGE = "/srv/pod/.local/share/containers/storage";

  it.each([
    ["its own group", "uid = 850", "{ uid = 900 }", ["pod", 850], ["pod", 900]],
    ["users, by its gid", "uid = 850\ngid = 100", "{}", ["users", 100], ["users", 100]],
    ["users, by its name", 'uid = 850\ngroup = "users"', "{}", ["users", 100], ["users", 100]],
    [
      "another group",
      'uid = 850\ngroup = "media"\ngid = 300',
      '{ uid = 900, group = "pod" }',
      ["media", 300],
      ["pod", 900],
    ],
    ["users on one host", "uid = 850\ngid = 850", "{ gid = 100 }", ["pod", 850], ["users", 100]],
    [
      "another group on one host",
      "uid = 850\ngid = 850",
      '{ group = "media", gid = 300 }',
      ["pod", 850],
      ["media", 300],
    ],
  ])("has as primary group %s", async (_, user, beta, ...expected) => {
    expect(await groupsOf(user, beta)).toEqual(expected.map((each) => [...each, STORAGE]));
  });

  it("has its storage in its home, or where it is said to be", async () => {
    const [alpha, beta] = await groupsOf(
      'uid = 850\nhome = "/home/pod"',
      '{ storage = "/data/p" }',
    );
    expect([alpha, beta]).toEqual([
      ["pod", 850, "/home/pod/.local/share/containers/storage"],
      ["pod", 850, "/data/p"],
    ]);
  });

  it("needs the gid of a group that the host has", async () => {
    const text = inventory().replace(/^gid .*$/m, 'group = "media"');
    const { findings } = await load({ "nixgen.toml": text });
    expect(findings.map(({ message, location }) => [message, location.line])).toEqual([
      [
        "the gid of media, the primary group of pod, is missing for alpha, beta",
        text.split("\n").indexOf('group = "media"') + 1,
      ],
    ]);
  });
});
