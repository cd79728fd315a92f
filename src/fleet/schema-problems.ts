/** Puts the errors of the generated validators into words: what was found, what is allowed, what to write. */
import { type Path, startOf } from "../document/place.ts";
import type { ErrorObject, ValidateFunction } from "ajv";
import { type Finding, type Fix } from "../finding/finding.ts";
import { problem, RESTORE_LOCK } from "../finding/problem.ts";
import { parseToml, type Positions, type Source, type Value } from "../document/source.ts";
import { correctionsOf, lineWith } from "./value-correction.ts";
import { nearest, onlyNear, suggestion } from "../text/suggest.ts";

/** The part of JSON Schema that the messages need. */
export interface Schema {
  readonly description?: string;
  readonly expected?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** The values of a table whose keys have this form, which `expected` says in words. */
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  /** Of what stands in a list. */
  readonly items?: Schema;
}

/** Nobody reads more of one file, and finding the place of each takes time. */
const MOST_PROBLEMS = 20;

/**
 * What is wrong with a document, in the order in which it was found.
 * @param validator the one of its kind; it collects all errors.
 * @param schema what the validator was made from.
 */
export function schemaProblems(
  source: Source,
  validator: ValidateFunction,
  schema: Schema,
): Finding[] {
  validator(source.value);
  const errors = withoutRepetitions(validator.errors ?? []);
  const file: Checked = { schema, source, positions: source.positions(), validator };
  const problems = errors.slice(0, MOST_PROBLEMS).map((error) => describe(error, file));
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

/** A file with errors, and what knows what it should be. */
interface Checked {
  readonly schema: Schema;
  readonly source: Source;
  readonly positions: Positions;
  readonly validator: ValidateFunction;
}

function describe(error: ErrorObject, file: Checked): Finding {
  const { schema: root, source, positions } = file;
  const pointer = error.instancePath.split("/").slice(1).map(unescapePointer);
  const path = toPath(pointer, source);
  const name = path.length === 0 ? "the file" : pathText(path);
  const value = valueAt(source, path);
  const schema = schemaAt(root, error.schemaPath);
  const params = error.params as Record<string, unknown>;
  const at = (message: string, help: string, fix?: Fix): Finding =>
    problem("schema", positions.locate(path), message, help, fix);
  const correctable = (message: string, type?: string): Finding => {
    const meant = correction(file, path, type);
    return at(message, meant?.help ?? helpFor(schema), meant?.fix);
  };

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
      const meant = meantKey(file, [...path, key], known);
      return problem(
        "unknown-key",
        positions.locate([...path, key], "key"),
        `unknown key ${pathText([...path, key])}`,
        meant.help,
        meant.fix,
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
      return correctable(
        `${name} must be ${typeText(params["type"])}, but is ${valueText(value)}`,
        String(params["type"]),
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
      return correctable(
        `${name} must be ${schema.expected ?? "of another form"}, but is ${valueText(value)}`,
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

/** What a value was meant as: a sentence that shows its line, and the fix if both say the same. */
function correction(
  file: Checked,
  path: Path,
  type: string | undefined,
): { help: string; fix?: Fix } | undefined {
  // Facts are collected and the lock is written by nixgen: their values are nobody's to correct.
  if (!file.source.file.endsWith(".toml")) return undefined;
  const written = valueAt(file.source, path) as Value;
  const meant = correctionsOf(written, type).find(({ value }) => fits(file, path, value));
  const line = meant && lineWith(path, meant.value, (inner) => valueAt(file.source, inner));
  if (meant === undefined || line === undefined) return undefined;
  const help = `Write: ${line}${meant.how === undefined ? "" : `, ${meant.how}`}.`;
  const { value } = meant;
  if (!meant.isSame || !isEditValue(value)) return { help };
  const edit = { kind: "replace", at: { file: file.source.file, path }, value } as const;
  return { help, fix: { title: `correct ${pathText(path)}: ${line}`, edits: [edit] } };
}

/** Whether the schema takes another value at a path. */
function fits(file: Checked, path: Path, value: Value): boolean {
  return errorsWith(file, path, value).length === 0;
}

/** What is wrong at a path and below it if another value stands there. The file is as before afterwards. */
function errorsWith({ source, validator }: Checked, path: Path, value: Value): ErrorObject[] {
  const table = valueAt(source, path.slice(0, -1)) as Record<string | number, unknown>;
  const step = path.at(-1);
  if (step === undefined) return [];
  const had = Object.hasOwn(table, step);
  const old = table[step];
  table[step] = value;
  validator(source.value);
  if (had) table[step] = old;
  else Reflect.deleteProperty(table, step);
  const pointer = pointerOf(path);
  return (validator.errors ?? []).filter(
    ({ instancePath }) => instancePath === pointer || instancePath.startsWith(`${pointer}/`),
  );
}

function isEditValue(value: Value): value is string | number | boolean | readonly string[] {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return typeof value !== "object" && typeof value !== "symbol";
}

/**
 * What to write instead of an unknown key. A key that is known elsewhere is said to belong there. The fix
 * is a rename, if one key alone is meant, is not there as well, and takes the value.
 */
function meantKey(
  file: Checked,
  path: Path,
  known: readonly string[],
): { help: string; fix?: Fix } {
  const { schema, source } = file;
  const key = String(path.at(-1));
  const homes = homesOf(schema, key);
  if (homes.length > 0) return { help: `${key} belongs ${homes.slice(0, 3).join(" or ")}.` };
  const help = suggestion(key, known);
  const meant = onlyNear(key, known);
  // Facts are collected and the lock is written by nixgen: their keys are nobody's to correct.
  if (meant === undefined || !source.file.endsWith(".toml")) return { help };
  // The source's own value has the defaults, too.
  const written = parseToml(source.file, source.text);
  const renamed = [...path.slice(0, -1), meant];
  if (valueAt(written, renamed) !== undefined) return { help };
  const value = valueAt(source, path) as Value;
  const [wrong] = errorsWith(file, renamed, value);
  if (wrong === undefined) {
    const edits = [{ kind: "rename", at: { file: source.file, path }, key: meant }] as const;
    return { help, fix: { title: `rename ${pathText(path)} to ${meant}`, edits } };
  }
  const { type: wanted } = wrong.params as Record<string, unknown>;
  const type =
    wrong.keyword === "type" && wrong.instancePath === pointerOf(renamed)
      ? String(wanted)
      : undefined;
  const better = correctionsOf(value, type).find((each) => fits(file, renamed, each.value));
  const line = better && lineWith(renamed, better.value, () => undefined);
  if (line !== undefined) return { help: `${help} Write: ${line}.` };
  return { help: type === undefined ? help : `${help} That must be ${typeText(type)}.` };
}

/** The tables in which a key is known, as they are called in a sentence. */
function homesOf(schema: Schema, key: string): string[] {
  const homes: string[] = [];
  const visit = (table: Schema, name: string): void => {
    const { properties = {} } = table;
    if (Object.hasOwn(properties, key))
      homes.push(name === "" ? "at the top of the file" : `in ${name}`);
    for (const [inner, its] of Object.entries(properties)) {
      const path = name.replaceAll(/^\[+|\]+$/g, "");
      const below = path === "" ? inner : `${path}.${inner}`;
      if (its.items?.properties !== undefined) visit(its.items, `[[${below}]]`);
      else visit(its, `[${below}]`);
    }
  };
  visit(schema, "");
  return homes;
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

function pointerOf(path: Path): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
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
    case "number":
      return "a number";
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
