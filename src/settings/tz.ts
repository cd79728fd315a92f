import { text } from "./forms.ts";

/**
 * The time zone of the container, like Europe/Berlin, or local.
 *
 * @example
 * ```toml
 * tz = "Europe/Berlin"
 * ```
 */
export const setting = text({
  option: "tz",
  path: ["Config", "Timezone"],
  compose: { none: "Compose has no such key" },
});
