/**
 * Broken input of every kind, through the real program: whatever is in the files, there is a message
 * with its place, exit status 2, no stack trace, and an end.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Files, inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";

const PROGRAM = join(process.cwd(), "dist/nixgen.cjs");

beforeAll(() => {
  const { status, stderr } = spawnSync("npx", ["tsx", "scripts/build.ts"], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

/** Runs lint; what hangs is ended by a signal. */
function lint(folder: string) {
  return spawnSync(process.execPath, [PROGRAM, "lint"], {
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 1024 * 1024 * 1024,
  });
}

/** A change of the file system that no text can say. */
type Prepare = (path: string) => void;

const SERVICE = `name = "web"
node = "alpha"

[[components]]
name = "web"
image = "registry.example/web:v1"
`;

const FACTS = '{ "schema": 1, "host": "alpha" }\n';

const LOCK = "version = 1\n";

const fifo: Prepare = (path) => void spawnSync("mkfifo", [path]);

const linkTo =
  (target: string): Prepare =>
  (path) => {
    symlinkSync(target, path);
  };

const folder: Prepare = (path) => {
  mkdirSync(path);
};

const socket: Prepare = (path) => {
  const code = "require('net').createServer().listen(process.argv[1], () => process.exit())";
  // The socket stays where it is, for the process ends without closing it.
  spawnSync(process.execPath, [
    "-e",
    code.replace("process.exit()", "process.kill(process.pid, 9)"),
    path,
  ]);
};

function utf16(text: string): Uint8Array {
  return Buffer.from(`\uFEFF${text}`, "utf16le");
}

