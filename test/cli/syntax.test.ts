/** What `nixgen` shows of files that it cannot parse: their lines, as of those that it can. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";

/** What lint prints about a file of a fleet that is right without it, between the message and the help. */
async function shown(file: string, content: string | Uint8Array): Promise<string[]> {
  const root = writeFiles({ "nixgen.toml": inventory(), [file]: "" });
  writeFileSync(join(root, file), content);
  const { status, stdout } = await runCli(root, ["lint"]);
  expect(status).toBe(2);
  return stdout.split("\n").slice(0, 4);
}

describe("a file that is no TOML or no JSON", () => {
  const FILE = "services/web.toml";

  it.each<[what: string, file: string, content: string | Uint8Array, frame: string[]]>([
    [
      "with tabs and line ends of Windows",
      FILE,
      '\uFEFFname = "web"\r\n\tnode = alpha\r\n',
      [
        "this is no value; a text stands between quotes",
        " --> services/web.toml:2:9",
        "2 |   node = alpha",
        "  |          ^^^^^",
      ],
    ],
    [
      "with a string that is open at the end of its line",
      FILE,
      'name = "web\r\nnode = "alpha"\r\n',
      [
        "the line ends before this is complete",
        " --> services/web.toml:1:12",
        '1 | name = "web',
        "  |            ^",
      ],
    ],
    [
      "that ends too early",
      FILE,
      'name = "web"\nports = [\n  "80:80",\n\n',
      [
        "the text ends before this is complete",
        " --> services/web.toml:3:11",
        '3 |   "80:80",',
        "  |           ^",
      ],
    ],
    [
      "with control characters",
      FILE,
      'name = "\u001B[31mweb\u202E"\n',
      [
        "control characters are not allowed in strings",
        " --> services/web.toml:1:9",
        '1 | name = "\\u{1b}[31mweb\\u{202e}"',
        "  |         ^^^^^^",
      ],
    ],
    [
      "with a conflict of git",
      "nixgen.lock",
      'version = 1\n[uids]\n<<<<<<< HEAD\r\n"pod@alpha" = 850\n=======\n"pod@alpha" = 851\n>>>>>>> x\n',
      [
        "nixgen.lock has the markers of an unresolved merge conflict",
        " --> nixgen.lock:3:1",
        "3 | <<<<<<< HEAD",
        "  | ^^^^^^^^^^^^",
      ],
    ],
    [
      "that was cut",
      "facts/alpha.json",
      '{ "schema": 1, "host": "alpha",\n  "passwd": [{ "na',
      [
        "this is not valid JSON",
        " --> facts/alpha.json:2:16",
        '2 |   "passwd": [{ "na',
        "  |                ^^^",
      ],
    ],
    [
      "in another encoding",
      FILE,
      Buffer.from('name = "web"\r\n# für alle\r\n', "latin1"),
      [
        "services/web.toml is not UTF-8",
        " --> services/web.toml:2:4",
        "2 | # f\uFFFDr alle",
        "  |    ^",
      ],
    ],
  ])("shows the line and the place in one %s", async (_, file, content, frame) => {
    const [message = "", ...rest] = frame;
    const [said, ...others] = await shown(file, content);
    expect(said).toMatch(/^error\[(?:syntax|unreadable)\]: /);
    expect(said?.endsWith(message)).toBe(true);
    expect(others).toEqual(rest);
  });

  it("is shown by build and facts check as well", async () => {
    const root = writeFiles({ "nixgen.toml": "[fleet\n", "facts/alpha.json": "{" });
    const build = await runCli(root, ["build"]);
    expect(build.stderr).toContain(" --> nixgen.toml:1:7\n1 | [fleet\n  |       ^\n");
    const check = await runCli(root, ["facts", "check", "facts/alpha.json"]);
    expect(check.stdout).toContain(" --> facts/alpha.json:1:2\n1 | {\n  |  ^\n");
  });
});
