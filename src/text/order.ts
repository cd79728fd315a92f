/** Compares by code unit, unlike localeCompare, whose order depends on the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
