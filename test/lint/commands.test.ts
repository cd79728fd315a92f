/** The commands that messages tell to run: whatever a name is, it is one word of them. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lint } from "../../src/lint/engine.ts";
import { runCli } from "../support/cli.ts";
import { type Files, inventory, loadFiles, writeFiles } from "../support/fleet.ts";

/** It would make a file, where a shell took it for more than a word. */
const NAME = `x; $(touch canary) \`touch canary\` ' && touch canary #`;

const toml = (text: string): string => JSON.stringify(text);

/** What is said of a fleet: what lint finds, and what audit does. */
async function helps(files: Files): Promise<string[]> {
  const fleet = await loadFiles({ "nixgen.toml": inventory(), ...files });
  return [...lint(fleet), ...lint(fleet, { audit: true })].map(({ help }) => help);
}

/** The words that a shell makes of the command that a text has between two others. */
function words(text: string, before: string, after: string): string[] {
  const start = text.indexOf(before);
  const command = text.slice(start + before.length, text.indexOf(after, start + before.length));
  const folder = writeFiles({});
  const script = `each() { printf '%s\\0' "$@"; }; each ${command}; [ ! -e canary ]`;
  const { status, stdout } = spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
  expect(status, command).toBe(0);
  return stdout.split("\0").slice(0, -1);
}

function service(component: string, name = NAME): string {
  return `name = "web"\nnode = "alpha"\n[[components]]\nname = ${toml(name)}\nimage = "example/web:v1"\n${component}`;
}

const podman = (...names: string[]): string =>
  JSON.stringify({
    schema: 1,
    host: "alpha",
    podman: [
      { user: "pod", containers: names.map((Name) => ({ Name, State: { Status: "exited" } })) },
    ],
  });

describe("a command in a message", () => {
  it("has containers of facts as words", async () => {
    const said = await helps({ "facts/alpha.json": podman(NAME, "--all") });
    const texts = said.filter((help) => help.startsWith("Define it"));
    const found = texts.map((help) => words(help, "remove it on alpha: ", "."));
    expect(found).toContainEqual(["podman", "rm", NAME]);
    expect(found).toContainEqual(["podman", "rm", "--", "--all"]);
    const [inspect] = texts.map((help) => words(help, "run ", " on alpha"));
    expect(inspect?.slice(0, 2)).toEqual(["podman", "inspect"]);
  });

  it("has containers of definitions as words", async () => {
    const said = await helps({
      "services/web.toml": service(""),
      "facts/alpha.json": podman(`web-${NAME}`),
    });
    const [logs = ""] = said.filter((help) => help.startsWith("Look at podman logs"));
    expect(words(logs, "Look at ", " and journalctl")).toEqual(["podman", "logs", `web-${NAME}`]);
    expect(words(logs, "and ", " on alpha").at(-1)).toBe(`podman-web-${NAME}`);
    const missing = await helps({
      "services/web.toml": service(""),
      "facts/alpha.json": podman("other"),
    });
    const [journal = ""] = missing.filter((help) => help.startsWith("Look at journalctl"));
    expect(words(journal, "Look at ", " on alpha").at(-1)).toBe(`podman-web-${NAME}`);
  });

  it("has users and paths as words", async () => {
    const path = `/srv/${NAME.replaceAll("/", "")}`;
    const component = `user = ${toml(`7:${NAME}`)}\nvolumes = [${toml(`${path}:/data`)}]`;
    const said = await helps({ "services/web.toml": service(component, "web") });
    const [chown = ""] = said.filter((help) => help.startsWith("Give it the folder"));
    expect(words(chown, "as pod: ", ". Then")).toEqual([
      "podman",
      "unshare",
      "chown",
      "-R",
      `7:${NAME}`,
      path,
    ]);
  });

  it("has the container user as a word", async () => {
    const said = await helps({
      "nixgen.toml": inventory().replace('name = "pod"', `name = ${toml(NAME)}`),
      "nixgen.lock": `version = 1\n[uids]\n${toml(`${NAME}@alpha`)} = 995\n`,
    });
    const [accept = ""] = said.filter((help) => help.includes("lock accept"));
    const found = words(accept, "may be accepted: ", ".");
    expect(found.slice(0, 5)).toEqual(["nixgen", "lock", "accept", "uid", `${NAME}@alpha`]);
  });

  it("has hosts and files as words", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory().replace('name = "alpha"', `name = ${toml(NAME)}`),
    });
    const audit = await runCli(folder, ["audit", "--host", NAME]);
    expect(words(audit.stderr, "Collect them: ", " sh -s")).toEqual(["ssh", `root@${NAME}`]);
    expect(words(audit.stderr, "script) > ", "\n")).toEqual([join("facts", `${NAME}.json`)]);
    const baseline = await runCli(folder, ["lint", "--baseline", NAME]);
    expect(words(baseline.stderr, "Write it with ", ".\n").at(-1)).toBe(NAME);
  });
});
