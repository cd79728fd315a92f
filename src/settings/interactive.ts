import { flag } from "./forms.ts";

/**
 * Whether the standard input of the container stays open.
 *
 * @example
 * ```toml
 * interactive = true
 * ```
 */
export const setting = flag({
  option: "interactive",
  path: ["Config", "OpenStdin"],
  compose: "stdin_open",
});
