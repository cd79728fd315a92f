/** The files of a fleet after they have passed their schemas. */
import type { Baseline, Inventory, LockFile } from "./model.ts";
import type { ServiceDefinition } from "./schema.ts";
import type { Source } from "../document/source.ts";

/** A document that passed its schema. */
export interface Document<T> {
  readonly source: Source;
  readonly value: T;
}

/** Every document of a fleet, but for the facts. */
export interface Documents {
  readonly inventory: Document<Inventory>;
  readonly services: readonly Document<ServiceDefinition>[];
  readonly lock: LockFile;
  readonly baseline: Document<Baseline> | undefined;
}
