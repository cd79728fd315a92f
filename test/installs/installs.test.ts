/**
 * The hooks and the package, installed by the hook managers and npms that people have, under each Node. CI tries the
 * oldest and the newest of each; NIXGEN_INSTALLS=all (`npm run test:installs`) tries every pair.
 */
import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type HookManager,
  installHookManager,
  installTool,
  type Tool,
} from "../support/installers.ts";
import { GIT_ENVIRONMENT, publish, run, succeed } from "../support/repository.ts";
import { lacks } from "../support/tools.ts";

const ALL = process.env["NIXGEN_INSTALLS"] === "all";

/** An npm install: 15 s alone, more beside other tests. */
const TIMEOUT = 300_000;

/** This machine's Node, or one that is fetched. */
type Node = "this" | Extract<Tool, `node-${string}`>;
type Npm = Extract<Tool, `npm-${string}`>;
type Manager = "debian" | HookManager;

const NODES: readonly Node[] = ["this", "node-22", "node-24", "node-26"];
const NPMS: readonly Npm[] = ["npm-10", "npm-11", "npm-12"];
const MANAGERS: readonly Manager[] = [
  "debian",
  "pre-commit-4.6.0",
  "pre-commit-4.7.0",
  "prek-0.5.11",
];

/** npm 12 needs Node 22 or later. */
const runsUnder = (npm: Npm, node: Node): boolean => npm !== "npm-12" || node !== "this";

/** pre-commit up to 4.6.0 calls `npm install` as npm 12 forbids it, see docs/hooks.md. */
const works = (manager: Manager, npm: Npm): boolean =>
  npm !== "npm-12" || (manager !== "debian" && manager !== "pre-commit-4.6.0");

const every = NODES.flatMap((node) =>
  NPMS.filter((npm) => runsUnder(npm, node)).map((npm) => ({ node, npm })),
);

const HOOKS: readonly { manager: Manager; node: Node; npm: Npm }[] = ALL
  ? MANAGERS.flatMap((manager) => every.map((pair) => ({ manager, ...pair })))
  : [
      { manager: "debian", node: "this", npm: "npm-10" },
      { manager: "pre-commit-4.7.0", node: "this", npm: "npm-10" },
      { manager: "pre-commit-4.7.0", node: "node-26", npm: "npm-12" },
      { manager: "prek-0.5.11", node: "this", npm: "npm-10" },
      { manager: "prek-0.5.11", node: "node-26", npm: "npm-12" },
    ];

const PACKAGES: readonly { node: Node; npm: Npm }[] = ALL
  ? every
  : [
      { node: "this", npm: "npm-10" },
      { node: "node-26", npm: "npm-12" },
    ];

/** An environment in which `node` and `npm` are these. */
async function environmentOf(folder: string, node: Node, npm: Npm): Promise<NodeJS.ProcessEnv> {
  const bin = join(folder, "bin");
  const home = join(folder, "home");
  mkdirSync(bin, { recursive: true });
  mkdirSync(home, { recursive: true });
  const program = node === "this" ? process.execPath : join(await installTool(node), "bin/node");
  symlinkSync(program, join(bin, "node"));
  const cli = join(await installTool(npm), "bin/npm-cli.js");
  writeFileSync(join(bin, "npm"), `#!/bin/sh\nexec '${bin}/node' '${cli}' "$@"\n`);
  chmodSync(join(bin, "npm"), 0o755);
  return {
    ...GIT_ENVIRONMENT,
    PATH: `${bin}${delimiter}${GIT_ENVIRONMENT["PATH"] ?? ""}`,
    PRE_COMMIT_HOME: join(home, "pre-commit"),
    PREK_HOME: join(home, "prek"),
    npm_config_prefix: undefined,
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
  };
}

describe.skipIf(lacks("git") || lacks("npm") || lacks("python3") || lacks("pre-commit"))(
  "an installation",
  () => {
    let top: string;
    let clone: string;
    let revision: string;
    let tarball: string;

    beforeAll(async () => {
      top = mkdtempSync(join(tmpdir(), "nixgen-installs-"));
      clone = join(top, "nixgen");
      mkdirSync(clone);
      revision = await publish(clone);
      const { stdout } = await promisify(execFile)("npx", ["tsx", "scripts/pack.ts", top]);
      tarball = stdout.trim();
    }, TIMEOUT);

    afterAll(() => {
      rmSync(top, { recursive: true, force: true });
    });

    it.each(HOOKS)(
      "of the hooks by $manager with $npm under Node $node",
      async ({ manager, node, npm }) => {
        const folder = mkdtempSync(join(top, "hooks-"));
        const environment = await environmentOf(folder, node, npm);
        const repository = join(folder, "fleet");
        cpSync("examples/starter", repository, { recursive: true });
        const config = [
          "repos:",
          `  - repo: ${pathToFileURL(clone).href}`,
          `    rev: ${revision}`,
          "    hooks:",
          "      - id: nixgen-lint",
          "",
        ];
        writeFileSync(join(repository, ".pre-commit-config.yaml"), config.join("\n"));
        for (const argv of [
          ["init", "--quiet"],
          ["add", "--all"],
        ]) {
          await succeed(repository, environment, "git", ...argv);
        }
        const [program = "", ...argv] =
          manager === "debian" ? ["/usr/bin/pre-commit"] : await installHookManager(manager);
        const { status, output } = await run(
          repository,
          environment,
          program,
          ...argv,
          "run",
          "--all-files",
        );
        rmSync(folder, { recursive: true, force: true });
        if (works(manager, npm)) {
          expect(output).toMatch(/^nixgen lint\.+Passed$/m);
          expect(status).toBe(0);
        } else {
          // The day this passes, the sentence about it in the docs is wrong.
          expect(status, output).not.toBe(0);
        }
      },
      TIMEOUT,
    );

    it.each(PACKAGES)(
      "of the package with $npm under Node $node",
      async ({ node, npm }) => {
        const folder = mkdtempSync(join(top, "package-"));
        const environment = await environmentOf(folder, node, npm);
        const prefix = join(folder, "prefix");
        const said = await succeed(
          folder,
          { ...environment, npm_config_offline: "true" },
          "npm",
          ...["install", "--global", "--prefix", prefix, tarball],
        );
        // From npm 11 on, a package that has install scripts is warned of.
        expect(said).not.toMatch(/script/i);
        const nixgen = join(prefix, "bin/nixgen");
        expect(await succeed("examples/starter", environment, nixgen, "lint")).toBe(
          "no findings\n",
        );
      },
      TIMEOUT,
    );
  },
);
