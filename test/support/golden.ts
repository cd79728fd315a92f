/** The fleets of test/golden/, built for any release. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { loadFleet } from "../../src/fleet/load.ts";
import type { Release } from "../../src/fleet/model.ts";
import { canSplitWithResolved } from "../../src/fleet/release.ts";
import type { HostPlan } from "../../src/plan/plan.ts";
import { runCli } from "./cli.ts";
import { temporaryFolder } from "./fleet.ts";
import { planFleet } from "./plan.ts";

const GOLDEN = "test/golden";

/** The golden fleets that are built. */
export const GOLDEN_FLEETS = readdirSync(GOLDEN).filter((name) =>
  existsSync(join(GOLDEN, name, "expected/out/default.nix")),
);

interface Built {
  readonly plans: readonly HostPlan[];
  /** The folders of hosts lie in it. */
  readonly out: string;
}

/** Builds a copy of a golden fleet whose hosts have all been moved to a release. */
export async function buildGolden(fleet: string, release: Release): Promise<Built> {
  const folder = temporaryFolder();
  cpSync(join(GOLDEN, fleet, "fleet"), folder, { recursive: true, dereference: true });
  const inventory = join(folder, "nixgen.toml");
  const text = readFileSync(inventory, "utf8")
    .replace(/^nixos_release = .*/gm, `nixos_release = "${release}"`)
    // Where one resolver is not to be had on the release, the other is.
    .replace(
      /^resolver = "resolved"/gm,
      `resolver = "${canSplitWithResolved(release) ? "resolved" : "dnsmasq"}"`,
    );
  writeFileSync(inventory, text);
  const run = await runCli(folder, ["build"]);
  expect(run.status, run.stdout + run.stderr).toBe(0);
  const { fleet: loaded } = await loadFleet(inventory);
  if (loaded === undefined) throw new Error(`${fleet} does not load`);
  return { plans: planFleet(loaded), out: join(folder, "out") };
}
