/** Writes a generated fleet: `tsx bench/generate.ts SERVICES FOLDER [HOSTS [FLAWED-EVERY]]`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fleetFiles, type FleetSize } from "./fleet.ts";

const [services = "", folder = "", hosts, flawedEvery] = process.argv.slice(2);
if (!/^[1-9][0-9]*$/.test(services) || folder === "") {
  throw new Error("usage: tsx bench/generate.ts SERVICES FOLDER [HOSTS [FLAWED-EVERY]]");
}
const size: FleetSize = {
  services: Number(services),
  ...(hosts !== undefined && { hosts: Number(hosts) }),
  ...(flawedEvery !== undefined && { flawedEvery: Number(flawedEvery) }),
};
for (const [path, text] of fleetFiles(size)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
