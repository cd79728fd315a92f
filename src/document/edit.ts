/**
 * Makes symbolic edits in a TOML text: only what an edit is about changes, and comments, layout,
 * quotes, line ends and alignment stay.
 *
 * Where nothing is written yet, a default stands in its place: replacing or extending what is missing
 * therefore adds it.
 */
import type { Path, Where } from "./place.ts";
import type { AST } from "toml-eslint-parser";
import { parseToml, SyntaxProblem, type Value } from "./source.ts";
import { keyName, parseTomlTree } from "./toml-tree.ts";
import { type Quote, tomlKey, tomlText, type Writable } from "./toml-text.ts";

/** A value that a fix writes. */
export type EditValue = string | number | boolean | readonly string[];

/** A change of a document, by path like everything that a rule says; the rest of it stays as it is. */
export type Edit =
  /** Another value. */
  | { readonly kind: "replace"; readonly at: Where; readonly value: EditValue }
  /** A key more in the table at a path. */
  | { readonly kind: "add"; readonly at: Where; readonly key: string; readonly value: EditValue }
  /** Elements more at the end of the array at a path. */
  | { readonly kind: "append"; readonly at: Where; readonly values: readonly string[] }
  /** Another name for the last key of a path. */
  | { readonly kind: "rename"; readonly at: Where; readonly key: string };

/**
 * Makes one edit. What comes out is read again and compared, so that a layout that is not understood
 * leads to no edit and never to a broken file.
 * @param text a TOML document without errors.
 * @returns the new text, or undefined where the edit cannot be made safely.
 */
export function applyEdit(text: string, edit: Edit): string | undefined {
  const wanted = editValue(parseToml("", text).value, edit);
  if (wanted === undefined) return undefined;
  const splices = planEdit(readDocument(text), edit);
  if (splices === undefined) return undefined;
  const after = splice(text, splices);
  // Half a character would be written as another one.
  if (/\p{Cs}/u.test(after)) return undefined;
  try {
    return isEqual(parseToml("", after).value, wanted) ? after : undefined;
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined;
    throw error;
  }
}

/**
 * What a document's value is after an edit.
 * @returns undefined where the edit does not fit: a key is there already, or what it is about is not.
 */
export function editValue(value: Value, edit: Edit): Value | undefined {
  const { path } = edit.at;
  switch (edit.kind) {
    case "replace":
      return changeAt(value, path, () => edit.value);
    case "add":
      return changeAt(value, [...path, edit.key], (old) =>
        old === undefined ? edit.value : undefined,
      );
    case "append":
      return changeAt(value, path, (old = []) =>
        Array.isArray(old) ? [...(old as readonly Value[]), ...edit.values] : undefined,
      );
    case "rename":
      return changeAt(value, path.slice(0, -1), (table) => {
        const name = path.at(-1);
        if (!isTable(table) || typeof name !== "string") return undefined;
        if (!Object.hasOwn(table, name) || Object.hasOwn(table, edit.key)) return undefined;
        return Object.fromEntries(
          Object.entries(table).map(([key, inner]) => [key === name ? edit.key : key, inner]),
        );
      });
  }
}

/** A value with another one at a path; tables on the way that are missing are made. */
function changeAt(
  value: Value | undefined,
  path: Path,
  change: (old: Value | undefined) => Value | undefined,
): Value | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (typeof step === "number") {
    if (!Array.isArray(value) || !(step in value)) return undefined;
    const elements = value as readonly Value[];
    const inner = changeAt(elements[step], rest, change);
    return inner === undefined ? undefined : elements.with(step, inner);
  }
  if (value !== undefined && !isTable(value)) return undefined;
  const inner = changeAt(ownValue(value, step), rest, change);
  if (inner === undefined) return undefined;
  return Object.assign(Object.create(null), value, { [step]: inner }) as Value;
}

function isTable(value: Value | undefined): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && !Array.isArray(value);
}

function ownValue(table: Value | undefined, key: string): Value | undefined {
  return isTable(table) && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Whether two values are the same; dates are the same as any date, for their text is not touched. */
function isEqual(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a === "symbol" && typeof b === "symbol") return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    const [first, second] = [a as readonly Value[], b as readonly Value[]];
    return first.length === second.length && first.every((inner, at) => isEqual(inner, second[at]));
  }
  if (isTable(a) && isTable(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    );
  }
  return Object.is(a, b);
}

