/** A lock of version 1 with keys that no user@host is. */
import { expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";

it("is read with what every object inherits as a key, and written as version 2", async () => {
  const root = writeFiles({
    "nixgen.toml": inventory(),
    "nixgen.lock": 'version = 1\n\n[uids]\n"__proto__" = 850\n',
  });
  const build = await runCli(root, ["build"]);
  expect(build.status, build.stderr).toBe(0);
  expect((await runCli(root, ["build", "--check"])).status).toBe(0);
});
