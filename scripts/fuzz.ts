/**
 * Tries every property for longer than the ordinary suite does, and says how many inputs each one had:
 * `npm run fuzz -- SECONDS [FILE…]`, with so many seconds for each property. The seed is the time's,
 * unless NIXGEN_FUZZ_SEED names one.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tally } from "../test/support/fuzz.ts";

const [seconds = "20", ...chosen] = process.argv.slice(2);
if (!/^[0-9]+$/.test(seconds)) throw new Error(`no number of seconds: ${seconds}`);

/** The tests that have properties. */
const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((name) => join("test", name))
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => /\bholds(?:ForAll)?\(/.test(readFileSync(name, "utf8")));

const seed = process.env["NIXGEN_FUZZ_SEED"] ?? String(Math.floor(Date.now() / 1000));
const folder = mkdtempSync(join(tmpdir(), "nixgen-fuzz-"));
const tally = join(folder, "tally");
try {
  console.log(`seed ${seed}, ${seconds} s for each property`);
  const { status } = spawnSync(
    "npx",
    ["vitest", "run", "--testTimeout=0", ...(chosen.length === 0 ? files : chosen)],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        NIXGEN_FUZZ_SEED: seed,
        NIXGEN_FUZZ_SECONDS: seconds,
        NIXGEN_FUZZ_TALLY: tally,
      },
    },
  );
  const lines = existsSync(tally) ? readFileSync(tally, "utf8").trimEnd().split("\n") : [];
  const tallies = lines.map((line) => JSON.parse(line) as Tally);
  for (const { property, inputs, failed } of tallies) {
    console.log(`${String(inputs).padStart(10)}  ${property}${failed ? "  FAILED" : ""}`);
  }
  console.log(
    `${tallies.length} properties, ${tallies.reduce((sum, { inputs }) => sum + inputs, 0)} inputs, seed ${seed}`,
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
