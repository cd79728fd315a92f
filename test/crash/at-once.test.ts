/** Two at once: builds do not mix, and nobody's change is lost. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedFolder } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { bundleKillable } from "../support/killed.ts";
import { COMMANDS, prepare, type Snapshot, snapshot } from "./commands.ts";

/** How often each race is run. */
const ROUNDS = Math.ceil(Number(process.env["NIXGEN_KILLS"] ?? 12) / 3);

const shared = sharedFolder();
const program = join(shared, "nixgen.cjs");

beforeAll(async () => {
  await bundleKillable(shared);
});

interface Ended {
  readonly status: unknown;
  readonly stderr: string;
}

/** Starts the program several times at once, and waits for all. */
function startAll(folder: string, calls: readonly (readonly string[])[]): Promise<Ended[]> {
  return Promise.all(
    calls.map(async (argv) => {
      const child = spawn(process.execPath, [program, ...argv], {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
      const [status] = (await once(child, "close")) as unknown[];
      return { status, stderr };
    }),
  );
}

/** A fleet of its own in a folder: `count` services in version `tag`. */
function fleet(root: string, tag: string, count: number): void {
  const services = Array.from({ length: count }, (_, index) => {
    const name = `on-${tag}-${index}`;
    const host = ["alpha", "beta"][index % 2] ?? "";
    return [
      `services/${name}.toml`,
      `name = "${name}"\nnode = "${host}"\n[[components]]\nname = "web"\nimage = "example.org/web:${tag}"\nroutes = [{ port = 80 }]\n`,
    ] as const;
  });
  writeFiles({ "nixgen.toml": inventory(), ...Object.fromEntries(services) }, root);
}

describe("builds at once", () => {
  it("of two fleets into one folder leave the tree of one of them, whole, and what is nobody's", async () => {
    const root = temporaryFolder();
    const out = join(root, "out");
    const own = { "out/NOTES.md": "mine\n", "out/alpha/own.txt": "mine too\n" };
    const trees: Snapshot[] = [];
    for (const [name, count] of [
      ["one", 2],
      ["two", 5],
    ] as const) {
      fleet(join(root, name), name, count);
      const argv = ["build", "--config", `${name}/nixgen.toml`, "--out", "out"];
      expect(await runCli(root, argv)).toMatchObject({ status: 0 });
      writeFiles(own, root);
      trees.push(snapshot(out));
    }
    expect(trees[0]).not.toEqual(trees[1]);
    const calls = ["one", "two", "one", "two"].map((name) => [
      "build",
      "--config",
      `${name}/nixgen.toml`,
      "--out",
      "out",
    ]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ended = await startAll(root, calls);
      expect(
        ended.map(({ status }) => status),
        JSON.stringify(ended),
      ).toEqual([0, 0, 0, 0]);
      expect(trees).toContainEqual(snapshot(out));
      expect(readdirSync(root).sort()).toEqual(["one", "out", "two"]);
    }
  });

  it("of one fleet, whose inputs change in between, end with the tree and the lock of one of them", async () => {
    const root = temporaryFolder();
    for (let round = 0; round < ROUNDS; round += 1) {
      fleet(root, `v${round}`, 3);
      const ended = await startAll(root, [["build"], ["build"], ["build"]]);
      expect(
        ended.map(({ status }) => status),
        JSON.stringify(ended),
      ).toEqual([0, 0, 0]);
      expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 0, stdout: "" });
      expect(readdirSync(root).sort()).toEqual(["nixgen.lock", "nixgen.toml", "out", "services"]);
    }
  });

  it("and fixes at once leave files that are whole", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const root = temporaryFolder();
      fleet(root, "v1", 3);
      const text = inventory().replace('"1.1.1.1", "8.8.8.8"', "");
      writeFiles({ "nixgen.toml": text }, root);
      const [fixed, built] = await startAll(root, [["lint", "--fix"], ["build"]]);
      expect(fixed, JSON.stringify(fixed)).toMatchObject({ status: 0 });
      // The build saw the file before it was fixed, or after.
      expect([0, 1], JSON.stringify(built)).toContain(built?.status);
      expect(readFileSync(join(root, "nixgen.toml"), "utf8")).toBe(inventory());
      expect(await runCli(root, ["build"])).toMatchObject({ status: 0 });
    }
  });
});

