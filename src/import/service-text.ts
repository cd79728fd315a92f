/** Imported services as definitions: TOML as people write it. */
import type { Words } from "../settings/setting.ts";
import { settingsOf } from "../settings/words.ts";
import type { HealthDefinition } from "../fleet/model.ts";
import type { ComponentDefinition } from "../fleet/schema.ts";
import type { NetworkOptions } from "../podman/network-options.ts";
import { tomlComment, tomlKey, tomlText, type Writable } from "../document/toml-text.ts";

/** A service as it was found somewhere else; what is undefined or empty is not written. */
export interface ImportedService {
  readonly name: string;
  readonly node: string | undefined;
  readonly networks?: readonly ImportedNetwork[] | undefined;
  readonly components: readonly ImportedComponent[];
}

/** A network in the form that a definition has before defaults are filled in. */
export interface ImportedNetwork extends Partial<NetworkOptions> {
  readonly name: string;
}

/** A component in the form that a definition has before defaults are filled in. */
export interface ImportedComponent {
  readonly name: string;
  readonly image: string;
  readonly network?: string | undefined;
  readonly networks?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly restart?: string | undefined;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly cmd: readonly string[];
  /** KEY=VALUE */
  readonly env: readonly string[];
  readonly env_files: readonly string[];
  readonly depends_on: readonly string[];
  readonly pull?: ComponentDefinition["pull"] | undefined;
  readonly health?: HealthDefinition | undefined;
  readonly dns?: readonly string[] | undefined;
  /** Everything that is a setting. */
  readonly words?: Words | undefined;
  /** What a definition has no words for, like "--cap-add NET_ADMIN": each a comment of its own. */
  readonly notes: readonly string[];
}

/** The text of a service's file. */
export function serviceText({ name, node, networks = [], components }: ImportedService): string {
  const head = [
    assignment("name", name),
    ...(node === undefined ? [] : [assignment("node", node)]),
  ];
  return [head, ...networks.map(networkLines), ...components.map(componentLines)]
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** The keys of a network, in the order in which they are written. */
const NETWORK_KEYS = [
  ...(["name", "driver", "subnets", "ipv6", "internal", "isolate", "dns", "options"] as const),
] satisfies (keyof ImportedNetwork)[];

function networkLines(network: ImportedNetwork): string[] {
  const lines = NETWORK_KEYS.flatMap((key) => {
    const value = network[key];
    return value === undefined ? [] : [assignment(key, value)];
  });
  return ["[[networks]]", ...lines];
}

/** The keys of a component, in the order in which they are written. */
const KEYS = [
  "name",
  "image",
  "network",
  "networks",
  "user",
  "restart",
  "ports",
  "volumes",
  "cmd",
  "env",
  "env_files",
  "depends_on",
  "pull",
  "health",
  "dns",
] as const satisfies readonly (keyof ImportedComponent & keyof ComponentDefinition)[];

function componentLines(component: ImportedComponent): string[] {
  return [
    ...component.notes.map((note) => tomlComment(`not carried over: ${note}`)),
    "[[components]]",
    ...KEYS.flatMap((key) => {
      const value = component[key];
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
      return [assignment(key, writable(value))];
    }),
    ...settingsOf(component.words ?? {}).map(({ key, value }) =>
      // A setting's value is what TOML has: the schema of definitions admits no other.
      assignment(key, value as Writable),
    ),
  ];
}

/** Lines are not longer than this where that can be helped. */
const WIDTH = 100;

/** `key = value`: on one line, or an array that is too long for that with a line for each element. */
function assignment(key: string, value: Writable): string {
  const line = `${tomlKey(key)} = ${tomlText(value)}`;
  if (line.length < WIDTH || !Array.isArray(value)) return line;
  return [
    `${tomlKey(key)} = [`,
    ...value.map((each: Writable) => `  ${tomlText(each)},`),
    "]",
  ].join("\n");
}

/** The same value, without keys that are undefined. */
function writable(value: string | readonly string[] | HealthDefinition): Writable {
  if (typeof value === "string" || !("kind" in value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries);
}
