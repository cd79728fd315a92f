/** Public resolvers that are proposed, and the fixes that add them. */
import type { Fix } from "../../finding/finding.ts";
import type { Fleet } from "../../fleet/model.ts";

/** The public resolvers that a fleet is given where it names none: two operators. */
export const PUBLIC_RESOLVERS: readonly string[] = ["1.1.1.1", "8.8.8.8"];

/** The addresses of the first one's operator. */
const FIRST_OPERATOR = ["1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"];

/** A public resolver of another operator than that of an address. */
export function anotherResolver(address: string): string {
  return FIRST_OPERATOR.includes(address) ? "8.8.8.8" : "1.1.1.1";
}

/** The fix that adds public resolvers to [dns]. */
export function moreResolvers(fleet: Fleet, addresses: readonly string[]): Fix {
  const at = { file: fleet.file, path: ["dns", "public"] };
  return {
    title: `add ${addresses.join(" and ")} to dns.public`,
    edits: [{ kind: "append", at, values: addresses }],
  };
}
