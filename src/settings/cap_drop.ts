import { capabilities } from "./capabilities.ts";

/**
 * Capabilities that the container does not get, or ALL.
 *
 * @example
 * ```toml
 * cap_drop = ["ALL"]
 * ```
 */
export const setting = capabilities("cap-drop", "CapDrop", "cap_drop");
