import { capabilities } from "./capabilities.ts";

/**
 * Capabilities that the container gets besides the default ones (capabilities(7)), without CAP_.
 *
 * They hold inside the user namespace of the rootless user only.
 *
 * @example
 * ```toml
 * cap_add = ["NET_ADMIN"]
 * ```
 */
export const setting = capabilities("cap-add", "CapAdd", "cap_add");
