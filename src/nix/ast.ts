/**
 * The part of the Nix language that nixgen writes, as data. Values from the input become `string`
 * nodes and nothing else; what is code here was written by us.
 */

/** An expression. */
export type Expr =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "interpolation"; readonly parts: readonly (string | Expr)[] }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "list"; readonly items: readonly Expr[] }
  | { readonly kind: "attrs"; readonly bindings: readonly Binding[] }
  | { readonly kind: "path"; readonly segments: readonly string[] }
  | { readonly kind: "ref"; readonly root: ModuleArgument; readonly path: AttrPath }
  | Local
  | { readonly kind: "call"; readonly callee: Expr; readonly argument: Expr }
  | {
      readonly kind: "operation";
      readonly left: Local;
      readonly operator: Operator;
      readonly right: Expr;
    };

/** What a `let` of the same file binds, or something in it. */
export interface Local {
  readonly kind: "local";
  readonly path: AttrPath;
}

/**
 * `//` puts attributes into a set, in the place of those of the same name; `++` adds to a list, `+` to
 * a string.
 */
type Operator = "//" | "++" | "+";

/** The arguments of a NixOS module that emitted code may refer to. */
export const MODULE_ARGUMENTS = ["config", "lib", "pkgs"] as const;

export type ModuleArgument = (typeof MODULE_ARGUMENTS)[number];

/** An attribute path, one part per attribute: `["users", "users", "mcp"]`. */
export type AttrPath = readonly string[];

/** `path = value;`, with comment lines above it. */
export interface Binding {
  readonly path: AttrPath;
  readonly value: Expr;
  readonly comment: readonly string[] | undefined;
}

/** A string, whatever is in it. */
export function str(value: string): Expr {
  return { kind: "string", value };
}

/**
 * A string with values in it: `interpolated("+", ref("pkgs", "runtimeShell"))` is `"+${pkgs.runtimeShell}"`.
 * @throws {RangeError} for a text before a value that ends with a dollar, which would take the value's own.
 */
export function interpolated(...parts: readonly (string | Expr)[]): Expr {
  for (const [index, part] of parts.entries()) {
    if (typeof part === "string" && part.endsWith("$") && index + 1 < parts.length) {
      throw new RangeError("a dollar before an interpolation");
    }
  }
  return { kind: "interpolation", parts };
}

/**
 * An integer.
 * @throws {RangeError} for what is none, or too large to be exact.
 */
export function int(value: number): Expr {
  if (!Number.isSafeInteger(value)) throw new RangeError(`no integer: ${value}`);
  return { kind: "int", value };
}

/** true or false */
export function bool(value: boolean): Expr {
  return { kind: "bool", value };
}

/** `[ … ]` */
export function list(items: readonly Expr[]): Expr {
  return { kind: "list", items };
}

/** A list of strings. */
export function strings(values: readonly string[]): Expr {
  return list(values.map(str));
}

/** `{ … }` */
export function attrs(bindings: readonly Binding[]): Expr {
  return { kind: "attrs", bindings };
}

/** A path below the file it is written in: `["rift"]` is `./rift`. */
export function relativePath(...segments: string[]): Expr {
  return { kind: "path", segments };
}

/** An argument of the module or something in it: `ref("pkgs", "dnsutils")` is `pkgs.dnsutils`. */
export function ref(root: ModuleArgument, ...path: string[]): Expr {
  return { kind: "ref", root, path };
}

/** A name that a `let` of the same file binds, or something in it: `local("stages", "core")`. */
export function local(...path: readonly [name: string, ...rest: string[]]): Local {
  return { kind: "local", path };
}

/** A set with other attributes in the place of those of the same name: `left // { … }`. It is the value of a binding. */
export function updated(left: Local, bindings: readonly Binding[]): Expr {
  if (bindings.length === 0) return left;
  return { kind: "operation", left, operator: "//", right: attrs(bindings) };
}

/** A list of strings with more at its end: `left ++ [ … ]`. It is the value of a binding. */
export function appended(left: Local, values: readonly string[]): Expr {
  if (values.length === 0) return left;
  return { kind: "operation", left, operator: "++", right: strings(values) };
}

/**
 * A text with more at its end: `left + ''…''`. It is the value of a binding.
 * @param lines whole lines.
 */
export function joined(left: Local, lines: string): Expr {
  return { kind: "operation", left, operator: "+", right: str(lines) };
}

/** A function applied to one argument: `lib.mkForce "no"`. */
export function call(callee: Expr, argument: Expr): Expr {
  return { kind: "call", callee, argument };
}

/** `path = value;`. The path is given in parts, so that no name can be more than one. */
export function bind(path: AttrPath | string, value: Expr, comment?: readonly string[]): Binding {
  const parts = typeof path === "string" ? [path] : path;
  return { path: parts, value, comment };
}

/** A list of strings, left out where it is empty. */
export function texts(name: string, values: readonly string[]): Binding[] {
  return values.length === 0 ? [] : [bind(name, strings(values))];
}

/** Adds the arguments of the module that an expression refers to. */
export function addArguments(found: Set<ModuleArgument>, expr: Expr): void {
  switch (expr.kind) {
    case "ref":
      found.add(expr.root);
      return;
    case "interpolation":
      for (const part of expr.parts) if (typeof part !== "string") addArguments(found, part);
      return;
    case "list":
      for (const item of expr.items) addArguments(found, item);
      return;
    case "attrs":
      for (const { value } of expr.bindings) addArguments(found, value);
      return;
    case "call":
      addArguments(found, expr.callee);
      addArguments(found, expr.argument);
      return;
    case "operation":
      addArguments(found, expr.right);
      return;
    case "string":
    case "int":
    case "bool":
    case "path":
    case "local":
  }
}
