/** Writes docs/files.md: every key of the files that people write, from their schemas. */

/** The part of JSON Schema that src/fleet/schema.ts comes to. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  /** What a text must be, in words. */
  readonly expected?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Node[];
}

/** A table of a file, with its place: "[user]", "[[nodes]]". */
interface Table {
  readonly heading: string;
  readonly node: Node;
}

/** The page. Each file has a heading, and each of its tables one below that. */
export function filesPage(inventory: Node, service: Node, notice: string): string {
  return [
    `<!-- ${notice} -->`,
    "# Files",
    "What may stand in the files that people write. An editor that knows JSON Schema says the same while one types: the first line of each file names its schema, as in [examples/starter](../examples/starter). What must be there is marked with \\*; an unknown key is an error.",
    "## `nixgen.toml`",
    ...section(inventory),
    "## `services/*.toml`",
    "A service is one file, wherever `fleet.services` says. Its containers are its `[[components]]`.",
    ...section(service),
    "",
  ].join("\n\n");
}

/** The keys of a file, then those of each of its tables. */
function section(file: Node): string[] {
  const own = keys(file);
  // A table that is in several places, as sub_ids, is shown at the first one.
  const shown = new Map<string, string>();
  return [
    ...(own === "" ? [] : [own]),
    ...tablesOf(file, "").flatMap(({ heading, node }) => {
      const its = keys(node);
      const same = shown.get(its);
      if (same === undefined) shown.set(its, heading);
      return [
        `### \`${heading}\``,
        prose(node.description ?? ""),
        same === undefined ? its : `As \`${same}\`.`,
      ];
    }),
  ];
}

/** The tables below one, with all that are below these; one that has nothing but tables is left out. */
function tablesOf({ properties = {} }: Node, path: string): Table[] {
  return Object.entries(properties).flatMap(([key, property]): Table[] => {
    const place = `${path}${key}`;
    const node = { ...(property.items ?? property) };
    if (node.oneOf !== undefined) {
      return node.oneOf.map((one) => ({
        heading: `[${place}] kind = "${one.properties?.["kind"]?.const ?? ""}"`,
        node: one,
      }));
    }
    if (node.properties === undefined) return [];
    const heading = property.items === undefined ? `[${place}]` : `[[${place}]]`;
    const said = property.description ?? node.description ?? "";
    const otherwise = defaultOf(property);
    const description = otherwise === "" ? said : `${said} Default: ${otherwise}.`;
    const deeper = tablesOf(node, `${place}.`);
    return keys(node) === "" ? deeper : [{ heading, node: { ...node, description } }, ...deeper];
  });
}

/** A table of the keys that are values. */
function keys({ properties = {}, required = [] }: Node): string {
  const rows = Object.entries(properties)
    .filter(([, { const: fixed }]) => fixed === undefined)
    .filter(([, property]) => !isTable(property.items ?? property))
    .map(([key, property]) => {
      const name = `\`${key}\`${required.includes(key) ? " \\*" : ""}`;
      const said = prose(property.description ?? "");
      const cells = [name, prose(form(property)), defaultOf(property), said];
      return `| ${cells.join(" | ")} |`;
    });
  if (rows.length === 0) return "";
  return ["| key | value | default | what it is |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

function isTable({ properties, oneOf }: Node): boolean {
  return properties !== undefined || oneOf !== undefined;
}

/** What a value looks like. */
function form(node: Node): string {
  const { type, expected, minimum, maximum, items, additionalProperties: values } = node;
  if (node.enum !== undefined) return node.enum.map((value) => `\`"${value}"\``).join(", ");
  if (items !== undefined) return `array: ${form(items)}`;
  if (typeof values === "object") return `table: ${form(values)}`;
  if (type === "integer") return `${minimum} to ${maximum}`;
  if (type === "boolean") return "`true`, `false`";
  // That it is not empty and not endless goes without saying.
  return (expected ?? "a text").replace(/,? (?:which is not empty|without NUL characters).*$/, "");
}

/** The default as TOML has it; nothing where that holds nothing. */
function defaultOf({ default: value }: Node): string {
  if (isEmpty(value)) return "";
  if (typeof value !== "object" || Array.isArray(value)) return `\`${JSON.stringify(value)}\``;
  const pairs = Object.entries(value ?? {}).map(
    ([key, each]) => `${key} = ${JSON.stringify(each)}`,
  );
  return `\`{ ${pairs.join(", ")} }\``;
}

/** Whether a value is none, or an array or a table with nothing but such values. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === "object" && Object.values(value ?? {}).every(isEmpty))
  );
}

/** Text in which only what is in backticks is Markdown. */
function prose(text: string): string {
  return text.replaceAll(/`[^`]*`|[\\*_<>[\]|]/g, (part) => (part.length > 1 ? part : `\\${part}`));
}