/** The text with bytes in place of "@@". */
function withBytes(text: string, bytes: readonly number[]): Uint8Array {
  const [before = "", after = ""] = text.split("@@");
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

/** What the inventory has in place of a part of it. */
function instead(part: string, other: string): string {
  const text = inventory();
  if (!text.includes(part)) throw new Error(`no ${part} in the inventory`);
  return text.replace(part, other);
}

const SERVICES = (patterns: string): string =>
  instead('name = "test"', `name = "test"\nservices = ${patterns}`);

type Case = readonly [
  what: string,
  file: string,
  content: string | Uint8Array | Prepare,
  /** The place, and a part of the message. */
  place: string,
  message: string,
];

const CASES: readonly Case[] = [
  // Texts that are no TOML
  [
    "a cut table header",
    "services/web.toml",
    `${SERVICE}[[components.rou`,
    "services/web.toml:7:",
    "",
  ],
  ["a cut string", "services/web.toml", 'name = "we', "services/web.toml:1:", ""],
  [
    "a cut string of several lines",
    "services/web.toml",
    'name = """a\nb\n',
    "services/web.toml:",
    "",
  ],
  ["a cut array", "services/web.toml", 'name = "a"\nx = [1,\n2,', "services/web.toml:", ""],
  ["a cut inline table", "nixgen.toml", instead("lan = ", "lan = { "), "nixgen.toml:18:37", ""],
  [
    "a key without a value",
    "nixgen.toml",
    instead("uid = 850", "uid ="),
    "nixgen.toml:7:6",
    "the line ends",
  ],
  ["a value without a key", "services/web.toml", '= "a"\n', "services/web.toml:1:1", ""],
  [
    "a key twice",
    "services/web.toml",
    `${SERVICE}name = "web"\n`,
    "services/web.toml:7:",
    "defined before",
  ],
  [
    "a table twice",
    "nixgen.toml",
    inventory("[user]\nuid = 1"),
    "nixgen.toml:27:",
    "defined before",
  ],
  [
    "a table where an array of tables is",
    "nixgen.toml",
    inventory("[nodes]"),
    "nixgen.toml:27:",
    "",
  ],
  [
    "a dotted key into a value",
    "services/web.toml",
    'name = "a"\nname.b = 1',
    "services/web.toml:2:",
    "",
  ],
  [
    "two values in a line",
    "services/web.toml",
    'name = "a" node = "b"',
    "services/web.toml:1:",
    "",
  ],
  ["an unknown escape", "services/web.toml", 'name = "\\q"', "services/web.toml:1:", ""],
  ["half a surrogate pair", "services/web.toml", 'name = "\\ud800"', "services/web.toml:1:", ""],
  [
    "a control character in a key",
    "services/web.toml",
    'na\u0001me = "a"',
    "services/web.toml:1:",
    "",
  ],
  [
    "a control character in a string",
    "services/web.toml",
    'name = "a\u0007"',
    "services/web.toml:1:",
    "",
  ],
  ["NUL", "services/web.toml", 'name = "a"\n\0', "services/web.toml:2:1", ""],
  ["nothing but NUL", "nixgen.lock", "\0".repeat(4096), "nixgen.lock:1:1", ""],
  [
    "a byte order mark in the middle",
    "services/web.toml",
    'name = "a"\n\uFEFFnode = "b"',
    "services/web.toml:2:1",
    "",
  ],
  ["UTF-16", "nixgen.toml", utf16(inventory()), "nixgen.toml:1:1", "is not UTF-8"],
  [
    "bytes that are not UTF-8",
    "services/web.toml",
    withBytes('name = "web"\nnode = "@@"', [0xff]),
    "services/web.toml:2:9",
    "is not UTF-8",
  ],
  [
    "a character in more bytes than it needs",
    "nixgen.lock",
    withBytes("version = 1 # @@", [0xc0, 0xaf]),
    "nixgen.lock:1:15",
    "is not UTF-8",
  ],
  [
    "a program",
    "services/web.toml",
    withBytes("\x7fELF@@", [0x02, 0x90, 0xff]),
    "services/web.toml:1:",
    "",
  ],
  [
    "a merge conflict",
    "nixgen.toml",
    instead("uid = 850", "<<<<<<< ours\nuid = 850\n=======\nuid = 851\n>>>>>>> theirs"),
    "nixgen.toml:7:1",
    "merge conflict",
  ],
  ["JSON in its place", "services/web.toml", '{ "name": "web" }', "services/web.toml:1:", ""],
  ["YAML in its place", "services/web.toml", "name: web\n", "services/web.toml:1:", ""],
  [
    "10 MB in a line",
    "services/web.toml",
    `name = "${"x".repeat(10_000_000)}`,
    "services/web.toml:1:",
    "",
  ],
  ["10 MB of a key", "services/web.toml", "x".repeat(10_000_000), "services/web.toml:1:", ""],
  [
    "100,000 brackets",
    "services/web.toml",
    `name = ${"[".repeat(100_000)}`,
    "services/web.toml:1:108",
    "nested",
  ],
  [
    "100,000 inline tables",
    "services/web.toml",
    "a = ".padEnd(500_000, "{a="),
    "services/web.toml:1:",
    "nested",
  ],
  [
    "a key of 100,000 parts",
    "services/web.toml",
    `${"a.".repeat(100_000)}a = 1`,
    "services/web.toml:1:1",
    "nested",
  ],
  [
    "a file larger than any",
    "services/web.toml",
    "#".repeat(16 * 1024 * 1024 + 1),
    "services/web.toml:1:1",
    "larger",
  ],
  [
    "a text that no program can be given",
    "services/web.toml",
    `${SERVICE}# "\ncmd = ["${"\\u0061".repeat(20_000)}"]\n`,
    "services/web.toml:8:8",
    "longer than 65536 characters",
  ],
  [
    "a key that is as long",
    "nixgen.toml",
    inventory(`"" = 1\n[${"x".repeat(70_000)}]`),
    "nixgen.toml:28:2",
    "longer than 65536 characters",
  ],
  [
    "a list that nobody writes",
    "services/web.toml",
    `${SERVICE}ports = [${'"80",'.repeat(200_000)}]`,
    "services/web.toml:7:9",
    "ports has more than 1000 items",
  ],
  [
    "a mistake after 5 MB",
    "services/web.toml",
    `${'[[components]]\nname = "x"\nimage = "example/x:v1"\n'.repeat(100_000)}cmd = [\nx`,
    "services/web.toml:300002:1",
    "no value",
  ],
  // Texts that are no JSON
  [
    "a cut object",
    "facts/alpha.json",
    '{ "schema": 1,\n  "host": "al',
    "facts/alpha.json:2:",
    "JSON",
  ],
  [
    "facts of 10 MB that are cut",
    "facts/alpha.json",
    `{ "schema": 1, "passwd": [${'\n{ "name": "x", "uid": 1, "gid": 1 },'.repeat(300_000)}\n`,
    "facts/alpha.json:300001:37",
    "the text ends",
  ],
  ["no text at all", "facts/alpha.json", "", "facts/alpha.json:1:1", "is empty"],
  ["a comment in JSON", "facts/alpha.json", `// rift\n${FACTS}`, "facts/alpha.json:1:1", "JSON"],
  [
    "a comma too many",
    "facts/alpha.json",
    '{ "schema": 1, "host": "alpha", }',
    "facts/alpha.json:1:",
    "JSON",
  ],
  ["NaN in JSON", "facts/alpha.json", '{ "schema": NaN }', "facts/alpha.json:1:13", "JSON"],
  ["two objects", "facts/alpha.json", FACTS + FACTS, "facts/alpha.json:2:1", "JSON"],
  ["100,000 arrays", "facts/alpha.json", "[".repeat(100_000), "facts/alpha.json:1:101", "nested"],
  [
    "what ssh said in place of facts",
    "facts/alpha.json",
    "ssh: connect to host alpha port 22: Connection refused\n",
    "facts/alpha.json:1:1",
    "JSON",
  ],
  // Values of another kind
  ["an array for the facts", "facts/alpha.json", "[]", "facts/alpha.json:1:1", "must be a table"],
  ["null for the facts", "facts/alpha.json", "null", "facts/alpha.json:1:1", "must be a table"],
  [
    "a text for a list",
    "facts/alpha.json",
    '{ "schema": 1, "host": "alpha",\n"passwd": "root:x:0:0" }',
    "facts/alpha.json:2:11",
    "passwd must be",
  ],
  [
    "a negative uid",
    "facts/alpha.json",
    '{ "schema": 1, "host": "alpha",\n"passwd": [{ "name": "a", "uid": -1, "gid": 0 }] }',
    "facts/alpha.json:2:34",
    "passwd[0].uid",
  ],
  [
    "__proto__",
    "facts/alpha.json",
    '{ "schema": 1, "host": "alpha",\n"__proto__": { "x": 1 } }',
    "facts/alpha.json:2:1",
    "__proto__",
  ],
  [
    "the facts of another host",
    "facts/alpha.json",
    '{ "schema": 1, "host": "beta" }',
    "facts/alpha.json:1:24",
    "named otherwise",
  ],
  [
    "an array for a table",
    "nixgen.toml",
    instead("[user]", "[[user]]"),
    "nixgen.toml:5:",
    "user must be",
  ],
  [
    "a table for an array",
    "services/web.toml",
    'name = "web"\n[components]\nname = "web"',
    "services/web.toml:2:",
    "components must be",
  ],
  [
    "an integer beyond 64 bits",
    "nixgen.toml",
    instead("uid = 850", "uid = 99999999999999999999"),
    "nixgen.toml:7:",
    "",
  ],
  [
    "the largest integer of 64 bits",
    "nixgen.toml",
    instead("uid = 850", "uid = 9223372036854775807"),
    "nixgen.toml:7:7",
    "integer value",
  ],
  ["a fraction", "nixgen.toml", instead("uid = 850", "uid = 850.5"), "nixgen.toml:7:7", "user.uid"],
  ["inf", "nixgen.toml", instead("uid = 850", "uid = inf"), "nixgen.toml:7:7", "user.uid"],
  ["nan", "nixgen.toml", instead("uid = 850", "uid = nan"), "nixgen.toml:7:7", "user.uid"],
  [
    "a date",
    "nixgen.toml",
    instead('name = "pod"', "name = 2026-04-03"),
    "nixgen.toml:6:8",
    "user.name",
  ],
  ["a date that is none", "services/web.toml", "name = 2026-13-45", "services/web.toml:1:", ""],
  [
    "true for a port list",
    "services/web.toml",
    `${SERVICE}ports = true`,
    "services/web.toml:7:9",
    "ports",
  ],
  [
    "numbers for ports",
    "services/web.toml",
    `${SERVICE}ports = [80]`,
    "services/web.toml:7:10",
    "ports[0]",
  ],
  [
    "a number for a table of dns",
    "nixgen.toml",
    instead("[dns]", "[dns.zones]"),
    "nixgen.toml:10:",
    "",
  ],
  [
    "a table for a stage's services",
    "nixgen.toml",
    inventory('[[boot.sequence]]\nname = "a"\nservices = {}'),
    "nixgen.toml:29:",
    "services",
  ],
  ["a lock of another version", "nixgen.lock", "version = 3\n", "nixgen.lock:1:11", "version"],
  [
    "a lock with a text for a uid",
    "nixgen.lock",
    `${LOCK}[uids]\n"pod@alpha" = "850"\n`,
    "nixgen.lock:3:15",
    "uids",
  ],
  ["an empty inventory", "nixgen.toml", "", "nixgen.toml:1:1", "fleet"],
  ["an empty service", "services/web.toml", "", "services/web.toml:1:1", "name"],
  ["an empty lock", "nixgen.lock", "", "nixgen.lock:1:1", "version"],
  // What is no file
  ["a folder for the inventory", "nixgen.toml", folder, "nixgen.toml:1:1", "is not a regular file"],
  ["a folder for the lock", "nixgen.lock", folder, "nixgen.lock:1:1", "is not a regular file"],
  [
    "a folder for facts",
    "facts/alpha.json",
    folder,
    "facts/alpha.json:1:1",
    "is not a regular file",
  ],
  ["a file for the folder of facts", "facts", "", "facts:1:1", "as a folder"],
  ["a file for the folder of services", "services", "", "services:1:1", "as a folder"],
  ["a pipe for the inventory", "nixgen.toml", fifo, "nixgen.toml:1:1", "is not a regular file"],
  [
    "a pipe for a service",
    "services/web.toml",
    fifo,
    "services/web.toml:1:1",
    "is not a regular file",
  ],
  ["a pipe for facts", "facts/alpha.json", fifo, "facts/alpha.json:1:1", "is not a regular file"],
  ["a pipe for the lock", "nixgen.lock", fifo, "nixgen.lock:1:1", "is not a regular file"],
  [
    "a socket for a service",
    "services/web.toml",
    socket,
    "services/web.toml:1:1",
    "is not a regular file",
  ],
  [
    "a link to /dev/zero",
    "services/web.toml",
    linkTo("/dev/zero"),
    "services/web.toml:1:1",
    "leads out of the fleet's folder",
  ],
  [
    "a link to /dev/stdin",
    "facts/alpha.json",
    linkTo("/dev/stdin"),
    "facts/alpha.json:1:1",
    "leads out of the fleet's folder",
  ],
  [
    "a link to itself",
    "services/web.toml",
    linkTo("web.toml"),
    "services/web.toml:1:1",
    "cannot be read",
  ],
  [
    "a link to nothing",
    "services/web.toml",
    linkTo("gone.toml"),
    "services/web.toml:1:1",
    "cannot be read",
  ],
  ["a lock that links to nothing", "nixgen.lock", linkTo("gone"), "nixgen.lock:1:1", "is a link"],
  [
    "a folder of services that links to itself",
    "services",
    linkTo("services"),
    "services:1:1",
    "cannot be read",
  ],
  // Patterns
  [
    "a pattern out of the folder",
    "nixgen.toml",
    SERVICES('["../*.toml"]'),
    "nixgen.toml:4:13",
    "inside the fleet's folder",
  ],
  [
    "a hidden way out of the folder",
    "nixgen.toml",
    SERVICES('["a/{..,b}/../../*.toml"]'),
    "nixgen.toml:4:13",
    "inside the fleet's folder",
  ],
  [
    "an absolute pattern",
    "nixgen.toml",
    SERVICES('["/etc/*.toml"]'),
    "nixgen.toml:4:13",
    "inside the fleet's folder",
  ],
  [
    "a pattern that matches nothing",
    "nixgen.toml",
    SERVICES('["service/**"]'),
    "nixgen.toml:4:13",
    "no file matches",
  ],
  ["the folder itself", "nixgen.toml", SERVICES('["."]'), ".:1:1", ". is not a regular file"],
  [
    "a file that is not there",
    "nixgen.toml",
    SERVICES('["web.toml"]'),
    "web.toml:1:1",
    "cannot be read",
  ],
];

/** Makes the file of a case in a fleet that is fine without it. */
function prepare([, file, content]: Case): string {
  const root = temporaryFolder();
  if (file !== "nixgen.toml") writeFiles({ "nixgen.toml": inventory() }, root);
  mkdirSync(dirname(join(root, file)), { recursive: true });
  if (typeof content === "function") content(join(root, file));
  else writeFileSync(join(root, file), content);
  return root;
}

/** What says why there is no text. */
const UNREAD = /is not a regular file|cannot be read|is larger than|is not read|is a link/;

describe("the program", () => {
  const named = CASES.map((bad) => ({ what: bad[0], file: bad[1], bad }));

  it.each(named)("says where it is: $what in $file", { retry: 2 }, ({ bad }) => {
    const [, , , place, message] = bad;
    const { status, signal, stdout, stderr } = lint(prepare(bad));
    expect({ status, signal, stderr }).toEqual({ status: 2, signal: null, stderr: "" });
    expect(stdout).toContain(`--> ${place}`);
    expect(stdout).toContain(message);
    expect(stdout).toMatch(/-> [^\n:]+:[0-9]+:[0-9]+\n/);
    // What was read is shown, with a mark below the place.
    if (!UNREAD.test(stdout)) expect(stdout).toMatch(/:[0-9]+:[0-9]+\n *[0-9]+ \|.*\n +\| *\^/);
    expect(stdout).not.toMatch(/^ {4}at |node:internal|undefined|\[object|NaN,/m);
    // No line of a terminal is filled with what was read.
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThan(1000);
  });

  it("has a hundred thousand things to say, and says the first", () => {
    const wrong = Array.from({ length: 100_000 }, (_, n) => `k${n} = ${n}\n`).join("");
    const { status, stdout } = lint(
      writeFiles({ "nixgen.toml": inventory(), "services/web.toml": SERVICE + wrong }),
    );
    expect(status).toBe(2);
    expect(stdout).toContain("has 100000 problems, of which 20 are shown");
    expect(stdout).toContain("unknown key components[0].k0\n");
  });

  it("does not wait for the pipes that a pattern meets", () => {
    const root = writeFiles({ "nixgen.toml": SERVICES('["**/*.toml"]'), "a/web.toml": SERVICE });
    fifo(join(root, "a/pipe.toml"));
    const { status, signal, stdout } = lint(root);
    expect(stdout).toContain("a/pipe.toml is not a regular file");
    expect(status).toBe(2);
    expect(signal).toBe(null);
  });

  it.each<[what: string, change: (text: string) => string]>([
    ["line ends of Windows", (text) => text.replaceAll("\n", "\r\n")],
    ["a byte order mark at the beginning", (text) => `\uFEFF${text}`],
    ["no line end at the end", (text) => text.trimEnd()],
  ])("takes %s", (_, change) => {
    const files = {
      "nixgen.toml": inventory(),
      "services/web.toml": SERVICE,
      "nixgen.lock": LOCK,
      "facts/alpha.json": FACTS,
    };
    const changed = Object.entries(files).map(([name, text]) => [name, change(text)]);
    const [plain, other] = [files, Object.fromEntries(changed) as Files].map((given) =>
      lint(writeFiles(given)),
    );
    expect(other?.status).not.toBe(2);
    expect(other?.stdout).toBe(plain?.stdout);
  });
});
