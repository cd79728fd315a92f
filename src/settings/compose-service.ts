/** A service of a Compose file, as settings read it. */
import * as checks from "../generated/checks.js";
import { isTable, entriesAt } from "../text/json.ts";
import type { Path } from "../document/place.ts";
import { normalisePath } from "../text/path.ts";

/** How a service is called in definitions. */
export interface ComposeNames {
  readonly service: string;
  readonly component: string;
  /** The container's name. */
  readonly container: string;
}

/** What the services of a Compose file have in common. */
export interface ComposeProject {
  readonly name: string;
  /** Where relative paths begin; absolute. */
  readonly folder: string;
  /** Whether a file is there, by its path from the Compose file's folder. */
  readonly isThere: (path: string) => boolean;
  readonly variables: ReadonlyMap<string, string>;
  /** The whole file, valid by the schema. */
  readonly value: unknown;
  /** By the keys of the services. */
  readonly names: ReadonlyMap<string, ComposeNames>;
  /** The containers by what container_name calls them in the file. */
  readonly containers: ReadonlyMap<string, string>;
  /** The names that links give services, by the services' keys. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** The keys of the services that are left out, for they have no image. */
  readonly leftOut: ReadonlySet<string>;
  /** Whether a container may be less isolated, or in another network, than it was. */
  readonly acceptLoss: boolean;
  /** A number as it is written, without quotes. */
  readonly written: (path: Path) => string;
  /** Says what is carried over, but not as it was written. */
  readonly remark: (text: string) => void;
  /** Says that a value cannot be understood. */
  readonly complain: (path: Path, message: string, help: string) => void;
}

/** A service that is being read. */
export interface ComposeService {
  readonly project: ComposeProject;
  /** The service's table. */
  readonly definition: unknown;
  readonly path: Path;
  readonly names: ComposeNames;
  /** What is not carried over. */
  readonly notes: string[];
  /** Says what is carried over, but not as it was written. */
  readonly remark: (text: string) => void;
}

/** Says that a value below the service cannot be understood. */
export function complain(service: ComposeService, below: Path, what: string, help: string): void {
  const path = [...service.path, ...below];
  service.project.complain(path, `${pathText(path)} ${what}`, help);
}

/** Without these a container is less isolated, or in another network: nobody may miss that. */
const ISOLATION: ReadonlySet<unknown> = new Set([
  "cap_drop",
  "ipc",
  "network_mode",
  "networks",
  "pid",
  "read_only",
  "runtime",
  "security_opt",
  "userns_mode",
]);

/** The way on from a loss that must not be missed. */
export const HELP_FOR_LOSS =
  "Import the rest with --accept-loss, and correct the definition by hand: a comment in it says what is missing.";

/** Notes that a value is not carried over, and why. One that isolates or connects is a problem, unless that is accepted. */
export function note(service: ComposeService, below: Path, value: unknown, why = ""): void {
  const reason = why === "" ? "" : ` (${why})`;
  service.notes.push(`${pathText(below)}: ${inShort(value)}${reason}`);
  if (!ISOLATION.has(below[0]) || service.project.acceptLoss) return;
  const what = `is ${inShort(value)}, for which definitions have no words${reason}`;
  complain(service, below, what, HELP_FOR_LOSS);
}

/** Notes what a table has besides what is carried over or means nothing to podman. */
export function noteEach(
  service: ComposeService,
  path: Path,
  table: unknown,
  known: ReadonlySet<string>,
): void {
  for (const [key, value] of entriesAt(table)) {
    if (known.has(key) || isNothing(value) || isExtension(key)) continue;
    note(service, [...path, key], value);
  }
}

/** Whether the schema of definitions admits a value. */
export function isAccepted(key: string, value: unknown): boolean {
  const component = { name: "name", image: "image", [key]: value };
  return checks.service({ name: "name", components: [structuredClone(component)] });
}

/** A value on one line, as JSON. */
export function inShort(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** Whether a value says what is so without it. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Keys that mean nothing to Compose itself. */
export function isExtension(key: string): boolean {
  return key.startsWith("x-");
}

/** A value of yes or no may be a text, for it may come from a variable. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

/** The texts of a list; numbers and the like are no texts by the schema. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A text or a number of the file. */
export function inWords(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A list of texts, or one text for a list of one. */
export function oneOrMore(value: unknown): string[] {
  return typeof value === "string" || typeof value === "number" ? [String(value)] : texts(value);
}

/** A table, or a list of KEY=VALUE, as pairs; a value that is missing is undefined. */
export function pairsOf(value: unknown): [name: string, value: string | undefined][] {
  if (!Array.isArray(value)) {
    return entriesAt(value).map(([name, inner]) => [
      name,
      inner === null ? undefined : typeof inner === "string" ? inner : inShort(inner),
    ]);
  }
  return texts(value).map((text) => {
    const end = text.indexOf("=");
    return end === -1 ? [text, undefined] : [text.slice(0, end), text.slice(end + 1)];
  });
}

/** A path on the host, absolute. */
export function hostPath(service: ComposeService, path: Path, given: string): string | undefined {
  if (given.startsWith("~")) {
    note(service, path, given, "~ is the home of whoever runs compose; write the whole path");
    return undefined;
  }
  if (given.startsWith("/")) return given;
  const whole = normalisePath(`${service.project.folder}/${given}`);
  service.remark(`${pathText(path)}: ${inShort(given)} is ${whole}`);
  return whole;
}

/** The name of a network or a volume: Compose puts the project's before those that are its own. */
export function resourceName(project: string, key: string, definition: unknown): string {
  const { external, name } = isTable(definition) ? definition : {};
  const inner = isTable(external) ? external["name"] : undefined;
  const own = [name, inner].find((each) => typeof each === "string" && each !== "");
  if (typeof own === "string") return own;
  return isTrue(external) || isTable(external) ? key : `${project}_${key}`;
}

/** A path as it is written in messages: `services.web.ports[0]`. */
export function pathText(path: Path): string {
  return path
    .map((step, at) => {
      if (typeof step === "number") return `[${step}]`;
      const key = /^[A-Za-z0-9_./-]+$/.test(step) ? step : JSON.stringify(step);
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}

/** A duration as Compose and podman write it, like "1m30s", in whole seconds, rounded up; undefined if it is none. */
export function composeSeconds(given: string): number | undefined {
  const seconds = exactSeconds(given);
  return seconds === undefined ? undefined : Math.ceil(seconds);
}

/** The same with its fraction. */
export function exactSeconds(given: string): number | undefined {
  if (!/^(?:[0-9]+(?:\.[0-9]+)?(?:h|m|s|ms|us|ns))+$/.test(given)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ""] of given.matchAll(/([0-9.]+)(h|ms|m|s|us|ns)/g)) {
    seconds += Number(count) * (SECONDS[unit] ?? 0);
  }
  return seconds;
}

const SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};