describe("a change of somebody else's", () => {
  /** Loaded before the program: adds a line to a file before call number EDIT_AT that changes a file. */
  const EDITOR = `
const fs = require("node:fs");
const { EDIT_AT, EDIT_FILE, EDITED } = process.env;
const { appendFileSync } = fs;
let calls = 0;
for (const name of ["writeFileSync", "chmodSync", "renameSync", "rmSync"]) {
  const original = fs[name];
  fs[name] = (...args) => {
    calls += 1;
    if (calls === Number(EDIT_AT)) {
      appendFileSync(EDIT_FILE, "# by hand\\n");
      appendFileSync(EDITED, "");
    }
    return original(...args);
  };
}
`;

  it("is not lost, whenever it comes while files are fixed; then no file is", async () => {
    const command = COMMANDS.find(({ name }) => name === "lint --fix");
    if (command === undefined) throw new Error("no such command");
    const { folder, before, after } = await prepare(command, mkdtempSync(join(shared, "fleet-")));
    writeFileSync(join(shared, "editor.cjs"), EDITOR);
    const lost: string[] = [];
    let refused = 0;
    for (const file of ["nixgen.toml", "services/b.toml"]) {
      for (let call = 1; ; call += 1) {
        const copy = mkdtempSync(join(shared, "copy-"));
        const edited = `${copy}-edited`;
        cpSync(folder, copy, { recursive: true });
        const { status, stderr } = spawnSync(
          process.execPath,
          ["--require", join(shared, "editor.cjs"), program, "lint", "--fix"],
          {
            cwd: copy,
            encoding: "utf8",
            env: {
              ...process.env,
              EDIT_AT: String(call),
              EDIT_FILE: join(copy, file),
              EDITED: edited,
            },
          },
        );
        if (!existsSync(edited)) break;
        const found = snapshot(copy);
        if (found[file] === after[file]) {
          lost.push(file);
        } else if (status === 2) {
          refused += 1;
          expect(stderr).toContain(`${join(copy, file)} was changed by somebody else`);
          expect(found).toEqual({ ...before, [file]: `${before[file] ?? ""}# by hand\n` });
        } else {
          expect(status).toBe(0);
          expect(found).toEqual({ ...after, [file]: `${after[file] ?? ""}# by hand\n` });
        }
      }
    }
    // Between the last look at a file and its replacement there is nothing but one system call.
    expect(lost).toEqual(["nixgen.toml", "services/b.toml"]);
    expect(refused).toBeGreaterThan(6);
  });

  it("of the lock is not lost where two are accepted at once", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const root = writeFiles({
        "nixgen.toml": inventory().replace(
          "uid = 850",
          "uid = 850\nsub_ids = { start = 300000, count = 65536 }",
        ),
        "nixgen.lock":
          'version = 1\n[uids]\n"pod@alpha" = 995\n[gids]\n"pod@alpha" = 988\n[sub_ids]\n"pod@alpha" = "200000:65536"\n',
      });
      const kinds = ["gid", "sub_ids", "uid"];
      const ended = await startAll(
        root,
        kinds.map((kind) => ["lock", "accept", kind, "pod@alpha", "--reason", "it had to be"]),
      );
      const lock = readFileSync(join(root, "nixgen.lock"), "utf8");
      const accepted = [...lock.matchAll(/^kind = "(.*)"$/gm)].map(([, kind]) => kind);
      expect(accepted.sort()).toEqual(kinds.filter((_, index) => ended[index]?.status === 0));
      expect(accepted).not.toEqual([]);
      for (const { status, stderr } of ended) {
        if (status === 0) continue;
        expect({ status, stderr }).toEqual({
          status: 2,
          stderr: expect.stringContaining("was changed by somebody else") as string,
        });
      }
      expect(readdirSync(root).sort()).toEqual(["nixgen.lock", "nixgen.toml"]);
    }
  });
});
