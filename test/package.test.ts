/** The package as it is published, what is inside of it, and where that came from. */
import { build } from "esbuild";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedFolder } from "./generate/support.ts";

const run = promisify(execFile);

/** What package.json says, as far as it is looked at. */
interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly repository: string | { readonly url: string };
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

const manifest = readManifest("package.json");

/** The rows of a table of docs/dependencies.md, below a heading, each with its cells. */
function rows(heading: string): string[][] {
  const [, below = ""] = readFileSync("docs/dependencies.md", "utf8").split(`\n## ${heading}\n`);
  const [section = ""] = below.split("\n## ");
  return section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:-+|package +|module +) \|/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const INSIDE = rows("In the program");

const folder = sharedFolder();
const here = join(folder, "here");
const elsewhere = join(folder, "another folder/that is/elsewhere");
const tarball = join(here, `nixgen-${manifest.version}.tgz`);
/** What is in the tarball. */
const packed = join(folder, "package");

/** A copy of all that the package is built from; the packages that go into it lie there too. */
function copySources(to: string): void {
  mkdirSync(join(to, "node_modules/.bin"), { recursive: true });
  const sources = [
    "LICENSE",
    "README.md",
    "package.json",
    "schemas",
    "scripts",
    "src",
    "templates",
  ];
  for (const path of sources) cpSync(path, join(to, path), { recursive: true });
  const inside = INSIDE.map(([name = ""]) => name);
  for (const name of inside) {
    cpSync(`node_modules/${name}`, join(to, "node_modules", name), { recursive: true });
  }
  for (const name of ["esbuild", "tsx", "typescript", ".bin/tsx"]) {
    symlinkSync(resolve("node_modules", name), join(to, "node_modules", name));
  }
}

/** npm as it is for somebody who has nothing of npm's yet, and no network. */
function npm(cwd: string, ...argv: readonly string[]) {
  return run("npm", argv, {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: join(folder, "home"),
      npm_config_offline: "true",
      npm_config_audit: "false",
      npm_config_update_notifier: "false",
    },
  });
}

beforeAll(async () => {
  for (const to of [here, elsewhere]) copySources(to);
  await run(join(here, "node_modules/.bin/tsx"), ["scripts/pack.ts"], { cwd: here });
  await run("tar", ["--extract", "--gzip", "--file", tarball, "--directory", folder]);
});

describe("the package", () => {
  it("has these files and no others, and is small", async () => {
    const { stdout } = await run("tar", ["--list", "--gzip", "--file", tarball]);
    expect(stdout.trim().split("\n").sort()).toEqual(
      [
        "LICENSE",
        "README.md",
        "dist/LICENSES.txt",
        "dist/nixgen.cjs",
        ...readdirSync(join(packed, "dist/parts")).map((name) => `dist/parts/${name}`),
        "package.json",
        ...readdirSync("schemas").map((name) => `schemas/${name}`),
      ].map((path) => `package/${path}`),
    );
    expect(statSync(tarball).size).toBeLessThan(1_000_000);
  });

  it("is as publint wants it", async () => {
    const publint = resolve("node_modules/.bin/publint");
    const { stdout } = await run(publint, ["run", tarball, "--strict"]);
    expect(stdout).toContain("All good!");
  });

  it("asks for no other package, and has no scripts", () => {
    const keys = Object.keys(readManifest(join(packed, "package.json")));
    expect(keys.filter((key) => /dependencies|scripts/i.test(key))).toEqual([]);
  });

  it("can be installed into an empty folder without a network, and works there", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    await npm(empty, "install", "--ignore-scripts", "--prefix", empty, tarball);
    expect(readdirSync(join(empty, "node_modules")).filter((name) => name !== ".bin")).toEqual([
      ".package-lock.json",
      "nixgen",
    ]);
    const nixgen = join(empty, "node_modules/.bin/nixgen");
    const { stdout: version } = await run(nixgen, ["--version"]);
    expect(version).toBe(`${manifest.version}\n`);
    const { stdout } = await run(nixgen, ["lint"], { cwd: "examples/starter" });
    expect(stdout).toBe("no findings\n");
  });

  it("has the same bytes wherever it is built", async () => {
    await run(join(elsewhere, "node_modules/.bin/tsx"), ["scripts/build.ts"], { cwd: elsewhere });
    const files = (root: string): [string, string][] =>
      readdirSync(join(root, "dist"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name), "latin1")]);
    expect(files(elsewhere)).toEqual(files(packed));
  });
});