/** A text in the place of a range; an empty range inserts. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function splice(text: string, splices: readonly Splice[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: inner } of splices) {
    result += text.slice(at, start) + inner;
    at = end;
  }
  return result + text.slice(at);
}

function insert(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

/** A part of the tree that a path leads to. */
interface Place<T extends AST.TOMLNode = AST.TOMLNode> {
  readonly path: Path;
  readonly node: T;
}

interface Document {
  readonly text: string;
  readonly top: AST.TOMLTopLevelTable;
  /** Where comments begin. */
  readonly comments: readonly number[];
  /** The headers of tables, in the order of the text. */
  readonly headers: readonly Place<AST.TOMLTable>[];
  readonly pairs: readonly Place<AST.TOMLKeyValue>[];
  /** The values of keys, and the elements of arrays. */
  readonly contents: readonly Place<AST.TOMLContentNode>[];
  readonly quote: Quote;
}

function readDocument(text: string): Document {
  const tree = parseTomlTree(text);
  const [top] = tree.body;
  const headers: Place<AST.TOMLTable>[] = [];
  const pairs: Place<AST.TOMLKeyValue>[] = [];
  const contents: Place<AST.TOMLContentNode>[] = [];
  const visit = (node: AST.TOMLNode, path: Path): void => {
    if (node.type === "TOMLTable") {
      headers.push({ path: node.resolvedKey, node });
      for (const pair of node.body) visit(pair, node.resolvedKey);
    } else if (node.type === "TOMLKeyValue") {
      const place = [...path, ...node.key.keys.map(keyName)];
      pairs.push({ path: place, node });
      contents.push({ path: place, node: node.value });
      visit(node.value, place);
    } else if (node.type === "TOMLArray") {
      for (const [index, element] of node.elements.entries()) {
        contents.push({ path: [...path, index], node: element });
        visit(element, [...path, index]);
      }
    } else if (node.type === "TOMLTopLevelTable" || node.type === "TOMLInlineTable") {
      for (const child of node.body) visit(child, path);
    }
  };
  visit(top, []);
  const comments = tree.comments.map(({ range }) => range[0]);
  const quote = quoteOf(contents.map(({ node }) => node)) ?? "basic";
  return { text, top, comments, headers, pairs, contents, quote };
}

/** The quotes that all of some strings are in; undefined where there are no strings. */
function quoteOf(nodes: readonly AST.TOMLContentNode[]): Quote | undefined {
  const styles = nodes.flatMap((node) =>
    node.type === "TOMLValue" && node.kind === "string" ? [node.style] : [],
  );
  if (styles.length === 0) return undefined;
  return styles.includes("basic") ? "basic" : "literal";
}

function planEdit(document: Document, edit: Edit): Splice[] | undefined {
  const { path } = edit.at;
  switch (edit.kind) {
    case "add":
      return planAdd(document, path, edit.key, edit.value);
    case "rename":
      return planRename(document, path, edit.key);
    case "replace": {
      const node = contentAt(document, path);
      if (node === undefined) return planMissing(document, path, edit.value);
      const [start, end] = node.range;
      // A comment inside would be lost.
      if (document.comments.some((comment) => comment > start && comment < end)) return undefined;
      const old = node.type === "TOMLArray" ? node.elements : [node];
      return [{ start, end, text: tomlText(edit.value, quoteOf(old) ?? document.quote) }];
    }
    case "append": {
      const node = contentAt(document, path);
      if (node === undefined) return planMissing(document, path, edit.values);
      if (node.type !== "TOMLArray") return undefined;
      const quote = quoteOf(node.elements) ?? document.quote;
      return extend(
        document,
        node,
        edit.values.map((value) => tomlText(value, quote)),
      );
    }
  }
}

function contentAt(document: Document, path: Path): AST.TOMLContentNode | undefined {
  return document.contents.find((place) => isSamePath(place.path, path))?.node;
}

function isSamePath(a: Path, b: Path): boolean {
  return a.length === b.length && startsWith(a, b);
}

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((step, index) => path[index] === step);
}

