/** What the tests of generating share: Nix itself, and fleets whose files are looked at. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";
import type { Fleet } from "../../src/fleet/model.ts";
import { loadFleet } from "../../src/fleet/load.ts";
import type { HostPlan } from "../../src/plan/plan.ts";
import { writeFiles } from "../support/fleet.ts";
import { emitAll, planFleet, type Tree } from "../support/plan.ts";

/** A folder that goes with the test file, not with the test. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nixgen-test-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function nixInstantiate(args: readonly string[]): string {
  const store = mkdtempSync(join(tmpdir(), "nixgen-store-"));
  try {
    return execFileSync("nix-instantiate", ["--store", store, ...args], {
      encoding: "utf8",
      env: { ...process.env, NIX_PATH: "", NIX_REMOTE: "", HOME: store },
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1 << 30,
    });
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** What an expression in a file evaluates to, as Nix itself says. */
export function evaluateFile(file: string): unknown {
  return JSON.parse(nixInstantiate(["--eval", "--strict", "--json", file]));
}

/** What an expression evaluates to. */
export function evaluateText(text: string): unknown {
  return JSON.parse(nixInstantiate(["--eval", "--strict", "--json", "--expr", text]));
}

/** What the files of a host define, by name; packages are below /packages. */
export type Definitions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What the modules in hosts' folders define, each file by itself: without NixOS. */
export function definitionsIn(folders: readonly string[]): Definitions[] {
  return JSON.parse(
    nixInstantiate([
      ...["--eval", "--strict", "--json", join(import.meta.dirname, "definitions.nix")],
      ...["--argstr", "folders", JSON.stringify(folders)],
    ]),
  ) as Definitions[];
}

/** @throws where Nix cannot parse one of the files. */
export function parseFiles(files: readonly string[]): void {
  nixInstantiate(["--parse", ...files]);
}

/** The nixfmt binaries that NIXGEN_NIXFMT names, separated by colons. */
export const NIXFMTS: readonly string[] = (process.env["NIXGEN_NIXFMT"] ?? "")
  .split(":")
  .filter((path) => path !== "");

/** What each nixfmt has to say against files, in both of its modes; nothing where they are its own layout. */
export function nixfmtComplaints(files: readonly string[]): string[] {
  return NIXFMTS.flatMap((nixfmt) =>
    [["--check"], ["--strict", "--check"]].flatMap((mode) => {
      const { status, stderr } = spawnSync(nixfmt, [...mode, ...files], {
        encoding: "utf8",
        maxBuffer: 1 << 30,
      });
      return status === 0 ? [] : [`${nixfmt} ${mode.join(" ")}: ${stderr}`];
    }),
  );
}

/** A fleet and everything that is emitted for it. */
export interface Emitted {
  readonly name: string;
  readonly fleet: Fleet;
  readonly plans: readonly HostPlan[];
  readonly tree: Tree;
  /** Where the tree is written. */
  readonly folder: string;
}

/** Writes a tree below a folder. */
export function writeTreeInto(tree: Tree, folder: string): string {
  return writeFiles(Object.fromEntries(tree), folder);
}

async function emitFleet(name: string, inventory: string, folder: string): Promise<Emitted> {
  const { fleet } = await loadFleet(inventory);
  if (fleet === undefined) throw new Error(`${inventory} does not load`);
  const plans = planFleet(fleet);
  const tree = emitAll(plans);
  return { name, fleet, plans, tree, folder: writeTreeInto(tree, join(folder, name)) };
}

/** The examples, and the made-up fleets below. */
export async function emittedFleets(folder = sharedFolder()): Promise<Emitted[]> {
  const examples = readdirSync("examples", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`examples/${entry.name}/nixgen.toml`))
    .map(({ name }) => emitFleet(name, resolve("examples", name, "nixgen.toml"), folder));
  const madeUp = Object.entries(FLEETS).map(([name, files]) => {
    const root = writeFiles(files, join(folder, `${name}-inputs`));
    return emitFleet(name, join(root, "nixgen.toml"), folder);
  });
  const all = await Promise.all([...examples, ...madeUp]);
  // Two examples may be the same host in other words; one that nothing is emitted for shows nothing.
  return all.filter(({ plans }) => plans.length > 0);
}

/** Nothing but what must be there, and one host without a single container. */
const SMALL = {
  "nixgen.toml": `
[fleet]
name = "small"

[user]
name = "pod"
uid = 850

[[nodes]]
name = "alone"
os = "nixos"
nixos_release = "25.05"
role = "master"
addresses = { lan = "192.0.2.10" }
`,
};

/** One container in no stage, on one of two hosts, and no [dns]. */
const UNSTAGED = {
  "nixgen.toml": `${SMALL["nixgen.toml"]}
[[nodes]]
name = "b-2"
os = "nixos"
nixos_release = "25.11"
role = "worker"
addresses = { lan = "192.0.2.11" }
user = { uid = 900, gid = 901, home = "/srv/a home", sub_ids = { start = 200000, count = 131072 } }
`,
  "services/web.toml": `
name = "web"
node = "b-2"

[[components]]
name = "web"
image = "docker.io/library/nginx:1.27"
`,
};

