/** Text in XML. */
import { printable } from "./printable.ts";

/** Text for an element or an attribute. `printable` leaves two characters that XML 1.0 cannot hold. */
export function escapeXml(text: string): string {
  return printable(text)
    .replaceAll("\uFFFE", "\\u{fffe}")
    .replaceAll("\uFFFF", "\\u{ffff}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