/** The key that a value is missing under is added. */
function planMissing(document: Document, path: Path, value: Writable): Splice[] | undefined {
  const key = path.at(-1);
  if (typeof key !== "string") return undefined;
  return planAdd(document, path.slice(0, -1), key, value);
}

function planAdd(
  document: Document,
  table: Path,
  key: string,
  value: Writable,
): Splice[] | undefined {
  const { headers, pairs } = document;
  const text = tomlText(value, document.quote);

  const content = contentAt(document, table);
  if (content !== undefined) {
    if (content.type !== "TOMLInlineTable") return undefined;
    return extend(document, content, [pairText(document, content.body.at(-1), tomlKey(key), text)]);
  }

  const header = headers.find(({ path }) => isSamePath(path, table));
  if (header !== undefined) return addToBlock(document, header.node, tomlKey(key), text);
  if (table.length === 0) return addToTop(document, tomlKey(key), text);

  // Keys like table.other = 1: the new one goes beside the last of them, in the same form.
  const beside = pairs.findLast(
    ({ path, node }) =>
      startsWith(path, table) && path.length - node.key.keys.length < table.length,
  );
  if (beside !== undefined) {
    const { node, path } = beside;
    const { keys } = node.key;
    const last = keys[keys.length - (path.length - table.length) - 1];
    const prefix = document.text.slice(node.key.range[0], last?.range[1]);
    const dotted = `${prefix}.${tomlKey(key)}`;
    return node.parent.type === "TOMLInlineTable"
      ? extend(document, node.parent, [pairText(document, node, dotted, text)])
      : [lineBelow(document, node, pairText(document, node, dotted, text))];
  }

  // Headers like [table.other] alone: the table's own comes before the first of them.
  const below = headers.find(({ path }) => startsWith(path, table));
  if (below !== undefined) {
    const names = table.filter((step) => typeof step === "string");
    const eol = lineEndAt(document.text, below.node.range[0]);
    const at = startOfParagraph(document, below.node);
    return [
      insert(
        at,
        `[${names.map((name) => tomlKey(name)).join(".")}]${eol}${tomlKey(key)} = ${text}${eol}${eol}`,
      ),
    ];
  }

  const name = table.at(-1);
  if (typeof name !== "string") return undefined;
  const isTopThere = [...headers, ...pairs].some(({ path }) => path[0] === table[0]);
  if (isTopThere) return planAdd(document, table.slice(0, -1), name, { [key]: value });
  return [newTable(document, table, `${tomlKey(key)} = ${text}`)];
}

/** A key more below a header: after the last one, or right below the header. */
function addToBlock(
  document: Document,
  table: AST.TOMLTable,
  key: string,
  value: string,
): Splice[] {
  const last = table.body.at(-1);
  const text = pairText(document, last, key, value);
  return [lineBelow(document, last ?? table.key, text)];
}

/** A key more at the top level, which ends at the first header. */
function addToTop(document: Document, key: string, value: string): Splice[] {
  const { text, top, headers } = document;
  const last = top.body.findLast((node) => node.type === "TOMLKeyValue");
  const pair = pairText(document, last, key, value);
  if (last !== undefined) return [lineBelow(document, last, pair)];
  const [first] = headers;
  const at = first === undefined ? text.length : startOfParagraph(document, first.node);
  const eol = lineEndAt(text, at);
  const isOpen = at > 0 && text[at - 1] !== "\n";
  return [insert(at, `${isOpen ? eol : ""}${pair}${eol}${first === undefined ? "" : eol}`)];
}

/** A table that is not there at all, at the end of the document. */
function newTable(document: Document, table: Path, pair: string): Splice {
  const { text } = document;
  const eol = lineEndAt(text, text.length);
  const isClosed = text === "" || text.endsWith("\n");
  const gap = text === "" || /\n\r?\n$/.test(text) ? "" : isClosed ? eol : eol + eol;
  const header = `[${table.map((step) => tomlKey(String(step))).join(".")}]`;
  return insert(text.length, `${gap}${header}${eol}${pair}${isClosed ? eol : ""}`);
}

/** A line below the one that a node ends in, indented like the one that it begins in. */
function lineBelow({ text }: Document, node: AST.TOMLNode, line: string): Splice {
  const at = endOfLine(text, node.range[1]);
  return insert(at, lineEndAt(text, at) + indentOf(text, node.range[0]) + line);
}

