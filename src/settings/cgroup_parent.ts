import { text } from "./forms.ts";

/**
 * The control group that that of the container is made in.
 *
 * @example
 * ```toml
 * cgroup_parent = "user-web.slice"
 * ```
 */
export const setting = text({
  option: "cgroup-parent",
  path: ["HostConfig", "CgroupParent"],
  compose: "cgroup_parent",
});
