/** From files to a fleet, and every way in which files can be wrong. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { InputError } from "../../src/text/input-error.ts";
import { findInventory, loadFleet } from "../../src/fleet/load.ts";
import type { Fleet } from "../../src/fleet/model.ts";
import { RELEASES } from "../../src/fleet/release.ts";
import { type Files, inventory, loadFiles, temporaryFolder, writeFiles } from "../support/fleet.ts";

const SERVICE = 'name = "web"\nnode = "alpha"\n';

const COMPONENT = `${SERVICE}
[[components]]
name = "web"
image = "registry.example/web:v1"
`;

/** The problems of a folder, each of which is as every problem must be. */
async function problemsIn(folder: string): Promise<readonly Finding[]> {
  const result = await loadFleet(join(folder, "nixgen.toml"));
  if (result.fleet !== undefined) return [];
  for (const { location, message, help, severity } of result.findings) {
    expect(severity).toBe("error");
    expect(location.file).not.toBe("");
    const text = result.sources.get(location.file)?.text;
    expect(location.line).toBeGreaterThanOrEqual(1);
    expect(location.column).toBeGreaterThanOrEqual(1);
    if (text !== undefined) {
      const line = text.split("\n")[location.line - 1];
      expect(location.column).toBeLessThanOrEqual((line?.length ?? -1) + 1);
    }
    expect(`${message} ${help}`).not.toMatch(/undefined|\[object|\n {4}at |Error:|node:/);
    expect(message).toBe(message.trim());
    expect(message.length).toBeGreaterThan(10);
    expect(help.length).toBeGreaterThan(5);
  }
  return result.findings;
}

async function problemsOf(files: Files): Promise<readonly Finding[]> {
  return problemsIn(writeFiles({ "nixgen.toml": inventory(), ...files }));
}

/** "services/web.toml:2:1 unknown-key" */
function places(problems: readonly Finding[]): string[] {
  return problems.map(
    ({ rule, location: { file, line, column } }) => `${file}:${line}:${column} ${rule}`,
  );
}

/** The inventory with something else in [fleet]. */
function inventoryWith(fleet: string): string {
  return inventory().replace('name = "test"', `name = "test"\n${fleet}`);
}

describe("a release of NixOS", () => {
  const withRelease = (release: string): Promise<readonly Finding[]> =>
    problemsOf({ "nixgen.toml": inventory().replace('"25.11"', release) });

  it.each(RELEASES)("may be %s", async (release) => {
    expect(await withRelease(`"${release}"`)).toEqual([]);
  });

  it.each([
    ['"24.11"', "24.11 is not supported; 25.05 is the oldest."],
    ['"23.05"', "23.05 is not supported; 25.05 is the oldest."],
    [
      '"27.05"',
      "27.05 is not supported; 26.11 is the newest that this nixgen knows. Use a released version, or update nixgen.",
    ],
    ['"25.10"', 'Write "25.05", "25.11", "26.05" or "26.11".'],
    ['"unstable"', 'Write "25.05", "25.11", "26.05" or "26.11".'],
    ["25.11", 'Write it in quotes: "25.11".'],
  ])("that is %s is refused, and never taken for a typo of another one", async (release, help) => {
    const [problem, ...more] = await withRelease(release);
    expect(more).toEqual([]);
    expect(problem?.message).toBe(
      `nodes[0].nixos_release must be "25.05", "25.11", "26.05" or "26.11", but is ${release}`,
    );
    expect(problem?.help).toBe(help);
  });
});

describe("the examples", () => {
  it.each(["metacircular", "incident", "starter"])("%s loads", async (name) => {
    const result = await loadFleet(`${process.cwd()}/examples/${name}/nixgen.toml`);
    expect(result.fleet?.services.length).toBe(
      readdirSync(`examples/${name}/services`).filter((file) => file.endsWith(".toml")).length,
    );
  });

  const reference = "../shared/fleet";
  it.skipIf(!existsSync(reference))("are the reference input, byte for byte", () => {
    const files = (readdirSync(reference, { recursive: true }) as string[]).filter((file) =>
      /\.[a-z]+$/.test(file),
    );
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      const [here, there] = [
        readFileSync(join("examples", file)),
        readFileSync(join(reference, file)),
      ];
      expect(here.equals(there), file).toBe(true);
    }
  });

  it("have every default filled in", async () => {
    const { fleet } = await loadFleet(`${process.cwd()}/examples/incident/nixgen.toml`);
    expect(fleet?.inventory.boot).toEqual({ sequence: [] });
    expect(fleet?.inventory.users).toEqual([]);
    const mcns = fleet?.services.find(({ name }) => name === "mcns");
    expect(mcns?.components[0]?.definition).toMatchObject({
      env: [],
      env_files: [],
      routes: [],
      depends_on: [],
      pull: "missing",
    });
  });
});

