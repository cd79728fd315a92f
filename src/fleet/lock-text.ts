import { compareText } from "../text/order.ts";
import stringify from "@iarna/toml/stringify.js";
import { IDENTITY_KINDS } from "./lock.ts";
import type { Lock, LockedIdentity } from "./model.ts";

/** The lock file's text: one line a value, sorted, so that two branches merge line by line. */
export function lockText({ identities, placement, ports, accepted }: Lock): string {
  const header =
    "# Written by `nixgen build`: what was chosen once and must stay. Commit it.\n" +
    "# Nothing of an identity may change: podman would lose the containers of the host.\n\n";
  const tables = Object.entries<Readonly<Record<string, unknown>>>({
    identities: Object.fromEntries([...identities].map(([host, its]) => [host, inOrder(its)])),
    placement,
    ports,
  }).filter(([, table]) => Object.keys(table).length > 0);
  const body = stringify({
    version: 2,
    ...Object.fromEntries(tables.map(([name, table]) => [name, sorted(table)])),
    ...(accepted.length > 0 && { accepted }),
  });
  // The library groups digits; a plain number is easier to search for.
  return header + body.replaceAll(/(?<= = )[0-9_]+$/gm, (digits) => digits.replaceAll("_", ""));
}

function inOrder(identity: LockedIdentity): Record<string, string | number> {
  return Object.fromEntries(
    IDENTITY_KINDS.flatMap((kind) => {
      const value = identity[kind];
      return value === undefined ? [] : [[kind, value]];
    }),
  );
}

function sorted<T>(table: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => compareText(a, b)));
}
