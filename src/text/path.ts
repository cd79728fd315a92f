/** Absolute paths of a host, as text: nothing is looked up. */

/** A path without `.`, `..`, doubled and trailing slashes. */
export function normalisePath(path: string): string {
  // Nearly every path is written so.
  if (path.startsWith("/") && !/\/(?:[./]|$)/.test(path)) return path;
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

/** Whether a path is a folder itself, or lies below it. Both are normalised. */
export function isWithin(folder: string, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  return folder === "/" || path.length === folder.length || path[folder.length] === "/";
}
