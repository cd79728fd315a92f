import { compareText } from "../../text/order.ts";

/** More names than this in one sentence are not read. */
const MOST = 8;

/** Names in a sentence, sorted: "rift", "orion and rift", "a, b, …, h and 92 more". */
export function named(names: readonly string[]): string {
  const sorted = [...names].sort(compareText);
  const many = sorted.length > MOST + 1;
  const shown = many ? sorted.slice(0, MOST) : sorted.slice(0, -1);
  const last = many ? `${sorted.length - MOST} more` : (sorted.at(-1) ?? "none");
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}