/** A key and its value, spaced as the pair that is beside it is. */
function pairText(
  document: Document,
  beside: AST.TOMLKeyValue | undefined,
  key: string,
  value: string,
): string {
  if (beside === undefined) return `${key} = ${value}`;
  const { before, after } = spacingOf(document.text, beside);
  const width = alignmentOf(document, beside);
  const space = before === "" || before === "\t" ? before : " ";
  const padded = width === undefined ? key + space : (key + space).padEnd(width);
  return `${padded}=${after.length > 1 ? " " : after}${value}`;
}

/** What is between a key and its =, and between that and the value. */
function spacingOf(text: string, pair: AST.TOMLKeyValue): { before: string; after: string } {
  const [before = "", after = ""] = text.slice(pair.key.range[1], pair.value.range[0]).split("=");
  return { before, after };
}

/**
 * Where the = stands that is aligned with those of the lines around, counted from the key's begin;
 * undefined where nothing is aligned.
 */
function alignmentOf({ text }: Document, pair: AST.TOMLKeyValue): number | undefined {
  if (pair.parent.type === "TOMLInlineTable") return undefined;
  const siblings: readonly AST.TOMLNode[] = pair.parent.body;
  const at = siblings.indexOf(pair);
  const isNeighbour = (upper?: AST.TOMLNode, lower?: AST.TOMLNode): boolean =>
    upper?.type === "TOMLKeyValue" &&
    lower?.type === "TOMLKeyValue" &&
    !/\n[ \t]*\r?\n/.test(text.slice(upper.range[1], lower.range[0]));
  let [from, to] = [at, at];
  while (isNeighbour(siblings[from - 1], siblings[from])) from -= 1;
  while (isNeighbour(siblings[to], siblings[to + 1])) to += 1;
  const widths = siblings
    .slice(from, to + 1)
    .filter((node) => node.type === "TOMLKeyValue")
    .map((node) => node.key.range[1] - node.key.range[0] + spacingOf(text, node).before.length);
  const [width] = widths;
  const isAligned = widths.every((other) => other === width);
  // One line alone is aligned where somebody put more than one space.
  return isAligned && (widths.length > 1 || spacingOf(text, pair).before.length > 1)
    ? width
    : undefined;
}

/** Items more at the end of an array or an inline table, in its layout. */
function extend(
  document: Document,
  list: AST.TOMLArray | AST.TOMLInlineTable,
  items: readonly string[],
): Splice[] {
  const { text } = document;
  const nodes: readonly AST.TOMLNode[] = list.type === "TOMLArray" ? list.elements : list.body;
  const last = nodes.at(-1);
  return last === undefined
    ? fill(document, list, items)
    : extendAfter(text, list, nodes.at(-2), last, items);
}

/** Items in a list that has none. */
function fill(
  { text, comments }: Document,
  list: AST.TOMLArray | AST.TOMLInlineTable,
  items: readonly string[],
): Splice[] {
  const [start, end] = [list.range[0] + 1, list.range[1] - 1];
  const inner = text.slice(start, end);
  if (!inner.includes("\n")) {
    const pad = inner !== "" || list.type === "TOMLInlineTable" ? " " : "";
    return [{ start, end, text: pad + items.join(", ") + pad }];
  }
  const comment = comments.find(
    (offset) => offset > start && offset < end && isFirstInLine(text, offset),
  );
  const unit = /^\t/m.test(text) ? "\t" : "  ";
  const indent = comment === undefined ? indentOf(text, end) + unit : indentOf(text, comment);
  const at = startOfLine(text, end);
  const eol = lineEndAt(text, list.range[0]);
  return [insert(at, items.map((item) => `${indent}${item},${eol}`).join(""))];
}

