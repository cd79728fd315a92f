/** For every rule: fleets that are wrong, where it must say so, and unusual ones that are right. */
import type { Cases } from "./cases/case.ts";
import { CASES as addresses } from "./cases/addresses.ts";
import { CASES as boot } from "./cases/boot.ts";
import { CASES as containers } from "./cases/containers.ts";
import { CASES as dns } from "./cases/dns.ts";
import { CASES as identity } from "./cases/identity.ts";
import { CASES as inventory } from "./cases/inventory.ts";

export const CASES: Readonly<Record<string, Cases>> = {
  ...identity,
  ...dns,
  ...addresses,
  ...boot,
  ...containers,
  ...inventory,
};