describe("finding the inventory", () => {
  it("looks upward, and takes what --config names", () => {
    const folder = writeFiles({ "nixgen.toml": "", "a/b/x": "", "a/other.toml": "" });
    expect(findInventory(join(folder, "a/b"), undefined)).toBe(join(folder, "nixgen.toml"));
    expect(findInventory(join(folder, "a/b"), "../other.toml")).toBe(join(folder, "a/other.toml"));
  });

  it("says where it looked", () => {
    const folder = temporaryFolder();
    expect(() => findInventory(folder, undefined)).toThrow(InputError);
    expect(() => findInventory(folder, undefined)).toThrow(folder);
    expect(() => findInventory(folder, "x.toml")).toThrow("x.toml does not exist");
    expect(() => findInventory("/", folder)).toThrow(`${folder} is a folder`);
  });
});

describe("several files", () => {
  it("have all their problems reported at once, in order", async () => {
    const problems = await problemsOf({
      "nixgen.toml": inventory('colour = "red"').replace("uid = 850", 'uid = "850"'),
      "services/b.toml": "name = 1\nnodes = 2\n",
      "services/a.toml": "name = \n",
      "facts/alpha.json": '{\n  "schema": 3\n}',
      "nixgen.lock": "version = 1\nuid = 3\n",
    });
    expect(places(problems)).toEqual([
      "facts/alpha.json:1:1 schema",
      "facts/alpha.json:2:13 schema",
      "nixgen.lock:2:1 unknown-key",
      "nixgen.toml:7:7 schema",
      "nixgen.toml:27:1 unknown-key",
      "services/a.toml:1:7 syntax",
      "services/b.toml:1:8 schema",
      "services/b.toml:2:1 unknown-key",
    ]);
  });

  it("are read in an order that does not depend on the file system", async () => {
    const fleet = await loadFiles({
      "nixgen.toml": inventory(),
      "services/b.toml": 'name = "a"',
      "services/a.toml": 'name = "b"',
    });
    expect(fleet.services.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});

describe("an unknown key", () => {
  it.each<[files: Files, key: string, place: string, meant: string]>([
    [{ "nixgen.toml": inventoryWith("servces = []") }, "fleet.servces", "4:1", "services"],
    [{ "nixgen.toml": inventory().replace("uid = 850", "uidd = 850") }, "user.uidd", "7:1", "uid"],
    [
      { "nixgen.toml": inventory().replace("gid = 850", 'extraGroups = ["a"]') },
      "user.extraGroups",
      "8:1",
      "extra_groups",
    ],
    [
      { "nixgen.toml": inventory().replace("gid = 850", "subids = {}") },
      "user.subids",
      "8:1",
      "sub_ids",
    ],
    [
      { "nixgen.toml": inventory().replace("nixos_release", "nixos-release") },
      "nodes[0].nixos-release",
      "16:1",
      "nixos_release",
    ],
    [{ "services/a.toml": `${SERVICE}activ = true` }, "activ", "3:1", "active"],
    [{ "services/a.toml": `${SERVICE}[build.imagez]` }, "build.imagez", "3:2", "images"],
    [{ "services/a.toml": `${SERVICE}[bild.images]` }, "bild", "3:2", "build"],
    [{ "services/a.toml": `${COMPONENT}volume = []` }, "components[0].volume", "7:1", "volumes"],
    [
      { "services/a.toml": `${COMPONENT}health = { kind = "http", prot = 80 }` },
      "components[0].health.prot",
      "7:27",
      "port",
    ],
    [
      { "services/a.toml": `${COMPONENT}[[components.routes]]\nport = 1\nhost_name = "a"` },
      "components[0].routes[0].host_name",
      "9:1",
      "hostname",
    ],
    [{ "nixgen.lock": "version = 1\n[placements]\n" }, "placements", "2:2", "placement"],
    [
      { "facts/alpha.json": '{ "schema": 1, "host": "alpha", "paswd": [] }' },
      "paswd",
      "1:33",
      "passwd",
    ],
  ])("of %j: %s at %s is %s", async (files, key, place, meant) => {
    const [problem, ...more] = await problemsOf(files);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      rule: "unknown-key",
      message: `unknown key ${key}`,
      help: `Did you mean "${meant}"?`,
    });
    expect(`${problem?.location.line ?? 0}:${problem?.location.column ?? 0}`).toBe(place);
  });

  it.each(["__proto__", "constructor", "toString", '""', '"a.b"', '"a\\nb"'])(
    "%s, which is near nothing, is named with what there is",
    async (key) => {
      const [problem] = await problemsOf({ "services/a.toml": `${SERVICE}${key} = 1` });
      expect(problem).toMatchObject({ rule: "unknown-key", message: `unknown key ${key}` });
      expect(problem?.help).toBe(
        "Known are active, build, components, name, networks, node, path, snapshot, tier, version.",
      );
    },
  );
});

describe("a value of the wrong form", () => {
  const service = (text: string): Files => ({ "services/a.toml": text });
  const top = (text: string): Files => ({ "nixgen.toml": text });
  const host = (text: string): Files =>
    top(inventory().replace('name = "beta"\n', `name = "beta"\n${text}\n`));
  const forward = (text: string): Files =>
    top(
      inventory().replace(
        '"8.8.8.8"]\n',
        `"8.8.8.8"]\nzones = ["svc.example"]\n[[dns.forward]]\n${text}\n`,
      ),
    );

  it.each<[what: string, files: Files, place: string, message: string]>([
    ["an empty service", service(""), "services/a.toml:1:1", "the file lacks the key name"],
    ["an empty inventory", top(""), "nixgen.toml:1:1", "the file lacks the key fleet"],
    [
      "a missing key",
      top(inventory().replace('name = "pod"', "")),
      "nixgen.toml:5:2",
      "user lacks the key name",
    ],
    [
      "a missing key of a component",
      service(`${COMPONENT}[[components]]\nname = "x"`),
      "services/a.toml:7:3",
      "components[1] lacks the key image",
    ],
    [
      "a number for a name",
      service("name = 5"),
      "services/a.toml:1:8",
      "name must be a string, but is 5",
    ],
    [
      "an array for a name",
      service("name = []"),
      "services/a.toml:1:8",
      "name must be a string, but is an array",
    ],
    [
      "an empty name",
      service('name = ""'),
      "services/a.toml:1:8",
      'name must be a name, which is not empty, has no NUL characters and is not longer than 255, but is ""',
    ],
    [
      "a name with NUL",
      service('name = "a\\u0000"'),
      "services/a.toml:1:8",
      'name must be a name, which is not empty, has no NUL characters and is not longer than 255, but is "a\\u0000"',
    ],
    [
      "a name that would fill every message",
      service(`name = "${"x".repeat(256)}"`),
      "services/a.toml:1:8",
      `name must be a name, which is not empty, has no NUL characters and is not longer than 255, but is "${"x".repeat(58)}…`,
    ],
    [
      "a text for a truth value",
      service(`${SERVICE}active = "yes"`),
      "services/a.toml:3:10",
      'active must be true or false, but is "yes"',
    ],
    [
      "a float for a port",
      service(`${COMPONENT}routes = [{ port = 1.5 }]`),
      "services/a.toml:7:20",
      "components[0].routes[0].port must be an integer, but is 1.5",
    ],
    [
      "a port too large",
      service(`${COMPONENT}routes = [{ port = 65536 }]`),
      "services/a.toml:7:20",
      "components[0].routes[0].port must be at most 65535, but is 65536",
    ],
    [
      "a uid too small",
      top(inventory().replace("uid = 850", "uid = -1")),
      "nixgen.toml:7:7",
      "user.uid must be at least 0, but is -1",
    ],
    [
      "infinity for a uid",
      top(inventory().replace("uid = 850", "uid = inf")),
      "nixgen.toml:7:7",
      "user.uid must be at most 4294967294, but is Infinity",
    ],
    [
      "a table for a list",
      service(`${COMPONENT}ports = { a = 1 }`),
      "services/a.toml:7:9",
      "components[0].ports must be an array, but is a table",
    ],
    [
      "numbers for texts",
      service(`${COMPONENT}ports = [80]`),
      "services/a.toml:7:10",
      "components[0].ports[0] must be a string, but is 80",
    ],
    [
      "a date for a text",
      service(`${SERVICE}version = 2026-04-03`),
      "services/a.toml:3:11",
      "version must be a string, but is a date",
    ],
    [
      "a date for a table",
      service(`${SERVICE}build = 2026-04-03`),
      "services/a.toml:3:9",
      "build must be a table, but is a date",
    ],
    [
      "a date for a table with defaults",
      top(`boot = 2026-04-03\n${inventory()}`),
      "nixgen.toml:1:8",
      "boot must be a table, but is a date",
    ],
    [
      "an unknown tier",
      service(`${SERVICE}tier = "croe"`),
      "services/a.toml:3:8",
      'tier must be "core" or "worker", but is "croe"',
    ],
    [
      "an unknown kind",
      service(`${COMPONENT}health = { kind = "htp" }`),
      "services/a.toml:7:19",
      'components[0].health.kind must be "listen", "http", "grpc", "dns" or "exec", but is "htp"',
    ],
    [
      "no kind",
      service(`${COMPONENT}health = {}`),
      "services/a.toml:7:10",
      "components[0].health lacks the key kind",
    ],
    [
      "an empty command",
      service(`${COMPONENT}health = { kind = "exec", command = [] }`),
      "services/a.toml:7:37",
      "components[0].health.command must have at least 1 item",
    ],
    [
      "a wrong image",
      service(COMPONENT.replace(":v1", ":v1; reboot")),
      "services/a.toml:6:9",
      'components[0].image must be an image reference in lower case like "registry.example:5000/name:v1.2.3", with a tag or a digest, but is "registry.example/web:v1; reboot"',
    ],
    [
      "a list for facts",
      { "facts/alpha.json": "[]" },
      "facts/alpha.json:1:1",
      "the file must be a table, but is an array",
    ],
    [
      "null for a list",
      { "facts/alpha.json": '{"schema": 1, "host": "alpha",\n "passwd": null}' },
      "facts/alpha.json:2:12",
      "passwd must be an array, but is null",
    ],
    [
      "another version of facts",
      { "facts/alpha.json": '{"schema": 3, "host": "alpha"}' },
      "facts/alpha.json:1:12",
      "facts/alpha.json has format 3, and this nixgen knows none above 2",
    ],
    [
      "a lock of a newer nixgen",
      { "nixgen.lock": "version = 3\n" },
      "nixgen.lock:1:11",
      "nixgen.lock has format 3, and this nixgen knows none above 2",
    ],
    [
      "another word for a version",
      { "nixgen.lock": 'version = "2"\n' },
      "nixgen.lock:1:11",
      'version must be 1 or 2, but is "2"',
    ],
    [
      "facts of another host",
      { "facts/beta.json": '{"schema": 1,\n"host": "alpha"}' },
      "facts/beta.json:2:9",
      "facts/beta.json holds the facts of alpha, but is named otherwise",
    ],
    [
      "a wrong lock",
      { "nixgen.lock": 'version = 1\n[ports]\n"a/b/c/d" = 0\n' },
      "nixgen.lock:3:13",
      'ports."a/b/c/d" must be at least 1, but is 0',
    ],
    [
      "no NixOS release",
      top(inventory().replace('nixos_release = "25.11"\n', "")),
      "nixgen.toml:13:3",
      "alpha runs NixOS, but nixos_release is missing",
    ],
    [
      "a published port",
      service(`${COMPONENT}ports = ["80:80", "99999:80"]`),
      "services/a.toml:7:19",
      '"99999:80" is no published port: 99999 is not within 1 to 65535',
    ],
    [
      "a volume",
      service(`${COMPONENT}volumes = ["/srv/a:data"]`),
      "services/a.toml:7:12",
      '"/srv/a:data" is no volume',
    ],
    [
      "a volume whose path systemd cannot read",
      service(`${COMPONENT}volumes = ["/srv/\\uFFFF:/data"]`),
      "services/a.toml:7:12",
      'the volume "/srv/\uFFFF:/data" has a line break in it, or what is no character',
    ],
    [
      "a home that systemd cannot read",
      top(inventory().replace("gid = 850", 'home = "/srv/\\uFFFF"')),
      "nixgen.toml:8:8",
      'home is "/srv/\uFFFF", which has a code point in it that is no character',
    ],
    [
      "an agent's address",
      host('agent = { listen = ["192.168.1.300:9444"] }'),
      "nixgen.toml:22:21",
      '"192.168.1.300:9444" is no address to listen at',
    ],
    [
      "an agent's address without a port",
      host('agent = { listen = ["192.168.1.30"] }'),
      "nixgen.toml:22:21",
      'nodes[1].agent.listen[0] must be an address and a port like "192.168.1.2:9444", but is "192.168.1.30"',
    ],
    [
      "a home with what systemd would replace",
      top(inventory().replace("gid = 850", 'home = "/srv/%n"')),
      "nixgen.toml:8:8",
      'user.home must be an absolute path without colons, % or control characters, not longer than 1000, but is "/srv/%n"',
    ],
    [
      "a public resolver",
      top(inventory().replace("8.8.8.8", "8.8.8")),
      "nixgen.toml:11:22",
      'dns.public[1] must be the IP address of a resolver, but "8.8.8" is not an IP address',
    ],
    [
      "a public resolver's name",
      top(inventory().replace("8.8.8.8", "dns.google")),
      "nixgen.toml:11:22",
      'dns.public[1] must be an IP address, but is "dns.google"',
    ],
    ...[
      ["0.0.0.0", "the unspecified address"],
      ["::", "the unspecified address"],
      ["::ffff:0.0.0.0", "the unspecified address"],
      ["255.255.255.255", "the broadcast address"],
      ["224.0.0.1", "a multicast address"],
      ["ff02::fb", "a multicast address"],
      ["fe80::1", "a link-local address without its interface"],
    ].map(([address = "", what = ""]): [string, Files, string, string] => [
      `${address} as a resolver`,
      top(inventory().replace("8.8.8.8", address)),
      "nixgen.toml:11:22",
      `dns.public[1] must be the IP address of a resolver, but "${address}" is ${what}`,
    ]),
    ...[
      ["127.0.0.53", "the host's own resolver"],
      ["::1", "the host's own resolver"],
      ["fe80::1", "a link-local address without its interface"],
      ["10.0.0.1.", "not an IP address"],
    ].map(([address = "", what = ""]): [string, Files, string, string] => [
      `${address} as a server of another zone`,
      forward(`zones = ["a.example"]\nservers = ["10.0.0.1", "${address}"]`),
      "nixgen.toml:15:24",
      `dns.forward[0].servers[1] must be the IP address of a resolver, but "${address}" is ${what}`,
    ]),
    [
      "a zone of others that is the fleet's",
      forward('zones = ["a.example", "SVC.example."]\nservers = ["10.0.0.1"]'),
      "nixgen.toml:14:23",
      'dns.forward[0].zones[1] is "SVC.example.", which is in dns.zones as well',
    ],
    [
      "an address",
      top(inventory().replace("192.168.1.11", "192.168.1.256")),
      "nixgen.toml:25:21",
      '"192.168.1.256", the lan address of beta, is no IP address',
    ],
    ...["uid", "gid"].map((kind): [string, Files, string, string] => [
      `the ${kind} that is -1 in 16 bits`,
      top(inventory().replace(`${kind} = 850`, `${kind} = 65535`)),
      `nixgen.toml:${kind === "uid" ? 7 : 8}:7`,
      `${kind} 65535 is not valid: systemd takes it for -1 and does not start a unit with it`,
    ]),
    [
      "the uid of another user that is -1 in 16 bits",
      top(inventory('[[users]]\nname = "ci"\nuid = 65535')),
      "nixgen.toml:29:7",
      "uid 65535 is not valid: systemd takes it for -1 and does not start a unit with it",
    ],
    ...[
      ["[user]", "uid = 850", "uid = 850\nsub_ids = RANGE", "nixgen.toml:8:11"],
      ["a host", 'name = "beta"', 'name = "beta"\nuser = { sub_ids = RANGE }', "nixgen.toml:22:20"],
    ].map(([of = "", old = "", text = "", place = ""]): [string, Files, string, string] => [
      `subordinate ids of ${of} that end behind the last id`,
      top(inventory().replace(old, text.replace("RANGE", "{ start = 4294901760, count = 65536 }"))),
      place,
      "subordinate ids from 4294901760 to 4294967295 go beyond 4294967294, the last id that there is",
    ]),
    [
      "subordinate ids of the lock that end behind the last id",
      {
        ...top(inventory()),
        "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = "9999999999:1"\n',
      },
      "nixgen.lock:3:15",
      "subordinate ids from 9999999999 to 9999999999 go beyond 4294967294, the last id that there is",
    ],
  ])("%s is found", async (_, files, place, message) => {
    const [problem] = await problemsOf(files);
    expect(problem?.rule).toBe("schema");
    expect(problem?.message).toBe(message);
    expect(places([problem].filter((one) => one !== undefined))).toEqual([`${place} schema`]);
  });

  it("is not found in a range that ends with the last id", async () => {
    const range = "uid = 850\nsub_ids = { start = 4294901759, count = 65536 }";
    expect(await problemsOf(top(inventory().replace("uid = 850", range)))).toEqual([]);
  });

  it("is said once: what is no number is not too small and too large either", async () => {
    const problems = await problemsOf(top(inventory().replace("uid = 850", "uid = nan")));
    const said = problems.map(({ message }) => message);
    expect(said).toEqual(["user.uid must be an integer, but is NaN"]);
  });

  it("is said once: what is none of several words is no text either", async () => {
    const problems = await problemsOf(top(inventory('[lint.rules]\ndns-loop.x = "off"')));
    expect(problems.map(({ message }) => message)).toEqual([
      'lint.rules.dns-loop must be "error", "warning", "info" or "off", but is a table',
    ]);
  });

  it("is shown in part where it is long", async () => {
    const [problem] = await problemsOf(service(`${SERVICE}tier = "${"x".repeat(5000)}"`));
    expect(problem?.message.length).toBeLessThan(120);
  });

  it.each(["/etc/*.toml", "../*.toml", "a/../../*.toml", "..", "a/..", ".\\\\./*.toml", ""])(
    "is a pattern that leaves the fleet's folder: %j",
    async (pattern) => {
      const [problem, ...more] = await problemsOf({
        "nixgen.toml": inventoryWith(`services = ["${pattern}"]`),
      });
      expect(more).toEqual([]);
      expect(problem?.message).toContain("must be a path inside the fleet's folder");
      expect(problem?.help).toContain("Where the service definitions are");
    },
  );

  it.each(["..x/*.toml", "a..b/*.toml", "{..,x}/*.toml", "@(..)/*.toml"])(
    "is not a pattern that looks like it, and reads nothing outside: %j",
    async (pattern) => {
      const folder = writeFiles({
        "fleet/nixgen.toml": inventoryWith(`services = ["${pattern}"]`),
        "web.toml": SERVICE,
      });
      const [problem] = await problemsIn(join(folder, "fleet"));
      expect(problem?.message).toContain("no file matches");
    },
  );
});

describe("a file that is no good text", () => {
  it("may begin with a byte order mark, which is not counted", async () => {
    const { services } = await loadFiles({
      "nixgen.toml": `\uFEFF${inventory()}`,
      "services/a.toml": `\uFEFF${SERVICE}`,
      "facts/alpha.json": '\uFEFF{"schema": 1, "host": "alpha"}',
    });
    expect(services).toHaveLength(1);
    expect(places(await problemsOf({ "services/a.toml": "\uFEFFname = 1" }))).toEqual([
      "services/a.toml:1:8 schema",
    ]);
  });

  it("may have the line ends of Windows", async () => {
    const windows = (text: string): string => text.replaceAll("\n", "\r\n");
    await loadFiles({ "nixgen.toml": windows(inventory()), "services/a.toml": windows(COMPONENT) });
    const wrong = windows(`${COMPONENT}port = []\nusr = 1\n`);
    expect(places(await problemsOf({ "services/a.toml": wrong }))).toEqual([
      "services/a.toml:7:1 unknown-key",
      "services/a.toml:8:1 unknown-key",
    ]);
  });

  it.each<[what: string, content: string | Uint8Array, place: string, rule: string]>([
    ["a NUL", 'name = "a\0b"', "1:10", "syntax"],
    ["UTF-16", Buffer.from('name = "a"', "utf16le"), "1:1", "syntax"],
    ["Latin-1", Buffer.from('name = "x"\npath = "ü"', "latin1"), "2:9", "unreadable"],
    [
      "a byte after U+FFFD",
      Buffer.concat([Buffer.from('a = "\uFFFD"\nb = "\uFFFD'), Buffer.of(0xff)]),
      "2:7",
      "unreadable",
    ],
    [
      "a cut character",
      Buffer.concat([Buffer.from("\uFEFF# "), Buffer.of(0xe2, 0x82)]),
      "1:3",
      "unreadable",
    ],
    ["only brackets", "[".repeat(100_000), "1:101", "syntax"],
  ])("%s is found", async (_, content, place, rule) => {
    const problems = await problemsOf({ "services/a.toml": content });
    expect(places(problems)).toEqual([`services/a.toml:${place} ${rule}`]);
  });

  it("says of facts that the shell has made, and nobody has filled, that they are empty", async () => {
    const [problem, ...more] = await problemsOf({ "facts/alpha.json": "\n" });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ rule: "syntax", location: { line: 1, column: 1 } });
    expect(problem?.message).toBe("facts/alpha.json is empty");
  });

  it("names the markers of a merge conflict", async () => {
    const [problem, ...more] = await problemsOf({
      "nixgen.lock":
        'version = 1\n\n[uids]\n<<<<<<< HEAD\n"pod@alpha" = 850\n=======\n"pod@alpha" = 851\n>>>>>>> other\n',
    });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ rule: "syntax", location: { line: 4, column: 1 } });
    expect(problem?.message).toBe("nixgen.lock has the markers of an unresolved merge conflict");
  });

  it("is too large for a definition", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory(), "services/a.toml": "" });
    truncateSync(join(folder, "services/a.toml"), 17 * 1024 * 1024);
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toBe("services/a.toml is larger than 16 MiB");
  });
});