/** Every kind of probe, policy and network, resolved, IPv6, and texts that no quoting may break on. */
const EVERYTHING = {
  "nixgen.toml": `
[fleet]
name = "everything"

[user]
name = "pod"
uid = 850
gid = 851
home = "/var/lib/pod's \${HOME} 100"
extra_groups = ["video", "rift'\${x}"]

[dns]
zones = ["svc.example", "example.internal"]
service = "dns"
public = ["9.9.9.9", "2620:fe::fe"]
resolver = "resolved"

[[boot.sequence]]
name = "first"
services = ["dns"]
timeout = "2m"

[[boot.sequence]]
name = "second"
services = ["probes", "elsewhere"]
timeout = "90s"
on_failure = "block"

[[boot.sequence]]
name = "third"
services = ["late"]
health = "http"

[[nodes]]
name = "one"
os = "nixos"
nixos_release = "26.05"
role = "master"
addresses = { lan = "192.0.2.10", lan6 = "2001:db8::10" }

[[nodes]]
name = "two"
os = "nixos"
nixos_release = "26.05"
role = "worker"
user = { group = "users", storage = "/data/pod's \${HOME} 100" }
addresses = { lan = "192.0.2.11" }
`,
  "services/dns.toml": `
name = "dns"
tier = "core"

[[components]]
name = "dns"
image = "registry.example:5000/dns@sha256:${"0".repeat(64)}"
ports = ["192.0.2.10:53:53/udp", "192.0.2.10:53:53/tcp", "[2001:db8::10]:53:53/udp", "[2001:db8::10]:53:53/tcp"]
pull = "never"
volumes = ["/srv/dns:/srv/dns", "/srv/dns/zones/../zones.toml:/zones.toml:ro", "cache:/var/cache"]
`,
  "services/probes.toml": `
name = "probes"
node = "one"

[[components]]
name = "listen"
image = "example/listen:1"
network = "inner"
ports = ["8080:80"]
health = { kind = "listen" }
restart = "unless-stopped"

[[components]]
name = "http"
image = "example/http:1"
network = "inner"
ports = ["127.0.0.1:8081:80"]
health = { kind = "http", path = "/a?b[1-3]={c}&d='$(e)%" }
restart = "on-failure:3"
depends_on = ["listen"]

[[components]]
name = "grpc"
image = "example/grpc:1"
network = "other-net"
ports = ["[2001:db8::10]:9443:9443"]
health = { kind = "grpc", service = "a.B/C", tls = true }
restart = "no"
depends_on = ["listen", "dns"]

[[components]]
name = "exec"
image = "example/exec:1"
network = "host"
ports = ["7000:7000"]
user = "1000:1000"
health = { kind = "exec", command = ["sh", "-c", "test \\"$A\\" = 'b' && exit 0\\n", "", "''\${x}"] }
pull = "always"
cmd = ["--x=\${y}", "$\${z}", "''", "a\\nb\\n", "  lead\\n", "tab\\t\\n", "\\u0001\\u007f", "é😀", "\\\\", "#{[}]; *?"]
env = ["A=", "B=a=b", "C=\${PATH}", "D= \\n blank\\n", "_e.f-g='\\"", "with=1"]
env_files = ["/run/secrets/a b.env"]

[[components]]
name = "named"
image = "example/named:1"
health = { kind = "dns", name = "www.example.internal." }
ports = ["192.0.2.10:5353:53/udp"]
volumes = ["/srv/100% \\"data\\"/x:/x"]

[[components]]
name = "routed"
image = "example/routed:1"
routes = [{ name = "rest-api", port = 443 }, { name = "admin", port = 8443 }]
`,
  "services/elsewhere.toml": `
name = "elsewhere"
node = "two"

[[components]]
name = "elsewhere"
image = "example/elsewhere:1"
`,
  "services/late.toml": `
name = "late"
node = "one"

[[components]]
name = "${"long-name-of-a-component-".repeat(2)}"
image = "registry.with-a-long-name.example.internal:8443/some/deeply/nested/repository/of/images:v1.2.3-alpine-with-a-long-tag"
ports = ["8082:80"]
`,
};

/** A name as long as one may be. */
function longest(begin: string): string {
  return begin.padEnd(63, "-x");
}

/** Names as long as they may be, one of which needs quotes in Nix. */
const LONGEST = {
  "nixgen.toml": `
[fleet]
name = "longest"

[user]
name = "${"u".repeat(31)}"
uid = 850

[[boot.sequence]]
name = "${longest("1st")}"
services = ["${longest("database")}", "${longest("web")}"]

[[nodes]]
name = "${"h".repeat(63)}"
os = "nixos"
nixos_release = "25.11"
role = "master"
addresses = { lan = "192.0.2.10" }
`,
  "services/database.toml": `
name = "${longest("database")}"
tier = "core"

[[components]]
name = "${longest("data")}"
image = "docker.io/library/postgres:17.2"
network = "${longest("net")}"
ports = ["127.0.0.1:5432:5432"]
`,
  "services/web.toml": `
name = "${longest("web")}"
tier = "core"

[[components]]
name = "${longest("api")}"
image = "docker.io/library/caddy:2.10.0"
network = "${longest("net")}"
ports = ["127.0.0.1:8080:80"]
restart = "no"
depends_on = ["${longest("database")}"]
`,
};

export const FLEETS = {
  small: SMALL,
  unstaged: UNSTAGED,
  everything: EVERYTHING,
  longest: LONGEST,
} as const;