function extendAfter(
  text: string,
  list: AST.TOMLArray | AST.TOMLInlineTable,
  beforeLast: AST.TOMLNode | undefined,
  last: AST.TOMLNode,
  items: readonly string[],
): Splice[] {
  const end = last.range[1];
  const comma = commaIn(text, end, list.range[1] - 1);

  if (!isFirstInLine(text, last.range[0])) {
    const between =
      beforeLast && /^,([ \t]*)$/.exec(text.slice(beforeLast.range[1], last.range[0]));
    const space = between?.[1] ?? " ";
    return comma === undefined
      ? [insert(end, items.map((item) => `,${space}${item}`).join(""))]
      : [insert(comma + 1, items.map((item) => `${space}${item},`).join(""))];
  }

  const from = comma === undefined ? end : comma + 1;
  const isClosedHere = list.range[1] <= endOfLine(text, from);
  const at = isClosedHere ? from : endOfLine(text, from);
  const line = lineEndAt(text, end) + indentOf(text, last.range[0]);
  if (comma !== undefined) return [insert(at, items.map((item) => `${line}${item},`).join(""))];
  const lines = items.map((item) => line + item).join(",");
  if (isClosedHere) return [insert(end, `,${lines}`)];
  // The comma takes the place of a space where a comment is set off by several.
  const isSetOff = /^ {2,}#/.test(text.slice(end, at));
  return [{ start: end, end: isSetOff ? end + 1 : end, text: "," }, insert(at, lines)];
}

/** Where there is a comma between the last item and the end of its list; comments may have commas. */
function commaIn(text: string, start: number, end: number): number | undefined {
  for (let at = start; at < end; at += 1) {
    if (text[at] === ",") return at;
    if (text[at] === "#") at = endOfLine(text, at);
  }
  return undefined;
}

/** Renames a key wherever it is written: in headers, too, and in dotted keys. */
function planRename(document: Document, path: Path, name: string): Splice[] | undefined {
  const { headers, pairs, text } = document;
  const splices: Splice[] = [];
  const index = path.length - 1;
  for (const { path: whole, node } of headers) {
    if (!startsWith(whole, path)) continue;
    const names = path.filter((step) => typeof step === "string");
    const key = node.key.keys[names.length - 1];
    if (key !== undefined) splices.push(renamed(key, name));
  }
  for (const { path: whole, node } of pairs) {
    const { keys } = node.key;
    const key = keys[index - (whole.length - keys.length)];
    if (key === undefined || !startsWith(whole, path)) continue;
    const one = renamed(key, name);
    const width = alignmentOf(document, node);
    if (width === undefined) {
      splices.push(one);
      continue;
    }
    const after = text.slice(key.range[1], node.key.range[1]);
    const start = text.slice(node.key.range[0], key.range[0]);
    const space = spacingOf(text, node).before === "" ? "" : " ";
    const padded = (start + one.text + after + space).padEnd(width);
    const end = node.key.range[1] + spacingOf(text, node).before.length;
    splices.push({ start: node.key.range[0], end, text: padded });
  }
  return splices.length === 0 ? undefined : splices.sort((a, b) => a.start - b.start);
}

function renamed(key: AST.TOMLBare | AST.TOMLQuoted, name: string): Splice {
  const text = tomlKey(name, key.type === "TOMLQuoted" ? key.style : undefined);
  return { start: key.range[0], end: key.range[1], text };
}

/** The beginning of the comments that stand right above a header, or else of its line. */
function startOfParagraph({ text, comments }: Document, header: AST.TOMLTable): number {
  const lines = new Set(
    comments.filter((at) => isFirstInLine(text, at)).map((at) => startOfLine(text, at)),
  );
  let start = startOfLine(text, header.range[0]);
  while (start > 0 && lines.has(startOfLine(text, start - 1))) start = startOfLine(text, start - 1);
  return start;
}

function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** The end of an offset's line, before its line end. */
function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end === -1) return text.length;
  return end > offset && text[end - 1] === "\r" ? end - 1 : end;
}

function isFirstInLine(text: string, offset: number): boolean {
  return text.slice(startOfLine(text, offset), offset).trim() === "";
}

/** The spaces and tabs that an offset's line begins with. */
function indentOf(text: string, offset: number): string {
  return /[ \t]*/y.exec(text.slice(startOfLine(text, offset), offset))?.[0] ?? "";
}

/** The line end that is used around an offset: the next one, or else the last one. */
function lineEndAt(text: string, offset: number): string {
  const next = text.indexOf("\n", offset);
  const end = next === -1 ? text.lastIndexOf("\n") : next;
  return text[end - 1] === "\r" ? "\r\n" : "\n";
}
