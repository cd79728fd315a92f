/** What makes services of something else, and what all of that must pass. */
import type { Finding } from "../finding/finding.ts";
import { InputError } from "../text/input-error.ts";
import type { Service } from "../fleet/model.ts";
import { isSafeName, SAFE_NAMES } from "../fleet/names.ts";
import { parseToml, SyntaxProblem } from "../document/source.ts";
import { validate } from "../fleet/validate.ts";
import type { Variables } from "./compose/interpolate.ts";
import { type ImportedService, serviceText } from "./service-text.ts";

/** A file that was read. */
export interface ImportInput {
  /** As the user wrote it. */
  readonly file: string;
  readonly text: string;
}

/** What an import is told beside its files. */
export interface ImportOptions {
  /** The host that the services are for. */
  readonly node: string | undefined;
  /** The services of the fleet at hand, whose names are taken up. */
  readonly services: readonly Service[];
  /** What a Compose file needs; undefined where none is imported. */
  readonly compose?: ComposeSettings | undefined;
}

/** What is not in a Compose file, and what it says depends on. */
export interface ComposeSettings {
  /** The project's name; undefined: what the file says, or that of its folder. */
  readonly project: string | undefined;
  /** Where relative paths begin; absolute. */
  readonly folder: string;
  readonly variables: Variables;
  /** Services of these profiles run as well; "*" is all of them. */
  readonly profiles: readonly string[];
  /** Whether a file is there, by its path from the Compose file's folder. */
  readonly isThere: (path: string) => boolean;
  /** Whether a container may be less isolated, or in another network, than it was. */
  readonly acceptLoss: boolean;
}

/** A file that cannot be imported, with the places at which it is wrong. */
export class UnusableFile extends Error {
  constructor(
    readonly file: string,
    readonly text: string,
    readonly problems: readonly Finding[],
  ) {
    super(`${file} cannot be imported`);
  }
}

/** What came of an import. */
export interface Imported {
  readonly services: readonly ImportedService[];
  /** What was not carried over and belongs to no component, which would have it among its notes. */
  readonly leftOut: readonly string[];
  /** What was carried over and should be looked at. */
  readonly remarks: readonly string[];
}

/** @throws {InputError | UnusableFile} for what cannot be used. */
export type Importer = (
  inputs: readonly ImportInput[],
  options: ImportOptions,
) => Imported | Promise<Imported>;

/**
 * Checks that services can be loaded as they would be written.
 * @throws {InputError} naming what cannot.
 */
export async function checkServices(services: readonly ImportedService[]): Promise<void> {
  for (const service of services) {
    for (const { name } of service.components) {
      if (isSafeName("component", name)) continue;
      throw new InputError(
        `${JSON.stringify(name)} cannot be the name of a component of ${service.name}`,
        `Use ${SAFE_NAMES.component.expected}.`,
      );
    }
    const text = serviceText(service);
    if (/\p{Cs}/u.test(text)) {
      throw new InputError(
        `${service.name} has a text that is not Unicode: half of a pair of characters`,
        "No file can hold it; correct it where it comes from.",
      );
    }
    const { message, help } = (await problemOf(service.name, text)) ?? {};
    if (message === undefined) continue;
    throw new InputError(
      `${service.name} cannot be defined: ${message}`,
      `Leave it out, or correct it where it comes from. ${help ?? ""}`.trimEnd(),
    );
  }
}

/** Why a definition cannot be loaded, if it cannot. */
async function problemOf(
  name: string,
  text: string,
): Promise<{ readonly message: string; readonly help?: string } | undefined> {
  try {
    const [problem] = await validate("service", parseToml(`${name}.toml`, text));
    return problem;
  } catch (error) {
    if (error instanceof SyntaxProblem) return { message: error.message };
    throw error;
  }
}
