/** Where imported services go: to the terminal, or into new files. */
import { join } from "node:path";
import { InputError } from "../text/input-error.ts";
import { isSafeName, SAFE_NAMES } from "../fleet/names.ts";
import { tomlComment } from "../document/toml-text.ts";
import { writeNewFiles } from "../files/write-file.ts";
import { type ImportedService, serviceText } from "./service-text.ts";

/** Every service one after the other, each below the name of the file that it belongs in. */
export function servicesText(services: readonly ImportedService[]): string {
  return services
    .map((service) => `${tomlComment(fileName(service))}\n${serviceText(service)}`)
    .join("\n");
}

/**
 * Writes a new file for each service, all of them or none.
 * @param folder is made where it is missing.
 * @returns the files' paths.
 * @throws {InputError} where a name cannot be that of a file, a file is there already, or one cannot
 * be written.
 */
export function writeServices(folder: string, services: readonly ImportedService[]): string[] {
  const files = new Map<string, string>();
  for (const service of services) {
    const path = join(folder, fileName(service));
    if (files.has(path)) {
      throw new InputError(
        `there are two services ${service.name}; nothing was written`,
        "Import them one after the other, or give one of them another name.",
      );
    }
    files.set(path, serviceText(service));
  }
  writeNewFiles(files);
  return [...files.keys()];
}

/** @throws {InputError} for a name that could lead out of the folder, or that a definition must not have. */
function fileName({ name }: ImportedService): string {
  if (isSafeName("service", name)) return `${name}.toml`;
  throw new InputError(
    `${JSON.stringify(name)} cannot be the name of a service`,
    `Use ${SAFE_NAMES.service.expected}.`,
  );
}
