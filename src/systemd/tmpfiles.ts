/** Lines of tmpfiles.d(5). */
import { quotePath } from "./quote-path.ts";

/**
 * A line that makes a directory for a user where it is missing. The colons leave mode and owner alone
 * where the directory is there already: a service that runs as another user inside its container owns
 * its data as a subordinate id, and giving it to the user at each boot would lock the service out.
 */
export function directoryLine(
  path: string,
  { name, group }: { readonly name: string; readonly group: string },
): string {
  return `d ${quotePath(path)} :0750 :${name} :${group} -`;
}
