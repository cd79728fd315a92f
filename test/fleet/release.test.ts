/** The table of releases, and what is said of it elsewhere. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rebootReasons, releaseFacts, RELEASES } from "../../src/fleet/release.ts";

describe("the releases of NixOS", () => {
  it("are those of docs/upgrading.md, with what differs", () => {
    const page = readFileSync("docs/upgrading.md", "utf8");
    const rows = page
      .split("\n")
      .filter((line) => /^\| \d/.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const yes = (is: boolean): string => (is ? "yes" : "no");
    expect(rows).toEqual(
      RELEASES.map((release) => {
        const { dbus, podman, dnsDelegates, userbornSubIds } = releaseFacts(release);
        return [release, dbus, String(podman), yes(dnsDelegates), yes(userbornSubIds)];
      }),
    );
  });

  it("are those of the README", () => {
    const readme = readFileSync("README.md", "utf8");
    expect(readme).toContain(
      `NixOS ${RELEASES.slice(0, -1).join(", ")} and ${RELEASES.at(-1) ?? ""}`,
    );
  });

  it.each([
    ["25.05", "25.11", []],
    ["25.11", "26.05", ["D-Bus changes from dbus-daemon to dbus-broker"]],
    ["26.05", "26.11", ["podman changes from 5 to 6"]],
    ["26.11", "26.05", ["podman changes from 6 to 5"]],
    ["24.11", "25.05", []],
    ["toString", "25.05", []],
  ] as const)("from %s to %s", (from, to, reasons) => {
    expect(rebootReasons(from, to)).toEqual(reasons);
  });
});
