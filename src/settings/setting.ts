/**
 * What a key of a component means to everyone who must know it. Each key is one file, named after it, whose comment
 * is its documentation; the list of them is generated. A face that is missing does not compile.
 */
import type { Path } from "../document/place.ts";
import type { ComponentDefinition } from "../fleet/schema.ts";
import type { Binding } from "../nix/ast.ts";
import type { Inspect } from "../podman/inspect.ts";
import type { RunOption } from "../podman/run-command.ts";
import type { ComposeService } from "./compose-service.ts";

/** The keys that were there before settings were, which plan/, import/ and podman/ know by name. */
type FormerKey =
  | "name"
  | "image"
  | "network"
  | "networks"
  | "dns"
  | "user"
  | "restart"
  | "ports"
  | "volumes"
  | "cmd"
  | "env"
  | "env_files"
  | "routes"
  | "depends_on"
  | "health"
  | "pull";

/** A key of a component that is a setting. */
export type Key = Exclude<keyof ComponentDefinition, FormerKey>;

/** The value of a key, where it is written. */
export type ValueOf<K extends Key> = Exclude<ComponentDefinition[K], undefined>;

/** Values by key: what a container is asked to be. What is absent is as podman, or the image, has it. */
export type Words = { readonly [K in Key]?: ValueOf<K> };

/** A face that a setting does not have, and why. */
export interface None {
  /** Completes "… cannot be said, for …". */
  readonly none: string;
}

/** Something that a definition has no words for, as an option of `podman run`. */
export interface Leftover {
  /** The option's long name, without dashes. */
  readonly option: string;
  readonly value: string;
}

/** In what a container is not what was defined. */
export interface Deviation {
  /** Completes "mcr-api …", as in "runs image x". */
  readonly text: string;
  /** Where the container's data says so. */
  readonly path: Path;
}

/** How the data of a container shows a setting. */
export interface InspectFace<V> {
  /**
   * In what a container differs. Data that is missing makes no difference: facts do not have all of it.
   * @param value undefined if the key is not written.
   * @param words all that the container is asked to be.
   */
  readonly differences: (
    value: V | undefined,
    inspect: Inspect,
    words: Words,
  ) => readonly Deviation[];
  /** The value that a container has; undefined for podman's default. It may be the image's own. */
  readonly observe: (inspect: Inspect) => V | undefined;
}

/** How a command line of `podman run` says a setting. */
export interface CommandFace<V> {
  /** The options that are read, by their long names. */
  readonly options: readonly string[];
  /**
   * @param given those of the options that the command line has, in its order.
   * @param inspect the data of the container that it has made.
   * @param leave keeps what no definition can say.
   */
  readonly read: (
    given: readonly RunOption[],
    inspect: Inspect,
    leave: (option: string, value: string) => void,
  ) => V | undefined;
}

/** How a service of a Compose file says a setting. */
export interface ComposeFace<V> {
  /** The keys that are read, like "deploy.resources.limits.memory". */
  readonly keys: readonly string[];
  readonly read: (service: ComposeService) => V | undefined;
}

/** A setting: all faces of a key. */
export interface Setting<V> {
  /** The options of `podman run` that say it. */
  readonly podman: ((value: V) => readonly RunOption[]) | None;
  /** The options of virtualisation.oci-containers; what has none of its own is said with podman's. */
  readonly nixos: ((value: V) => readonly Binding[]) | "extraOptions" | None;
  readonly inspect: InspectFace<V> | None;
  readonly command: CommandFace<V> | None;
  readonly compose: ComposeFace<V> | None;
}

/** Every one of the keys has a setting. */
export type Settings = { readonly [K in Key]: Setting<ValueOf<K>> };

/** Whether a face is none. */
export function isNone(face: unknown): face is None {
  return typeof face === "object" && face !== null && "none" in face;
}
