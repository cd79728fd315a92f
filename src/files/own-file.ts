/** Reads what nixgen wrote, or what is in the place of it: nobody's link is followed there. */
import { constants, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../text/input-error.ts";
import { MAX_OWN_BYTES } from "../text/limit.ts";
import { linkBetween } from "./boundary.ts";
import { systemMessage } from "./system-message.ts";

/** A link that takes the file's place in between is not followed either; the type has no such numbers. */
const NO_LINK = (constants.O_RDONLY |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK) as unknown as string;

/**
 * The content of a file of a folder that nixgen writes.
 * @param folder its absolute path, which is read as it is.
 * @param path the file's path below it.
 * @returns undefined where nothing is there; nothing of what is no plain file, or larger than any of
 *   nixgen's, so that it compares unequal to all that nixgen wrote.
 * @throws {InputError} where it is behind a link, or cannot be read.
 */
export function readOwn(folder: string, path: string): Buffer | undefined {
  const file = join(folder, path);
  try {
    const link = linkBetween(folder, file);
    if (link !== undefined && link !== file) {
      throw new InputError(
        `${link} is a link: what is behind it is neither read nor written`,
        "Put a folder in its place.",
      );
    }
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const isReadable = stat.isFile() && stat.size <= MAX_OWN_BYTES;
    return isReadable ? readFileSync(file, { flag: NO_LINK }) : Buffer.alloc(0);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${file} cannot be read: ${systemMessage(error)}`,
      "Check its permissions, and what is above it.",
    );
  }
}
