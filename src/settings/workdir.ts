import { text, nixText } from "./forms.ts";

/**
 * The folder that the container's program starts in. Default: the image's.
 *
 * @example
 * ```toml
 * workdir = "/app"
 * ```
 */
export const setting = text({
  option: "workdir",
  path: ["Config", "WorkingDir"],
  compose: "working_dir",
  nixos: nixText("workdir"),
  fromImage: true,
  absent: ["/"],
});
