/** Runs the generated validators and puts their errors into words. */
import { type Path, startOf } from "../document/place.ts";
import type { ErrorObject, ValidateFunction } from "ajv";
import * as checks from "../generated/checks.js";
import { type Finding, type Fix } from "../finding/finding.ts";
import { problem, RESTORE_LOCK } from "../finding/problem.ts";
import { parseToml, type Positions, type Source } from "../document/source.ts";
import { nearest, onlyNear, suggestion } from "../text/suggest.ts";

/** The kinds of files, each with a schema of that name in schemas/. */
export const FILE_KINDS = ["nixgen", "service", "facts", "lock", "baseline"] as const;

export type FileKind = (typeof FILE_KINDS)[number];

/** The part of JSON Schema that the messages need. */
interface Schema {
  readonly description?: string;
  readonly expected?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** The values of a table whose keys have this form, which `expected` says in words. */
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
}

/** Nobody reads more of one file, and finding the place of each takes time. */
const MOST_PROBLEMS = 20;

/**
 * Checks a document against its schema and fills in the defaults.
 * @returns the problems; with none, the source's value has the type that the schema describes.
 */
export async function validate(kind: FileKind, source: Source): Promise<Finding[]> {
  if (checks[kind](source.value)) return [];
  // Only now is it needed what exactly is wrong, and what the schema says in words.
  const validators = await import("../generated/validators.js");
  const validator: ValidateFunction = validators[kind];
  validator(source.value);
  const schema = await loadSchema(kind);
  const errors = withoutRepetitions(validator.errors ?? []);
  const positions = source.positions();
  const problems = errors
    .slice(0, MOST_PROBLEMS)
    .map((error) => describe(error, schema, source, positions));
  if (errors.length <= MOST_PROBLEMS) return problems;
  const all = `${source.file} has ${errors.length} problems, of which ${MOST_PROBLEMS} are shown`;
  return [problem("schema", startOf(source.file), all, "Correct these first."), ...problems];
}

/**
 * Of a value that is none of those to choose from it need not be said that it has another type, too; nor
 * of one of another type (as nan is) that it is too small and too large.
 */
function withoutRepetitions(errors: readonly ErrorObject[]): ErrorObject[] {
  const pathsOf = (wanted: string): Set<string> =>
    new Set(
      errors.flatMap(({ keyword, instancePath }) => (keyword === wanted ? [instancePath] : [])),
    );
  const [choices, types] = [pathsOf("enum"), pathsOf("type")];
  return errors.filter(({ keyword, instancePath }) => {
    if (keyword === "type") return !choices.has(instancePath);
    return !(/^m(?:in|ax)imum$/.test(keyword) && types.has(instancePath));
  });
}

/** The JSON Schema of a kind of file. */
export async function loadSchema(kind: FileKind): Promise<Schema> {
  switch (kind) {
    case "nixgen":
      return (await import("../../schemas/nixgen.schema.json")).default;
    case "service":
      return (await import("../../schemas/service.schema.json")).default;
    case "facts":
      return (await import("../../schemas/facts.schema.json")).default as Schema;
    case "lock":
      return (await import("../../schemas/lock.schema.json")).default as Schema;
    case "baseline":
      return (await import("../../schemas/baseline.schema.json")).default;
  }
}

function describe(error: ErrorObject, root: Schema, source: Source, positions: Positions): Finding {
  const pointer = error.instancePath.split("/").slice(1).map(unescapePointer);
  const path = toPath(pointer, source);
  const name = path.length === 0 ? "the file" : pathText(path);
  const value = valueAt(source, path);
  const schema = schemaAt(root, error.schemaPath);
  const params = error.params as Record<string, unknown>;
  const at = (message: string, help: string): Finding =>
    problem("schema", positions.locate(path), message, help);

  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      if (schema.patternProperties !== undefined) {
        return problem(
          "schema",
          positions.locate([...path, key], "key"),
          `the key ${valueText(key)} of ${name} must be ${schema.expected ?? "of another form"}`,
          helpFor(schema),
        );
      }
      const known = Object.keys(schema.properties ?? {});
      return problem(
        "unknown-key",
        positions.locate([...path, key], "key"),
        `unknown key ${pathText([...path, key])}`,
        suggestion(key, known),
        renameKey(source, [...path, key], onlyNear(key, known)),
      );
    }
    case "required": {
      const key = String(params["missingProperty"]);
      const meaning = schema.properties?.[key]?.description;
      const addition = meaning === undefined ? `Add ${key}.` : `Add ${key}: ${lowerFirst(meaning)}`;
      return at(
        `${name} lacks the key ${key}`,
        source.file.endsWith(".lock") ? RESTORE_LOCK : addition,
      );
    }
    case "type":
      return at(
        `${name} must be ${typeText(params["type"])}, but is ${valueText(value)}`,
        helpFor(schema),
      );
    case "enum":
    case "const": {
      const allowed = (params["allowedValues"] ?? [params["allowedValue"]]) as unknown[];
      const known = Math.max(...allowed.filter((each) => typeof each === "number"));
      // The only numbers are versions of formats: to write another one would not make it that.
      if (typeof value === "number" && Number.isFinite(known) && value > known) {
        return at(
          `${source.file} has format ${value}, and this nixgen knows none above ${known}`,
          "Use the nixgen that wrote it, or a newer one.",
        );
      }
      return at(notOneOf(name, allowed, value), choiceHelp(value, allowed));
    }
    case "discriminator": {
      const tag = String(params["tag"]);
      const allowed = (schema.oneOf ?? []).map((branch) => branch.properties?.[tag]?.const);
      const given = params["tagValue"];
      if (given === undefined)
        return at(`${name} lacks the key ${tag}`, choiceHelp(given, allowed));
      return problem(
        "schema",
        positions.locate([...path, tag]),
        notOneOf(`${name}.${tag}`, allowed, given),
        choiceHelp(given, allowed),
      );
    }
    case "pattern":
      return at(
        `${name} must be ${schema.expected ?? "of another form"}, but is ${valueText(value)}`,
        helpFor(schema),
      );
    case "minimum":
    case "maximum":
      return at(
        `${name} must be ${error.keyword === "minimum" ? "at least" : "at most"} ${String(params["limit"])}, but is ${valueText(value)}`,
        helpFor(schema),
      );
    case "maxItems":
      return at(`${name} has more than ${String(params["limit"])} items`, helpFor(schema));
    case "minItems":
      return at(`${name} must have at least ${String(params["limit"])} item`, helpFor(schema));
    default:
      return at(`${name} is not valid (${error.keyword})`, helpFor(schema));
  }
}