describe("what is in the program", () => {
  it("is what docs/dependencies.md says, with version and licence", () => {
    const [, ...inside] = readFileSync(join(packed, "dist/LICENSES.txt"), "utf8").split(
      "\n----\n\n",
    );
    const first = readFileSync(join(packed, "dist/LICENSES.txt"), "utf8");
    const names = [first, ...inside].map((text) => text.slice(0, text.indexOf("\n")));
    const packages = names.filter((name) => name !== "the schema of the Compose Specification");
    expect(INSIDE.map(([name]) => name).sort()).toEqual(packages.sort());
    for (const [name = "", version, licence, , , source = ""] of INSIDE) {
      const said = readManifest(`node_modules/${name}/package.json`);
      expect([version, licence], name).toEqual([said.version, said.license]);
      const { repository } = said;
      const kept = /([\w-]+\/[\w.-]+?)(?:\.git)?$/.exec(
        typeof repository === "string" ? repository : repository.url,
      );
      expect(source, name).toContain(`](https://github.com/${kept?.[1] ?? ""})`);
    }
  });

  it("touches nothing of Node's, if docs/dependencies.md says so", async () => {
    const { metafile } = await build({
      entryPoints: ["src/cli/bin.ts"],
      ...{ bundle: true, splitting: true, format: "esm", outdir: "none", write: false },
      ...{ metafile: true, platform: "node", mainFields: ["module", "main"] },
    });
    const touching = new Set<string>();
    for (const file of Object.keys(metafile.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
      if (name !== undefined && modulesIn(readFileSync(file, "utf8")).length > 0)
        touching.add(name);
    }
    const said = INSIDE.filter(([, , , , touches = ""]) => !touches.startsWith("nothing"));
    expect(said.map(([name]) => name)).toEqual([...touching]);
  });

  it("uses those modules of Node that docs/dependencies.md names", () => {
    const parts = readdirSync(join(packed, "dist/parts")).map((name) => `parts/${name}`);
    expect(parts).not.toEqual([]);
    const texts = ["nixgen.cjs", ...parts].map((name) =>
      readFileSync(join(packed, "dist", name), "utf8"),
    );
    const used = new Set(texts.flatMap(modulesIn));
    expect(rows("Of Node").map(([module]) => module)).toEqual([...used].sort());
    for (const text of texts) expect(text).not.toMatch(/\b(?:fetch|WebSocket)\(/);
  });

  it("asks net for the form of an address and for nothing else", () => {
    const text = readFileSync("src/podman/address.ts", "utf8");
    const members = [...text.matchAll(/\bnet\(\)\.(\w+)/g)].map(([, member]) => member);
    expect(members.sort()).toEqual(["SocketAddress", "isIPv6"]);
  });

  it("runs programs only from the files that docs/dependencies.md names", () => {
    const [, uses = ""] = rows("Of Node").find(([module]) => module === "child_process") ?? [];
    const named = [...uses.matchAll(/src\/[\w/.-]+\.ts/g)].map(([file]) => file);
    const files = readdirSync("src", { recursive: true, encoding: "utf8" })
      .map((name) => join("src", name))
      .filter((name) => name.endsWith(".ts"))
      .filter((name) => readFileSync(name, "utf8").includes('"node:child_process"'));
    expect(named.sort()).toEqual(files.sort());
  });
});

/** The modules of Node that a text of JavaScript asks for. */
function modulesIn(text: string): string[] {
  const asked = text.matchAll(
    /(?:\bfrom ?|\b(?:require|import|getBuiltinModule)\()["'](?:node:)?([\w/]+)["']/g,
  );
  return [...asked].flatMap(([, name = ""]) => (builtinModules.includes(name) ? [name] : []));
}

describe("packages for building and testing", () => {
  it("are those of docs/dependencies.md, each in one place", () => {
    const named = rows("For building and testing").flatMap(([names = ""]) => names.split(", "));
    const direct = INSIDE.map(([name = ""]) => name).filter(
      (name) => name in manifest.devDependencies,
    );
    expect([...named, ...direct].sort()).toEqual(Object.keys(manifest.devDependencies).sort());
  });

  it("come from the npm registry, and are what they were when they were chosen", () => {
    interface Locked {
      readonly resolved?: string;
      readonly integrity?: string;
      readonly version?: string;
      readonly link?: boolean;
    }
    const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Readonly<Record<string, Locked>>;
    };
    const installed = Object.entries(packages).filter(([path]) => path !== "");
    expect(installed.length).toBeGreaterThan(100);
    for (const [path, { resolved, integrity, version, link }] of installed) {
      // Without a place of its own, a package comes from the registry that npm is set to.
      expect(resolved ?? "https://registry.npmjs.org/", path).toMatch(
        /^https:\/\/registry\.npmjs\.org\//,
      );
      expect(integrity, path).toMatch(/^sha512-/);
      expect(version, path).toMatch(/^\d+\.\d+\.\d+/);
      expect(link, path).toBeUndefined();
    }
  });
});

describe("the workflows", () => {
  const files = readdirSync(".github/workflows").map((name) => join(".github/workflows", name));

  it.each(files)("%s: pins what it uses, and may do nothing but what a job needs", (file) => {
    const text = readFileSync(file, "utf8");
    expect(text).toContain("\npermissions: {}\n");
    const used = [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, what = ""]) => what);
    for (const what of used.filter((name) => !name.startsWith("./"))) {
      expect(what).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    const images = [...text.matchAll(/^ *image: (.*)$/gm)].map(([, image = ""]) => image);
    for (const image of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it("publish what they have built themselves, after the tests", () => {
    const text = readFileSync(".github/workflows/publish.yml", "utf8");
    expect(text).toContain("    needs: test\n");
    expect(text).not.toContain("secrets.");
    const commands = [...text.matchAll(/^ *- run: (.*)$/gm)].map(([, command]) => command);
    expect(commands).toEqual([
      "npm ci --ignore-scripts",
      'npm publish --provenance --access public --ignore-scripts "$(npm run --silent pack)"',
    ]);
  });
});
