/** The two lists of capabilities, which podman shows as a difference to its defaults (capabilities(7)). */
import type { Inspect } from "../podman/inspect.ts";
import { at, textsAt } from "../text/json.ts";
import { composeFace, nonEmpty } from "./forms.ts";
import { oneOrMore } from "./compose-service.ts";
import type { Setting } from "./setting.ts";

/** What podman gives a container by itself (5.4.2 to 6.1.1). */
const DEFAULTS: ReadonlySet<string> = new Set(
  "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

/** Rootless podman 4 lists these among the dropped ones of every container. */
const NEVER_HAD: ReadonlySet<string> = new Set(["AUDIT_WRITE", "MKNOD", "NET_RAW"]);

/** A list of capabilities. */
export function capabilities(
  option: "cap-add" | "cap-drop",
  field: "CapAdd" | "CapDrop",
  compose: string,
): Setting<string[]> {
  const path = ["HostConfig", field];
  const isAdd = option === "cap-add";
  /** Those that make a difference to the defaults; ALL is written out by podman, and stands for itself here. */
  const telling = (names: readonly string[]): string[] =>
    names.filter((name) => (isAdd ? !DEFAULTS.has(name) : DEFAULTS.has(name)));
  const read = (inspect: Inspect): string[] =>
    telling(
      textsAt(inspect, ...path)
        .map(plain)
        .filter((name) => !NEVER_HAD.has(name) || isAdd),
    );
  return {
    podman: (names) => names.map((value) => ({ name: option, value })),
    nixos: "extraOptions",
    inspect: {
      observe: (inspect) => nonEmpty(read(inspect)),
      differences: (names = [], inspect) => {
        if (at(inspect, ...path) === undefined) return [];
        const actual = read(inspect);
        const wanted = names.map(plain);
        // Both lists together make the outcome: only what is beyond doubt is told.
        if (wanted.includes("ALL")) {
          return actual.length > 0 || !isAdd ? [] : [{ text: `lacks --${option} ALL`, path }];
        }
        return [
          ...telling(wanted)
            .filter((name) => !actual.includes(name))
            .map((name) => ({ text: `lacks --${option} ${name}`, path })),
          ...actual
            .filter((name) => !wanted.includes(name))
            .map((name) => ({ text: `has --${option} ${name}`, path })),
        ];
      },
    },
    command: {
      options: [option],
      read: (given) =>
        nonEmpty(given.flatMap(({ value = "" }) => value.split(",").filter((part) => part !== ""))),
    },
    compose: composeFace(compose, (value) => nonEmpty(oneOrMore(value))),
  };
}

function plain(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}
