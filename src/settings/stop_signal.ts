import { text } from "./forms.ts";

/**
 * The signal that asks the container to end. Default: the image's, else SIGTERM.
 *
 * @example
 * ```toml
 * stop_signal = "SIGINT"
 * ```
 */
export const setting = text({
  option: "stop-signal",
  path: ["Config", "StopSignal"],
  compose: "stop_signal",
  fromImage: true,
  shown: (value) => (value.startsWith("SIG") ? value : `SIG${value}`),
  absent: ["SIGTERM"],
});
