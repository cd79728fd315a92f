/** Milliseconds a unit of the durations that the schema admits. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** A duration like "90s" or "2m" in whole seconds, rounded up. The schema has checked its form. */
export function durationSeconds(text: string): number {
  return Math.ceil(durationMilliseconds(text) / 1000);
}

/** The same in milliseconds. */
export function durationMilliseconds(text: string): number {
  const match = /^([0-9]+)([a-z]+)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  if (match === null || unit === undefined) throw new TypeError(`no duration: ${text}`);
  return Number(match[1]) * unit;
}
