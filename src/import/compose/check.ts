/** Checks a Compose file against the schema of the Compose specification, and says what is wrong. */
import { pathText } from "../../settings/compose-service.ts";
import type { Path } from "../../document/place.ts";
import type { ErrorObject } from "ajv";
import { suggestion } from "../../text/suggest.ts";

/** What is wrong with the value at a path. */
export interface Complaint {
  readonly path: Path;
  readonly part?: "key";
  readonly message: string;
  readonly help: string;
}

/** Whoever has more to correct begins with these. */
const MAX_ERRORS = 1000;

/** What the schema of the Compose specification forbids. */
export async function checkCompose(value: unknown): Promise<Complaint[]> {
  const { validate, composeKeys } = await import("../../generated/compose.js");
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).slice(0, MAX_ERRORS).map((error) => ({
    ...error,
    path: toPath(error.instancePath, value),
  }));
  const complaints = new Map<string, Complaint>();
  for (const error of errors) {
    // Where there are alternatives, each complains: those of another type than the value were not
    // meant, and if no type is right, all are named at once.
    if (error.keyword === "oneOf" && errors.some((other) => isBelow(other, error))) continue;
    if (error.keyword === "type" && errors.some((other) => isMeant(other, error))) continue;
    const key = `${error.instancePath} ${error.keyword} ${JSON.stringify(error.params["additionalProperty"])}`;
    if (complaints.has(key)) continue;
    const types = errors
      .filter((other) => other.keyword === "type" && other.instancePath === error.instancePath)
      .flatMap(({ params }) => params["type"] as string | string[]);
    complaints.set(key, complaint(error, valueAt(value, error.path), types, composeKeys));
  }
  return [...complaints.values()];
}

type Keys = (typeof import("../../generated/compose.js"))["composeKeys"];

/** The keys of the table at a path, where they are known. */
function keysAt([top, name, key, ...rest]: Path, keys: Keys): readonly string[] | undefined {
  if (top === undefined) return keys.file;
  if (name === undefined || rest.length > 0) return undefined;
  if (top === "services" && key === "healthcheck") return keys.healthcheck;
  if (top === "services" && key === "deploy") return keys.deployment;
  if (key !== undefined) return undefined;
  return { services: keys.service, networks: keys.network, volumes: keys.volume }[String(top)];
}

interface Located extends Pick<ErrorObject, "keyword" | "instancePath"> {
  readonly params: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/** Whether an error is about the same value as another one, or a value in it. */
function isBelow(inner: Located, outer: Located): boolean {
  return (
    inner.keyword !== "oneOf" &&
    (inner.instancePath === outer.instancePath ||
      inner.instancePath.startsWith(`${outer.instancePath}/`))
  );
}

/** Whether another error shows that a type was not the one that was meant for the same value. */
function isMeant(other: Located, error: Located): boolean {
  return other.keyword !== "type"
    ? isBelow(other, error)
    : other.instancePath.startsWith(`${error.instancePath}/`);
}

function complaint(
  { keyword, params, path }: Located,
  value: unknown,
  types: readonly string[],
  keys: Keys,
): Complaint {
  const name = path.length === 0 ? "the file" : pathText(path);
  switch (keyword) {
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      const known = keysAt(path, keys);
      return {
        path: [...path, key],
        part: "key",
        message: `${path.length === 0 ? "" : `${name}: `}unknown key ${JSON.stringify(key)}`,
        help:
          known === undefined
            ? "The Compose specification has no such key here; names are letters, digits, dots, - and _."
            : suggestion(key, known),
      };
    }
    case "required":
      return {
        path,
        message: `${name} lacks the key ${String(params["missingProperty"])}`,
        help: `Add ${String(params["missingProperty"])}.`,
      };
    case "type": {
      const expected = alternatives([...new Set(types.map(typeText))]);
      return {
        path,
        message: `${name} must be ${expected}, but is ${valueText(value)}`,
        help: "Write it as the Compose specification has it.",
      };
    }
    case "enum":
    case "const": {
      const allowed = (params["allowedValues"] ?? [params["allowedValue"]]) as unknown[];
      return {
        path,
        message: `${name} must be ${alternatives(allowed.map(valueText))}, but is ${valueText(value)}`,
        help: suggestion(String(value), allowed.map(String)),
      };
    }
    default:
      return {
        path,
        message: `${name} is not valid (${keyword}): it is ${valueText(value)}`,
        help: "Write it as the Compose specification has it.",
      };
  }
}

/** A value in short. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a table";
  if (value === null) return "empty";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function typeText(type: string): string {
  switch (type) {
    case "object":
      return "a table";
    case "array":
      return "a list";
    case "string":
      return "a text";
    case "integer":
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "empty";
  }
}

function alternatives(words: readonly string[]): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/** The steps of a JSON pointer, with numbers for the places in lists. */
function toPath(pointer: string, root: unknown): Path {
  const path: (string | number)[] = [];
  for (const step of pointer.split("/").slice(1)) {
    const isList = Array.isArray(valueAt(root, path));
    path.push(isList ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return path;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    root,
  );
}
