/** The two lists of capabilities, whose outcome podman shows as a difference to its defaults (capabilities(7)). */
import type { Inspect } from "../podman/inspect.ts";
import { at, textsAt } from "../text/json.ts";
import { composeFace, listDeviations, nonEmpty } from "./forms.ts";
import { oneOrMore } from "./compose-service.ts";
import type { Setting, Words } from "./setting.ts";

/** What podman gives a container by itself (5.4.2 to 6.1.1). */
const DEFAULTS: ReadonlySet<string> = new Set(
  "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

/** A list of capabilities. */
export function capabilities(
  option: "cap-add" | "cap-drop",
  field: "CapAdd" | "CapDrop",
  compose: string,
): Setting<string[]> {
  const path = ["HostConfig", field];
  const isAdd = option === "cap-add";
  const read = (inspect: Inspect): string[] =>
    textsAt(inspect, ...path)
      .map(plain)
      .filter((name) => DEFAULTS.has(name) !== isAdd);
  return {
    podman: (names) => names.map((value) => ({ name: option, value })),
    nixos: "extraOptions",
    inspect: {
      observe: (inspect) => nonEmpty(read(inspect)),
      differences: (names = [], inspect, words) => {
        // A privileged container has all of them, whatever was asked for; podman shows none.
        if (at(inspect, ...path) === undefined || at(inspect, "HostConfig", "Privileged") === true)
          return [];
        const actual = read(inspect);
        const wanted = isAdd ? gained(words) : lost(words);
        const all = { text: `lacks --${option} ALL`, path };
        // podman writes ALL out: all that this kernel has.
        if (wanted.includes("ALL")) return actual.includes("SYS_ADMIN") ? [] : [all];
        if (names.includes("ALL") && actual.length === 0 && wanted.length > 0) return [all];
        return listDeviations(option, wanted, actual, path);
      },
    },
    command: {
      options: [option],
      read: (given) =>
        nonEmpty(given.flatMap(({ value = "" }) => value.split(",").filter((part) => part !== ""))),
    },
    // Docker takes any case.
    compose: composeFace(compose, (value) =>
      nonEmpty(oneOrMore(value).map((name) => name.toUpperCase())),
    ),
  };
}

/** What both lists together add to the defaults. */
function gained({ cap_add = [], cap_drop = [] }: Words): string[] {
  const dropped = cap_drop.map(plain);
  return cap_add.map(plain).filter((name) => !DEFAULTS.has(name) && !dropped.includes(name));
}

/** What both lists together take away from the defaults. */
function lost({ cap_add = [], cap_drop = [] }: Words): string[] {
  const dropped = cap_drop.map(plain);
  const added = cap_add.map(plain);
  if (!dropped.includes("ALL")) return dropped.filter((name) => DEFAULTS.has(name));
  return [...DEFAULTS].filter((name) => !added.includes(name));
}

function plain(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}
