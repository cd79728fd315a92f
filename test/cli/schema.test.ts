/** `nixgen schema` */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { EXIT } from "../../src/cli/io.ts";
import { FILE_KINDS } from "../../src/fleet/validate.ts";
import { runCli } from "../support/cli.ts";

it.each(FILE_KINDS)("prints that of %s", async (kind) => {
  const { status, stdout } = await runCli("/", ["schema", kind]);
  expect(status).toBe(EXIT.ok);
  expect(JSON.parse(stdout)).toEqual(
    JSON.parse(readFileSync(`schemas/${kind}.schema.json`, "utf8")),
  );
});

it.each([
  [[], "nixgen schema needs the kind of one file"],
  [["lock", "facts"], "nixgen schema needs the kind of one file"],
  [["servic"], 'there is no schema "servic"\nDid you mean "service"?'],
])("%j is no call of it", async (argv, message) => {
  const { status, stdout, stderr } = await runCli("/", ["schema", ...argv]);
  expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: "" });
  expect(stderr).toContain(message);
});