describe("something else in place of a file", () => {
  const INPUTS = ["facts/alpha.json", "services/a.toml"];
  const PLACES = ["nixgen.lock", ...INPUTS];
  const base = (): string =>
    writeFiles({ "nixgen.toml": inventory(), "facts/x": "", "services/x": "" });

  it.each(PLACES)("is a FIFO, which is not waited for: %s", async (file) => {
    const folder = base();
    expect(spawnSync("mkfifo", [join(folder, file)]).status).toBe(0);
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toBe(`${file} is not a regular file`);
  });

  it("is a link, where nixgen writes itself", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory(), "real.lock": "version = 1\n" });
    symlinkSync("real.lock", join(folder, "nixgen.lock"));
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toBe(
      "nixgen.lock is a link, which a file that nixgen writes must not be",
    );
  });

  it.each([...INPUTS, "nixgen.toml"])("is a link to itself: %s", async (file) => {
    const folder = file === "nixgen.toml" ? temporaryFolder() : base();
    symlinkSync(file.split("/").at(-1) ?? "", join(folder, file));
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toBe(`${file} cannot be read: too many symbolic links encountered`);
  });

  it.each(INPUTS)("is a link to nothing: %s", async (file) => {
    const folder = base();
    symlinkSync("nothing", join(folder, file));
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toBe(`${file} cannot be read: no such file or directory`);
  });

  it.each(["nixgen.toml", "nixgen.lock", "facts/alpha.json"])("is a folder: %s", async (file) => {
    const folder = file === "nixgen.toml" ? temporaryFolder() : base();
    mkdirSync(join(folder, file));
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toBe(`${file} is not a regular file`);
  });

  it("is a link to a file, which is read", async () => {
    const folder = base();
    writeFiles({ "shared/web.toml": SERVICE }, folder);
    symlinkSync("../shared/web.toml", join(folder, "services/a.toml"));
    const result = await loadFleet(join(folder, "nixgen.toml"));
    expect(result.fleet?.services).toHaveLength(1);
  });

  it.each([
    ["services/a.toml", '[registry]\ntoken = "secret"\n'],
    ["services/a.toml", "secret\n"],
    ["services/a.toml", "secret \xff\n"],
    ["facts/alpha.json", '{ "auths": "secret" }'],
    ["facts/alpha.json", "secret"],
    ["services/a.toml", SERVICE],
  ])("is a link to a stranger's file, which is not read: %s", async (file, text) => {
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, "x"), text, "latin1");
    const folder = base();
    symlinkSync(elsewhere, join(folder, "link"));
    symlinkSync(file.includes("/") ? "../link/x" : "link/x", join(folder, file));
    const [problem, ...more] = await problemsIn(folder);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      message: `${file} leads out of the fleet's folder and its repository, so it is not read`,
      help: expect.stringContaining(join(elsewhere, "x")) as string,
    });
    expect((await loadFleet(join(folder, "nixgen.toml"))).sources.has(file)).toBe(false);
  });

  it("is an inventory that the call names, and that leads elsewhere: nothing of a stranger's is shown", async () => {
    const elsewhere = writeFiles({ good: inventory(), bad: "secret\n", worse: "secret \xff" });
    for (const [name, message] of [
      ["good", undefined],
      [
        "bad",
        "nixgen.toml leads out of the fleet's folder, to a file that is not what it should be",
      ],
    ] as const) {
      const folder = temporaryFolder();
      symlinkSync(join(elsewhere, name), join(folder, "nixgen.toml"));
      const result = await loadFleet(join(folder, "nixgen.toml"));
      expect(result.fleet === undefined ? result.findings[0]?.message : undefined).toBe(message);
      expect(result.sources.has("nixgen.toml")).toBe(message === undefined);
      // One that was found is the branch's.
      expect(() => findInventory(folder, undefined)).toThrow("leads out of its folder");
      expect(findInventory(folder, "nixgen.toml")).toBe(join(folder, "nixgen.toml"));
    }
  });

  it.each(["link", "link/deeper"])(
    "is a folder of facts or services that is elsewhere: %s",
    async (name) => {
      const top = writeFiles({ "elsewhere/deeper/x.json": "{}", "elsewhere/deeper/x.toml": "x" });
      const folder = join(top, "fleet");
      const fleet = `[fleet]\nfacts = "${name}"\nservices = ["${name}/*.toml", "${name}/x.toml"]`;
      writeFiles({ "nixgen.toml": inventory().replace("[fleet]", fleet) }, folder);
      symlinkSync("../elsewhere", join(folder, "link"));
      const messages = (await problemsIn(folder)).map(({ message }) => message);
      expect(messages.filter((message) => message.includes("is not read")).length).toBeGreaterThan(
        0,
      );
      expect(messages.filter((message) => !/is not read|no file matches/.test(message))).toEqual(
        [],
      );
    },
  );

  it("is a link within the same repository, whose text is shown", async () => {
    const repository = writeFiles({
      ".git/HEAD": "",
      "fleet/nixgen.toml": inventory(),
      "fleet/services/x.toml": SERVICE,
      "shared.toml": 'nam = "a"\n',
    });
    const folder = join(repository, "fleet");
    symlinkSync("../../shared.toml", join(folder, "services/a.toml"));
    const [problem] = await problemsIn(folder);
    expect(problem?.message).toContain("the file lacks the key name");
  });

  it.each(["facts", "services"])("is a file in place of the folder %s", async (name) => {
    const problems = await problemsOf({ [name]: "" });
    expect(problems.map(({ message }) => message)).toEqual([
      `${name} cannot be read as a folder: not a directory`,
    ]);
  });

  it("is an inventory that is missing", async () => {
    expect(places(await problemsIn(temporaryFolder()))).toEqual(["nixgen.toml:1:1 unreadable"]);
  });

  // Root may read everything, so the loader runs as another user.
  const other = spawnSync("setpriv", ["--reuid=65534", "--clear-groups", "true"]).status === 0;
  it.skipIf(!other && process.getuid?.() === 0)(
    "is a file or folder that may not be read (skipped for root without setpriv)",
    () => {
      const folder = writeFiles({
        "nixgen.toml": inventory(),
        "nixgen.lock": "version = 1\n",
        "services/a.toml": SERVICE,
        "facts/alpha.json": "{}",
      });
      spawnSync("chmod", ["755", folder]);
      spawnSync("chmod", [
        "000",
        join(folder, "nixgen.lock"),
        join(folder, "facts"),
        join(folder, "services"),
      ]);
      const script =
        'import { loadFleet } from "./src/fleet/load.ts";' +
        "const { findings } = await loadFleet(process.argv[1]);" +
        "console.log(JSON.stringify(findings.map(({ message }) => message)));";
      const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", script];
      const as = other ? ["setpriv", "--reuid=65534", "--clear-groups"] : [];
      const [program, ...argv] = [...as, ...node, join(folder, "nixgen.toml")];
      const run = spawnSync(program, argv, {
        encoding: "utf8",
        env: { PATH: process.env["PATH"] ?? "", TSX_DISABLE_CACHE: "1" },
      });
      spawnSync("chmod", ["-R", "u+rwX", folder]);
      expect(run.stderr).toBe("");
      expect(JSON.parse(run.stdout)).toEqual([
        "facts cannot be read as a folder: permission denied",
        "nixgen.lock cannot be read: permission denied",
        "services cannot be read as a folder: permission denied",
      ]);
    },
  );
});

