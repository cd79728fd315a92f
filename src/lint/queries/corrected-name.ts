import type { Where } from "../../document/place.ts";
import type { Fix } from "../../finding/finding.ts";
import { type Known, onlyNear } from "../../text/suggest.ts";

/** The fix for a name that was mistyped, where one known name alone can be meant; for a report. */
export function correctedName(at: Where, word: string, known: Known): { readonly fix?: Fix } {
  const meant = onlyNear(word, known);
  if (meant === undefined) return {};
  return { fix: { title: `write "${meant}"`, edits: [{ kind: "replace", at, value: meant }] } };
}
