import stringify from "@iarna/toml/stringify.js";
import { compareText } from "./finding.ts";
import type { Lock } from "./schema.ts";

/** The lock file's text: one line an entry, sorted, so that two branches merge line by line. */
export function lockText(lock: Lock): string {
  const { version, uids, gids, sub_ids, placement, ports, accepted } = lock;
  const header =
    "# Written by `nixgen build`: what was chosen once and must stay. Commit it.\n" +
    "# A uid that is here must never change: podman would lose every container of its user.\n\n";
  const tables = Object.entries({ uids, gids, sub_ids, placement, ports }).filter(
    ([, table]) => Object.keys(table).length > 0,
  );
  const body = stringify({
    version,
    ...Object.fromEntries(tables.map(([name, table]) => [name, sorted(table)])),
    ...(accepted.length > 0 && { accepted }),
  });
  // The library groups digits; a plain number is easier to search for.
  return header + body.replaceAll(/(?<= = )[0-9_]+$/gm, (digits) => digits.replaceAll("_", ""));
}

function sorted(table: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => compareText(a, b)));
}