describe("the patterns of services", () => {
  const FILES: Files = {
    "nixgen.toml": "",
    "services/a.toml": 'name = "a"',
    "services/b.toml": 'name = "b"',
    "services/.hidden.toml": "no",
    "services/c.txt": "no",
    "more/deep/d.toml": 'name = "d"',
  };
  const load = async (services: string): Promise<Fleet> =>
    loadFiles({ ...FILES, "nixgen.toml": inventoryWith(`services = ${services}`) });

  it.each<[patterns: string, names: string[]]>([
    ['["services/*.toml"]', ["a", "b"]],
    ['["./services/*.toml"]', ["a", "b"]],
    ['["services/a.toml", "services/*.toml", "services/[ab].toml"]', ["a", "b"]],
    ['["**/*.toml"]', ["a", "b", "d"]],
    ['["{services,more/*}/*.toml"]', ["a", "b", "d"]],
    ['["services/*.toml", "!services/b.toml"]', ["a"]],
    ['["!services/b.toml", "services/*.toml"]', ["a"]],
    ['["**/*.toml", "!services/**"]', ["d"]],
    ['["**/d.toml", "*/**/[!b-z].toml"]', ["a", "d"]],
    ['["more/**/deep/**/?.toml"]', ["d"]],
    ['["services/{a,{b,x}}.toml"]', ["a", "b"]],
    ["[]", []],
  ])("%s match %j", async (patterns, names) => {
    const { services } = await load(patterns);
    expect(services.map(({ name }) => name)).toEqual(names);
  });

  it("may match nothing where the default is not changed", async () => {
    const { services } = await loadFiles({ "nixgen.toml": inventory() });
    expect(services).toEqual([]);
  });

  it.each(["servces/*.toml", "services/**/x-*.toml", "nowhere/?.toml"])(
    "must match something else: %s",
    async (pattern) => {
      const [problem, ...more] = await problemsOf({
        ...FILES,
        "nixgen.toml": inventoryWith(`services = ["services/*.toml", "${pattern}"]`),
      });
      expect(more).toEqual([]);
      expect(problem?.message).toContain(`no file matches "${pattern}"`);
      expect(problem?.location).toMatchObject({ line: 4, column: 32 });
    },
  );

  it("name a file that is not there", async () => {
    const problems = await problemsOf({
      "nixgen.toml": inventoryWith('services = ["services/a.toml"]'),
    });
    expect(problems.map(({ message }) => message)).toEqual([
      "services/a.toml cannot be read: no such file or directory",
    ]);
  });

  it.each([`services/${"*a".repeat(60)}b.toml`, `${"**/*a/".repeat(60)}b`, "{a,b}".repeat(60)])(
    "take no time, whatever they are made for: %s",
    async (pattern) => {
      const [problem] = await problemsOf({
        "nixgen.toml": inventoryWith(`services = ["${pattern}"]`),
        [`services/${"a".repeat(240)}.toml`]: SERVICE,
        [`${"a/".repeat(500)}a.toml`]: SERVICE,
      });
      expect(problem?.message).toContain("no file matches");
    },
    5000,
  );

  it("follow links where folders are named, and not where ** stands for them", async () => {
    const folder = writeFiles({
      ...FILES,
      "nixgen.toml": inventoryWith('services = ["*/deep/*.toml", "**/c.toml"]'),
      "real/deep/c.toml": 'name = "c"',
    });
    symlinkSync("real", join(folder, "link"));
    const { fleet } = await loadFleet(join(folder, "nixgen.toml"));
    expect(fleet?.services.map(({ where }) => where.file)).toEqual([
      "link/deep/c.toml",
      "real/deep/c.toml",
      "more/deep/d.toml",
    ]);
  });

  it("come to an end where links lead back in more ways than can be counted", async () => {
    const folder = writeFiles({
      ...FILES,
      "nixgen.toml": inventoryWith(`services = ["${"*/".repeat(60)}a.toml"]`),
    });
    for (const name of ["a", "b"]) symlinkSync(".", join(folder, name));
    const [problem, ...more] = await problemsIn(folder);
    expect(more).toEqual([]);
    expect(problem?.message).toMatch(/^more than 100000 files and folders are looked at for "\*\//);
    expect(problem?.location).toMatchObject({ line: 4, column: 13 });
  }, 30_000);

  it("come to an end where a link leads back", async () => {
    const folder = writeFiles({
      ...FILES,
      "nixgen.toml": inventoryWith('services = ["**/a.toml"]'),
    });
    symlinkSync("..", join(folder, "services/up"));
    const { fleet } = await loadFleet(join(folder, "nixgen.toml"));
    expect(fleet?.services.length).toBeGreaterThan(0);
  });
});
