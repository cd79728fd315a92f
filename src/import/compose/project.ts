/** A Compose file as service definitions. */
import { groupBy } from "../../text/group.ts";
import { compareText } from "../../text/order.ts";
import { type Location, type Path, startOf } from "../../document/place.ts";
import { basename } from "node:path";
import { type Finding } from "../../finding/finding.ts";
import { at, entriesAt, isTable, textAt } from "../../text/json.ts";
import { problem, syntaxFinding } from "../../finding/problem.ts";
import { Lines } from "../../document/scan.ts";
import { SyntaxProblem } from "../../document/source.ts";
import type { ComposeSettings } from "../importer.ts";
import type { ImportedComponent, ImportedService } from "../service-text.ts";
import { checkCompose } from "./check.ts";
import {
  type AtomNode,
  type Entry,
  locate,
  locationOf,
  type Node,
  nodeAt,
  parseCompose,
  plainValue,
} from "./document.ts";
import { interpolate, type Variables } from "./interpolate.ts";
import { namesOf, projectName, unsafe } from "./names.ts";
import {
  type ComposeNames,
  inShort,
  isExtension,
  isNothing,
  isTrue,
  resourceName,
  texts,
} from "../../settings/compose-service.ts";
import { readNetwork } from "./networks.ts";
import { readService } from "./service.ts";

/** Compose sets it for every file. */
const PROJECT_NAME = "COMPOSE_PROJECT_NAME";

/** The project's name: what was asked for, else that of the variables, of the file, of the folder. */
function projectOf({ project, variables, folder }: ComposeOptions, named?: string): string {
  if (project !== undefined) return project;
  const given = variables.get(PROJECT_NAME);
  return projectName(given === undefined || given === "" ? (named ?? basename(folder)) : given);
}

/** What a Compose file does not say. */
export interface ComposeOptions extends ComposeSettings {
  /** The host that the services are for. */
  readonly node: string | undefined;
}

/** What became of a Compose file. */
export interface ComposeResult {
  /** Why it cannot be used; where there is a reason, the rest is not to be. */
  readonly problems: readonly Finding[];
  readonly services: readonly ImportedService[];
  /** What was not carried over and belongs to no component. */
  readonly leftOut: readonly string[];
  /** What was carried over, but not as it was written. */
  readonly remarks: readonly string[];
}

/**
 * Makes definitions of a Compose file.
 * @param file how findings call it.
 */
export async function readCompose(
  file: string,
  text: string,
  options: ComposeOptions,
): Promise<ComposeResult> {
  const problems: Finding[] = [];
  const failed = { services: [], leftOut: [], remarks: [] };
  let parsed: Node;
  try {
    parsed = parseCompose(text);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { ...failed, problems: [syntaxFinding(file, error, SYNTAX_HELP)] };
  }
  const complain = (location: Location, message: string, help: string): void => {
    problems.push(problem("schema", location, message, help));
  };
  const lines = new Lines(text);
  // The file's own name may have variables in it: those do not know COMPOSE_PROJECT_NAME yet.
  const named = textAt(plainValue(parsed), "name");
  const project = projectOf(options, named?.includes("$") === true ? undefined : named);
  const variables = new Map([...options.variables, [PROJECT_NAME, project]]);
  const root = withVariables(parsed, variables, ({ range }, refusal) => {
    const { message, help, reference } = refusal;
    // Escapes may have hidden it; then the rest of the file is not searched.
    const inside = text.slice(range.start, range.end).indexOf(reference);
    const start = range.start + inside;
    const place = inside === -1 ? range : { start, end: start + reference.length };
    complain(locationOf(file, lines, place), message, help);
  });
  if (problems.length > 0) return { ...failed, problems };

  const value = plainValue(root);
  const locateIn = (path: Path, part?: "key"): Location =>
    locationOf(file, lines, locate(root, path, part));
  for (const { path, part, message, help } of await checkCompose(value)) {
    problems.push(
      problem(part === "key" ? "unknown-key" : "schema", locateIn(path, part), message, help),
    );
  }
  if (problems.length > 0) return { ...failed, problems };

  const remarks = new Set<string>();
  const result = definitions({
    value,
    options,
    remark: (remark) => void remarks.add(remark),
    written: (path) => {
      const node = nodeAt(root, path);
      return node?.kind === "atom" ? node.written : "";
    },
    complain: (path, message, help, part) => {
      complain(path.length === 0 ? startOf(file) : locateIn(path, part), message, help);
    },
  });
  return { ...result, problems, remarks: [...remarks] };
}

