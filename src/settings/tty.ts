import { flag } from "./forms.ts";

/**
 * Whether the container has a terminal.
 *
 * @example
 * ```toml
 * tty = true
 * ```
 */
export const setting = flag({ option: "tty", path: ["Config", "Tty"], compose: "tty" });
