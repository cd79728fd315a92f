/** Whether ports meet is found without comparing all pairs, and is what comparing all pairs finds. */
import fc from "fast-check";
import { describe, it, expect } from "vitest";
import { lint } from "../../src/lint/engine.ts";
import { addressesOverlap } from "../../src/podman/address.ts";
import { parsePublishedPort, rangesOverlap, type PublishedPort } from "../../src/podman/port.ts";
import { inventory, loadFiles } from "../support/fleet.ts";
import { holds } from "../support/fuzz.ts";
import { service } from "./cases/case.ts";

const ADDRESSES = ["", "0.0.0.0:", "[::]:", "127.0.0.1:", "192.168.1.10:", "[::1]:"];

const port = fc
  .tuple(
    fc.constantFrom(...ADDRESSES),
    fc.integer({ min: 2000, max: 2008 }),
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom("tcp", "udp"),
  )
  .map(
    ([address, first, more, protocol]) =>
      `${address}${first}-${first + more}:${first}-${first + more}/${protocol}`,
  );

function parsed(text: string): PublishedPort & { host: NonNullable<PublishedPort["host"]> } {
  const result = parsePublishedPort(text);
  if (typeof result === "string" || result.host === undefined) throw new Error(text);
  return { ...result, host: result.host };
}

function meet(a: string, b: string): boolean {
  const [first, second] = [parsed(a), parsed(b)];
  return (
    first.protocol === second.protocol &&
    rangesOverlap(first.host, second.host) &&
    addressesOverlap(first.address, second.address)
  );
}

describe("port-conflict", () => {
  it("names every port that meets another one, and no other", async () => {
    await holds(
      fc.asyncProperty(fc.array(port, { minLength: 2, maxLength: 7 }), async (ports) => {
        const fleet = await loadFiles({
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", `ports = ${JSON.stringify(ports)}`),
        });
        const found = lint(fleet, { only: ["port-conflict"] });
        const named = new Set(
          found
            .flatMap(({ location, related }) => [location, ...related])
            .map(({ column }) => column),
        );
        const expected = ports.filter((a, i) => ports.some((b, j) => i !== j && meet(a, b)));
        expect(named.size).toBe(expected.length);
        expect(found.length).toBeLessThan(ports.length);
      }),
      200,
    );
  });
});