const SYNTAX_HELP =
  "Correct the syntax here; what docker compose config prints has no aliases and no tags.";

type Refuse = (
  node: AtomNode,
  refusal: { message: string; help: string; reference: string },
) => void;

/** The same document with the values of variables. Keys have none, and extensions stay as they are. */
function withVariables(root: Node, variables: Variables, refuse: Refuse): Node {
  // What aliases repeat is the same node at each place.
  const done = new Map<Node, Node>();
  const replace = (node: Node): Node => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const made = replaceIn(node);
    done.set(node, made);
    return made;
  };
  const replaceIn = (node: Node): Node => {
    if (node.kind === "list") return { ...node, items: node.items.map(replace) };
    if (node.kind === "table") {
      const entries = [...node.entries].map(([key, entry]): [string, Entry] => [
        key,
        isExtension(key) ? entry : { ...entry, node: replace(entry.node) },
      ]);
      return { ...node, entries: new Map(entries) };
    }
    if (typeof node.value !== "string") return node;
    const result = interpolate(node.value, variables);
    if ("text" in result) return { ...node, value: result.text };
    refuse(node, result.refusal);
    return node;
  };
  return replace(root);
}

/** A valid file, and whom to tell what. */
interface Task {
  readonly value: unknown;
  readonly options: ComposeOptions;
  readonly remark: (text: string) => void;
  readonly written: (path: Path) => string;
  readonly complain: (path: Path, message: string, help: string, part?: "key") => void;
}

function definitions(task: Task): Pick<ComposeResult, "services" | "leftOut"> {
  const { value, options, remark, written, complain } = task;
  const { folder, variables, node, acceptLoss, isThere } = options;
  const name = projectOf(options, textAt(value, "name"));
  const keys = entriesAt(value, "services").flatMap(([key]) => (isExtension(key) ? [] : [key]));
  // What is only built has no image that a host could pull. If nothing else is there, each is complained about.
  const asked = new Set([...options.profiles, ...profilesIn(variables)]);
  const idle = new Set(keys.filter((key) => !isAskedFor(at(value, "services", key), asked)));
  const wanted = keys.filter((key) => !idle.has(key));
  const built = new Set(wanted.filter((key) => isOnlyBuilt(at(value, "services", key))));
  const unbuilt = wanted.filter((key) => !built.has(key));
  if (name === "") {
    complain(
      [],
      "the project has no name",
      "Give it one with --project, or write name: … at the top.",
    );
  }
  if (keys.length === 0)
    complain([], "there are no services in this file", "Add one below services.");
  if (at(value, "include") !== undefined) {
    complain(["include"], "include is not supported", RESOLVE_FIRST, "key");
  }
  const names = nameAll(name, unbuilt.length === 0 ? wanted : unbuilt, task);
  const project = {
    ...{ name, folder, variables, acceptLoss, isThere, value, names, written, remark, complain },
    containers: new Map(
      [...names].flatMap(([key, { container }]) => {
        const called = textAt(value, "services", key, "container_name");
        return called === undefined ? [] : [[called, container] as const];
      }),
    ),
    links: linksIn(value),
    leftOut: new Set([...idle, ...(unbuilt.length === 0 ? [] : built)]),
  };
  const components = [...names].map(([key, { service, ...own }]) => {
    const path = ["services", key, "extends"];
    if (at(value, ...path) !== undefined) {
      complain(path, "extends is not supported", RESOLVE_FIRST, "key");
    }
    return { service, component: readService(project, key, { service, ...own }) };
  });
  const networks = entriesAt(value, "networks").map(([key, definition]) =>
    readNetwork(name, key, definition),
  );
  const owners = ownersOf(components);
  const networksBy = groupBy(
    networks.flatMap(({ network }) => network ?? []),
    ({ name: network }) => owners.get(network),
  );
  return {
    services: [...groupBy(components, ({ service }) => service)]
      .sort(([a], [b]) => compareText(a, b))
      .map(([service, members]) => ({
        ...{ name: service, node, components: members.map(({ component }) => component) },
        networks: networksBy.get(service),
      })),
    leftOut: [
      ...[...project.leftOut].map((key) =>
        idle.has(key)
          ? `services.${key}: it is in a profile; ask for it with --profile`
          : `services.${key}: it is only built here; push its image to a registry, and name that with image`,
      ),
      ...leftOut(value, name, remark),
      ...networks.flatMap(({ name: network, left }) =>
        left.map((what) => `${what} (podman makes ${network} without it)`),
      ),
    ],
  };
}