/** The fix for a key that was mistyped; undefined where what was meant is unknown, or there as well. */
function renameKey(source: Source, path: Path, key: string | undefined): Fix | undefined {
  // Facts are collected and the lock is written by nixgen: their keys are nobody's to correct.
  if (key === undefined || !source.file.endsWith(".toml")) return undefined;
  // The source's own value has the defaults, too.
  const written = parseToml(source.file, source.text);
  if (valueAt(written, [...path.slice(0, -1), key]) !== undefined) return undefined;
  return {
    title: `rename ${pathText(path)} to ${key}`,
    edits: [{ kind: "rename", at: { file: source.file, path }, key }],
  };
}

function notOneOf(name: string, allowed: readonly unknown[], value: unknown): string {
  return `${name} must be ${alternatives(allowed)}, but is ${valueText(value)}`;
}

/** What was meant, or else what there is to choose from. */
function choiceHelp(value: unknown, allowed: readonly unknown[]): string {
  if (allowed.every(isVersion)) return versionHelp(String(value), allowed);
  const near = typeof value === "string" ? nearest(value, allowed.map(String)) : undefined;
  return near === undefined ? `Write ${alternatives(allowed)}.` : `Did you mean "${near}"?`;
}

/** A version like NixOS's releases have. */
function isVersion(value: unknown): value is string {
  return typeof value === "string" && /^[0-9]+\.[0-9]{2}$/.test(value);
}

/** Another version is not a typo of a supported one: the help says on which side of those it lies. */
function versionHelp(value: string, allowed: readonly string[]): string {
  const [oldest = "", newest = ""] = [allowed[0], allowed.at(-1)];
  // A float of TOML.
  if (allowed.includes(value)) return `Write it in quotes: "${value}".`;
  if (isVersion(value) && Number(value) < Number(oldest)) {
    return `${value} is not supported; ${oldest} is the oldest.`;
  }
  if (isVersion(value) && Number(value) > Number(newest)) {
    return `${value} is not supported; ${newest} is the newest that this nixgen knows. Use a released version, or update nixgen.`;
  }
  return `Write ${alternatives(allowed)}.`;
}

function helpFor(schema: Schema): string {
  return schema.description ?? "See the schema of this file in schemas/.";
}

function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The steps of a JSON pointer, with numbers for the indices of arrays. */
function toPath(pointer: readonly string[], source: Source): Path {
  const path: (string | number)[] = [];
  for (const step of pointer) {
    path.push(Array.isArray(valueAt(source, path)) ? Number(step) : step);
  }
  return path;
}

function valueAt(source: Source, path: Path): unknown {
  let value: unknown = source.value;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/**
 * The schema that holds the keyword which a schemaPath like `#/properties/user/type` ends in. The
 * items of an array are described where the array is.
 */
function schemaAt(root: Schema, schemaPath: string): Schema {
  let schema: Schema = root;
  let description: string | undefined;
  for (const step of schemaPath.split("/").slice(1, -1).map(decodeURIComponent)) {
    description = schema.description ?? description;
    const inner = (schema as Record<string, unknown>)[unescapePointer(step)];
    if (typeof inner !== "object" || inner === null) return {};
    schema = inner;
  }
  return description === undefined ? schema : { description, ...schema };
}

/** `components[0].ports[2]`; keys are quoted where TOML wants it. */
function pathText(path: Path): string {
  return path
    .map((step, at) => {
      if (typeof step === "number") return `[${step}]`;
      const key = /^[A-Za-z0-9_-]+$/.test(step) ? step : JSON.stringify(step);
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}

function typeText(type: unknown): string {
  switch (type) {
    case "object":
      return "a table";
    case "array":
      return "an array";
    case "string":
      return "a string";
    case "integer":
      return "an integer";
    case "boolean":
      return "true or false";
    default:
      return `of type ${String(type)}`;
  }
}

function valueText(value: unknown): string {
  if (typeof value === "symbol") return "a date";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "a table";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function alternatives(allowed: readonly unknown[]): string {
  const quoted = allowed.map(valueText);
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1) ?? ""}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
