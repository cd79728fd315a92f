/** Variables in the values of a Compose file: $VAR, ${VAR}, ${VAR:-default} and the like. */

/** The values of variables, by name. */
export type Variables = ReadonlyMap<string, string>;

/** Why a text has no value. */
export interface Refusal {
  readonly message: string;
  readonly help: string;
  /** The part of the text that is meant. */
  readonly reference: string;
}

/** A text whose variables have been replaced, or why that is impossible. */
export type Interpolated = { readonly text: string } | { readonly refusal: Refusal };

/** Defaults may hold variables with defaults; no one nests them deeper. */
const MAX_DEPTH = 20;

/** Longer values are nobody's, and a long variable that is used often would fill the memory. */
const MAX_LENGTH = 1024 * 1024;

/** A dollar that is written twice, or one behind which is none of what begins a reference: compose-go keeps both. */
const LONE_DOLLAR = /\$\$|\$(?![A-Za-z_{])/g;

/** Replaces the variables of a text of a Compose file. */
export function interpolate(text: string, variables: Variables): Interpolated {
  return interpolateStrictly(text.replaceAll(LONE_DOLLAR, "$$$$"), variables);
}

/** The same for the value of a file of variables, of which Compose drops a part where a dollar begins no reference. */
export function interpolateStrictly(text: string, variables: Variables): Interpolated {
  if (!text.includes("$")) return { text };
  try {
    const { value } = substitute(text, 0, undefined, variables, 0);
    return { text: value };
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.refusal };
    throw error;
  }
}

class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** The value of a text from an offset on, up to a character if one is given, and where it ends. */
function substitute(
  text: string,
  start: number,
  until: "}" | undefined,
  variables: Variables,
  depth: number,
): { value: string; end: number } {
  let value = "";
  let at = start;
  while (at < text.length && text[at] !== until) {
    const dollar = text[at] === "$";
    const part = dollar
      ? reference(text, at, variables, depth)
      : { value: text[at] ?? "", end: at + 1 };
    value += part.value;
    at = part.end;
    if (value.length > MAX_LENGTH) {
      throw refused(text.slice(start, at), "this becomes longer than 1 MiB", "Shorten the values.");
    }
  }
  return { value, end: at };
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /:?[-?+]/y;

/** The value of what begins with a dollar. */
function reference(
  text: string,
  start: number,
  variables: Variables,
  depth: number,
): { value: string; end: number } {
  if (text[start + 1] === "$") return { value: "$", end: start + 2 };
  const braced = text[start + 1] === "{";
  const name = matchAt(NAME, text, start + (braced ? 2 : 1));
  if (name === undefined) throw malformed(text.slice(start, start + 12));
  const afterName = start + (braced ? 2 : 1) + name.length;
  if (!braced) {
    const written = text.slice(start, afterName);
    return { value: valueOf(name, written, variables), end: afterName };
  }
  if (text[afterName] === "}") {
    const written = text.slice(start, afterName + 1);
    return { value: valueOf(name, written, variables), end: afterName + 1 };
  }
  const operator = matchAt(OPERATOR, text, afterName);
  if (operator === undefined || depth > MAX_DEPTH) throw malformed(text.slice(start, start + 60));

  const found = variables.get(name);
  const given = found !== undefined && !(operator.startsWith(":") && found === "");
  const kind = operator.at(-1);
  const isUsed = kind === "+" ? given : !given;
  // What is not used may name variables that nobody has set; only its end is looked for.
  const rest = isUsed
    ? substitute(text, afterName + operator.length, "}", variables, depth + 1)
    : { value: "", end: closing(text, afterName + operator.length) };
  if (text[rest.end] !== "}") throw malformed(text.slice(start, start + 60));
  const end = rest.end + 1;
  if (kind === "?" && !given) {
    const why = rest.value === "" ? "it is required" : rest.value;
    throw unset(name, text.slice(start, end), `: ${why}`);
  }
  return { value: kind === "+" || !given ? rest.value : found, end };
}

/** Where the brace is closed that stands open at an offset. */
function closing(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith("$$", at)) at += 1;
    else if (text.startsWith("${", at)) open += 1;
    else if (text[at] === "}" && open === 0) return at;
    else if (text[at] === "}") open -= 1;
  }
  return text.length;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function valueOf(name: string, written: string, variables: Variables): string {
  const value = variables.get(name);
  if (value === undefined) throw unset(name, written, "");
  return value;
}

function unset(name: string, written: string, why: string): Refused {
  return refused(
    written,
    `the variable ${name} is not set${why}`,
    `Set it in a file that --env-file names, in the file .env beside the Compose file, or in the environment with --environment; or write a default: \${${name}:-…}.`,
  );
}

function malformed(written: string): Refused {
  return refused(
    written,
    `${JSON.stringify(written)} is no variable`,
    "Write $NAME or ${NAME}, and $$ for a dollar.",
  );
}

function refused(written: string, message: string, help: string): Refused {
  return new Refused({ message, help, reference: written });
}
