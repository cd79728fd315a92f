import { flag } from "./forms.ts";

/**
 * Whether a small init is the first process of the container, which reaps the others.
 *
 * @example
 * ```toml
 * init = true
 * ```
 */
export const setting = flag({ option: "init", path: ["HostConfig", "Init"], compose: "init" });
