/** The settings of a definition, all together. */
import { type Binding } from "../nix/ast.ts";
import type { Inspect } from "../podman/inspect.ts";
import type { RunOption } from "../podman/run-command.ts";
import type { ComponentDefinition } from "../fleet/schema.ts";
import { isNothing } from "./compose-service.ts";
import { settings } from "./index.ts";
import { type Deviation, isNone, type Key, type Setting, type Words } from "./setting.ts";

/** Every key, in the order of the schema. */
export const KEYS = Object.keys(settings) as Key[];

/** The settings that a definition has; one that says what is so without it is left out. */
export function wordsIn(definition: ComponentDefinition): Words {
  return wordsOf((key) => (isNothing(definition[key]) ? undefined : definition[key]));
}

/** Words of the values that are there; each is of its key's type. */
export function wordsOf(read: (key: Key) => unknown): Words {
  const entries = KEYS.map((key) => [key, read(key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** A setting, with the value that it has; of which type that is, only its key tells. */
type Any = Setting<unknown>;

/** The settings of a container with their values, in the order of the schema. */
export function settingsOf(words: Words): { key: Key; setting: Any; value: unknown }[] {
  return KEYS.flatMap((key) =>
    words[key] === undefined
      ? []
      : [{ key, setting: settings[key] as unknown as Any, value: words[key] }],
  );
}

/** The options of `podman run`. */
export function podmanOptions(words: Words): RunOption[] {
  return settingsOf(words).flatMap(({ setting: { podman }, value }) =>
    isNone(podman) ? [] : podman(value),
  );
}

/** The options of virtualisation.oci-containers, and what is left for extraOptions. */
export function nixosOptions(words: Words): { bindings: Binding[]; extraOptions: string[] } {
  const bindings: Binding[] = [];
  const extraOptions: string[] = [];
  for (const { setting, value } of settingsOf(words)) {
    const { nixos, podman } = setting;
    if (isNone(nixos)) continue;
    if (nixos !== "extraOptions") bindings.push(...nixos(value));
    else if (!isNone(podman)) extraOptions.push(...podman(value).map(optionText));
  }
  return { bindings, extraOptions };
}

/** `--name=value`, one argument whatever is in it. */
function optionText({ name, value }: RunOption): string {
  return value === undefined ? `--${name}` : `--${name}=${value}`;
}

/** In what a container differs from its settings. */
export function deviationsOf(
  words: Words,
  inspect: Inspect,
): (Deviation & { readonly key: Key })[] {
  return KEYS.flatMap((key) => {
    const { inspect: face } = settings[key] as unknown as Any;
    if (isNone(face)) return [];
    return face.differences(words[key], inspect, words).map((each) => ({ ...each, key }));
  });
}

/** Each setting as one text, to be compared and shown. */
export function wordTexts(words: Words): ReadonlyMap<Key, string> {
  return new Map(settingsOf(words).map(({ key, value }) => [key, JSON.stringify(value)]));
}