/** The service that each network is defined with: the first by name that has a component on it. */
function ownersOf(
  components: readonly { service: string; component: ImportedComponent }[],
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { service, component } of components) {
    for (const text of [component.network ?? "", ...(component.networks ?? [])]) {
      const network = text.replace(/:.*$/, "");
      const owner = owners.get(network);
      if (owner === undefined || compareText(service, owner) < 0) owners.set(network, service);
    }
  }
  return owners;
}

/** The names that links, SERVICE:NAME, give services. */
function linksIn(value: unknown): Map<string, string[]> {
  const links = new Map<string, string[]>();
  for (const [, service] of entriesAt(value, "services")) {
    for (const link of texts(at(service, "links"))) {
      const [key = "", name] = link.split(":");
      const known = links.get(key);
      if (name === undefined) continue;
      if (known === undefined) links.set(key, [name]);
      else known.push(name);
    }
  }
  return links;
}

/** Those that COMPOSE_PROFILES asks for. */
function profilesIn(variables: Variables): string[] {
  return (variables.get("COMPOSE_PROFILES") ?? "").split(",").map((name) => name.trim());
}

/** Whether a service is to run: it is in no profile, or in one that is asked for. */
function isAskedFor(service: unknown, asked: ReadonlySet<string>): boolean {
  const profiles = texts(at(service, "profiles"));
  return profiles.length === 0 || asked.has("*") || profiles.some((name) => asked.has(name));
}

/** Whether a service has a build and no image. */
function isOnlyBuilt(service: unknown): boolean {
  return at(service, "build") !== undefined && textAt(service, "image") === undefined;
}

const RESOLVE_FIRST =
  "Run docker compose config (or podman-compose config) first, which resolves it, and import what that prints.";

/** The names of all services, none of them twice. */
function nameAll(
  project: string,
  keys: readonly string[],
  { value, complain }: Task,
): Map<string, ComposeNames> {
  const names = new Map<string, ComposeNames>();
  const taken = new Map<string, string>();
  for (const key of keys) {
    const path = ["services", key];
    const own = namesOf(project, key, textAt(value, ...path, "container_name"));
    const other = taken.get(own.container);
    const fault = unsafe(own);
    if (fault !== undefined) {
      complain(path, `services.${key}: ${fault}`, "Set container_name, or --project.", "key");
    } else if (other !== undefined) {
      complain(
        path,
        `the containers of ${other} and ${key} would both be ${own.container}`,
        "Give one of them another container_name.",
        "key",
      );
    }
    taken.set(own.container, key);
    names.set(key, own);
  }
  return names;
}

/** What stands at the top of the file and no component can say. */
function leftOut(value: unknown, project: string, remark: (text: string) => void): string[] {
  return entriesAt(value).flatMap(([section, table]) => {
    // The version means nothing to Compose any more.
    if (["version", "name", "services", "include"].includes(section)) return [];
    if (isExtension(section) || isNothing(table)) return [];
    return entriesAt(table).flatMap(([key, definition]) =>
      section === "networks" || section === "volumes"
        ? resource(section, key, definition, project, remark)
        : // What is a file is mounted by each service that has it.
          /^(?:secrets|configs)$/.test(section) && textAt(definition, "file") !== undefined
          ? []
          : [`${section}.${key}: ${inShort(definition)}`],
    );
  });
}

const DEFAULT_DRIVERS = { networks: "bridge", volumes: "local" } as const;

/** A network or a volume: podman makes it with its defaults where it is missing. */
function resource(
  section: "networks" | "volumes",
  key: string,
  definition: unknown,
  project: string,
  remark: (text: string) => void,
): string[] {
  const name = resourceName(project, key, definition);
  const kind = section.slice(0, -1);
  return entriesAt(definition).flatMap(([option, value]) => {
    if (option === "name" || isExtension(option) || isNothing(value)) return [];
    if (option === "driver" && value === DEFAULT_DRIVERS[section]) return [];
    const what = `${section}.${key}.${option}: ${inShort(value)}`;
    // Said of each service that has it.
    if (section === "volumes" && option === "driver_opts") return [];
    if (option !== "external") {
      return section === "networks" ? [] : [`${what} (podman makes ${name} with its own defaults)`];
    }
    // What others make has the same name here, so that it is theirs where they have made it.
    if (isTable(value) || isTrue(value)) {
      remark(`${what}: the ${kind} ${name} is made if it is missing when a container starts`);
    }
    return [];
  });
}
