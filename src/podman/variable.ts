/** The name and the value of KEY=VALUE; the value is empty where there is no "=". */
export function splitVariable(entry: string): [name: string, value: string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}
