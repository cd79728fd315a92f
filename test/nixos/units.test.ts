/**
 * The units that test/e2e/boot boots are those that the real NixOS module system makes of the same
 * modules, but for where packages and scripts lie.
 */
import { join } from "node:path";
import { describe, it } from "vitest";
import { renderHost } from "../e2e/boot/units.ts";
import { emittedFleets, sharedFolder } from "../generate/support.ts";
import { evaluate, type Evaluation, LACKS_SCRIPTS } from "./evaluate.ts";

/** NixOS' unit, with the paths that units.ts gives. */
function placed(name: string, text: string): string {
  const unit = name.replace(/\.[^.]*$/, "");
  return (
    text
      // curl is a package of several parts.
      .replace(/\/nix\/store\/0+-bin-[0-9.]+/g, "/packages/curl")
      .replace(/\/nix\/store\/0+-([a-z-]+?)-[0-9.]+(?=[/:"\n])/g, "/packages/$1")
      .replace(/\/nix\/store\/\w+-pre-start\/bin\/pre-start/g, `/scripts/${unit}-pre-start`)
      .replace(/\/nix\/store\/\w+-unit-script-[^/]+\/bin\/([^ \n]+) ?/g, "/scripts/$1")
  );
}

/** The lines of a unit in any order, and the words of a list of units in any order. */
function lines(text: string): string[] {
  return (
    text
      // How it is enabled is a link, what restarts it is for a switch; locales and time zones are no matter here.
      .replace(/\[Install\][^]*/, "")
      .split("\n")
      .filter(
        (line) =>
          line !== "" && !/^(X-Restart-Triggers|Environment="(LOCALE_ARCHIVE|TZDIR))=/.test(line),
      )
      .map((line) =>
        /^(After|Before|Requires|Wants|PartOf|Conflicts|Environment="PATH)=/.test(line)
          ? line.replace(/"$/, "").split(/[ :=]/).sort().join(" ")
          : line,
      )
      .sort()
  );
}

/** A script without its first line, which names the shell, blank lines, and quotes that are not needed. */
function commands(script: string): string[] {
  return script
    .replace(/'([\w@%+=:,./-]+)'/g, "$1")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#!"));
}

/** Scripts by the name of their file in units.ts. */
function scriptsOf(units: Evaluation["units"]): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(units).flatMap(([name, { files = {} }]) =>
      Object.entries(files)
        // What it is restarted for is a file, too.
        .filter(([path]) => !path.includes("-X-Restart-Triggers-"))
        .map(([path, text]) => {
          const [, script = ""] = /\/\w+-(?:unit-script-)?([^/]+)$/.exec(path) ?? [];
          const unit = name.replace(/\.[^.]*$/, "");
          return [
            `/scripts/${script === "pre-start" ? `${unit}-pre-start` : script}`,
            commands(text),
          ];
        }),
    ),
  );
}

const fleets = LACKS_SCRIPTS ? [] : await emittedFleets(sharedFolder());
const hosts = fleets
  // The fleet of the incident is not built: it has lint errors.
  .filter(({ name }) => name !== "incident")
  .flatMap(({ name, plans, folder }) =>
    plans.map(({ host }): [string, string] => [`${name}/${host}`, join(folder, host)]),
  );

describe.skipIf(LACKS_SCRIPTS)("units.ts", () => {
  it.for(hosts)("renders %s as NixOS does", async ([, module], { expect }) => {
    const { host, stderr } = await evaluate(join(module, "default.nix"));
    if (host === undefined) throw new Error(stderr);
    // Those of other modules of NixOS that ours turn on.
    const theirs = Object.entries(host.units).filter(
      ([name]) => !/^(podman-prune|systemd-resolved)\./.test(name),
    );
    const ours = renderHost(module);
    expect([...ours.units.keys()].sort()).toEqual(theirs.map(([name]) => name).sort());
    for (const [name, { text }] of theirs) {
      expect(lines(ours.units.get(name) ?? ""), name).toEqual(lines(placed(name, text)));
    }
    const scripts = [...ours.scripts].map(([path, text]): [string, string[]] => [
      path,
      commands(text),
    ]);
    expect(Object.fromEntries(scripts)).toEqual(scriptsOf(Object.fromEntries(theirs)));
    const links = theirs.flatMap(([name, { wantedBy = [], requiredBy = [] }]) => [
      ...wantedBy.map((target) => `${target}.wants/${name}`),
      ...requiredBy.map((target) => `${target}.requires/${name}`),
    ]);
    expect([...ours.links].sort()).toEqual(links.sort());
  });
});
