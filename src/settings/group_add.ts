import { texts } from "./forms.ts";

/**
 * Further groups of the container's user, by name or gid; keep-groups keeps the groups of the host's user.
 *
 * @example
 * ```toml
 * group_add = ["keep-groups"]
 * ```
 */
export const setting = texts({
  option: "group-add",
  path: ["HostConfig", "GroupAdd"],
  compose: "group_add",
});
