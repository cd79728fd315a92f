/** What the podman of the container user has on a host, as its facts show it. */
import type { Where } from "../../document/place.ts";
import { below, type Facts, type Host } from "../../fleet/model.ts";
import { releaseFacts } from "../../fleet/release.ts";
import { currentName, type Known } from "./host-user.ts";
import { type Inspect, isInfra, nameOf, wasRunning } from "../../podman/inspect.ts";

type Podman = NonNullable<Facts["podman"]>[number];

/** The podman of a host's container user; undefined where nothing of it was collected. */
export interface HostPodman {
  readonly podman: Podman;
  readonly where: Where;
}

/** The podman of a host's container user, where facts have it. */
export function podmanOf(host: Host): HostPodman | undefined {
  const { facts: its, user } = host;
  const index =
    its?.facts.podman?.findIndex((each) => currentName(host, each.user) === user.name) ?? -1;
  const podman = its?.facts.podman?.[index];
  if (its === undefined || podman === undefined) return undefined;
  return { podman, where: { file: its.file, path: ["podman", index] } };
}

/** A folder in which a user's podman keeps its state, by one of its databases. */
export interface StateFolder {
  readonly user: Known<{ readonly name: string; readonly uid: number }>;
  /** The database's file. */
  readonly database: string;
  readonly kind: "sqlite" | "boltdb";
  readonly directory: Known<string>;
}

/** The folders of the state of every user's podman on a host, each once for a database that names it. */
export function* stateFolders({ facts: its }: Host): Generator<StateFolder> {
  if (its === undefined) return;
  const top = { file: its.file, path: [] };
  for (const [index, podman] of (its.facts.podman ?? []).entries()) {
    const line = its.facts.passwd.findIndex(({ name }) => name === podman.user);
    const entry = its.facts.passwd[line];
    if (entry === undefined) continue;
    const user = { value: entry, where: below(top, "passwd", line) };
    for (const [number, database] of podman.databases.entries()) {
      const where = below(top, "podman", index, "databases", number);
      const folders = new Map<string, Where>();
      for (const [at, directory] of database.runtime_dirs.entries()) {
        folders.set(directory, below(where, "runtime_dirs", at));
      }
      for (const [key, end] of [
        ["run_root", "/containers"],
        ["tmp_dir", "/libpod/tmp"],
      ] as const) {
        const root = database[key];
        if (root?.endsWith(end) !== true) continue;
        const directory = root.slice(0, -end.length);
        if (!folders.has(directory)) folders.set(directory, below(where, key));
      }
      for (const [value, place] of folders) {
        const { path, kind } = database;
        yield { user, database: path, kind, directory: { value, where: place } };
      }
    }
  }
}

/** Whether podman was version 6 or later when the facts were collected. */
export function isPodman6({ version = "" }: Podman): boolean {
  return Number.parseInt(version) >= 6;
}

/**
 * The major version of podman that a host has, or will have after its next switch: the greater of what its facts
 * and its NixOS release say. Undefined if neither says.
 */
export function podmanMajor(host: Host): number | undefined {
  const seen = Number.parseInt(podmanOf(host)?.podman.version ?? "");
  const released = host.release === undefined ? NaN : releaseFacts(host.release).podman;
  const known = [seen, released].filter((major) => !Number.isNaN(major));
  return known.length === 0 ? undefined : Math.max(...known);
}

/** A container that a host has. */
export interface ActualContainer {
  readonly name: string;
  readonly inspect: Inspect;
  /** Its number among all of the same podman, and where these are. */
  readonly index: number;
  readonly list: Where;
}

/** The containers of a host's container user; undefined where podman did not answer. */
export function containersOn(host: Host): readonly ActualContainer[] | undefined {
  const found = podmanOf(host);
  if (found?.podman.containers === undefined) return undefined;
  const list = below(found.where, "containers");
  return found.podman.containers
    .map((inspect, index) => ({ name: nameOf(inspect), inspect, index, list }))
    .filter(({ inspect }) => !isInfra(inspect));
}

/** Where the facts have a container. */
export function whereOf({ list, index }: ActualContainer): Where {
  return below(list, index);
}

/** Whether a container was running when the facts were collected; of some it is not known. */
export function isRunning({ inspect }: ActualContainer): boolean {
  return wasRunning(inspect);
}
