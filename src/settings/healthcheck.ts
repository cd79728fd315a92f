import type { HealthcheckDefinition } from "../fleet/schema.ts";
import { healthArgv, healthOption, SHELL } from "../podman/health-command.ts";
import type { Inspect } from "../podman/inspect.ts";
import { at, isTable, textAt, textsAt } from "../text/json.ts";
import {
  complain,
  exactSeconds,
  inWords,
  isTrue,
  noteEach,
  texts as textsOf,
} from "./compose-service.ts";
import { nonEmpty } from "./forms.ts";
import { type Deviation, type Setting } from "./setting.ts";
import { durationMilliseconds } from "../text/duration.ts";

/** What podman takes if nothing is said (podman-run(1)); durations in nanoseconds. */
const DEFAULTS = { interval: 30e9, timeout: 30e9, start_period: 0, retries: 3 };

const TIMES = ["interval", "timeout", "start_period"] as const;

/** The names of these in the data of a container. */
const SHOWN = { interval: "Interval", timeout: "Timeout", start_period: "StartPeriod" } as const;

/**
 * podman's own health check: a program that runs inside the container again and again. One word with blanks is a
 * text for /bin/sh. The boot waits for it as well, unless health says something else. A command of none turns the
 * check of the image off; on_failure = "kill" lets the unit start the container again.
 *
 * @example
 * ```toml
 * healthcheck = { command = ["pg_isready", "-U", "postgres"], interval = "10s", retries = 5, start_period = "30s" }
 * ```
 */
export const setting: Setting<HealthcheckDefinition> = {
  podman: ({ command, interval, timeout, start_period, retries, on_failure }) => {
    const off = command.length === 1 && command[0] === "none";
    const options: readonly (readonly [string, string | undefined])[] = [
      ["health-cmd", off ? "none" : healthOption(command)],
      ["health-interval", goDuration(interval)],
      ["health-timeout", goDuration(timeout)],
      ["health-start-period", goDuration(start_period)],
      ["health-retries", retries === undefined ? undefined : String(retries)],
      ["health-on-failure", on_failure],
    ];
    return options.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  },
  nixos: "extraOptions",
  inspect: {
    observe,
    // Without one in the definition it is the image's, which is not known here.
    differences: (value, inspect) => {
      const path = ["Config", "Healthcheck"];
      // Facts do not have it, for a command may hold secrets; podman shows none as an empty action.
      const known =
        at(inspect, ...path) !== undefined ||
        at(inspect, "Config", "HealthcheckOnFailureAction") !== undefined;
      if (value === undefined || !known) return [];
      const actual = observe(inspect);
      const found: Deviation[] = [];
      if (actual?.command.join("\0") !== healthArgv(value.command).join("\0")) {
        found.push({ text: "has another health check", path });
      }
      for (const key of TIMES) {
        if (actual !== undefined && milliseconds(value, key) !== milliseconds(actual, key)) {
          found.push({ text: `has another ${key} of its health check`, path });
        }
      }
      if (actual !== undefined && (value.retries ?? 3) !== (actual.retries ?? 3)) {
        found.push({ text: "has other retries of its health check", path });
      }
      const action = actual?.on_failure ?? "none";
      if (actual !== undefined && (value.on_failure ?? "none") !== action) {
        const text = `does ${action === "none" ? "nothing" : action} when its health check fails`;
        found.push({ text, path: ["Config", "HealthcheckOnFailureAction"] });
      }
      return found;
    },
  },
  command: {
    options: [
      "health-cmd",
      "health-interval",
      "health-timeout",
      "health-start-period",
      "health-retries",
      "health-on-failure",
    ],
    read: (given, _, leave) => {
      const said = new Map(given.map(({ name, value = "" }) => [name, value]));
      const command = commandOf(said.get("health-cmd") ?? "");
      if (command === undefined) {
        for (const [name, value] of said) leave(name, value);
        return undefined;
      }
      const retries = Number(said.get("health-retries") ?? NaN);
      const action = said.get("health-on-failure");
      return {
        command,
        ...timesOf((key) => exactSeconds(said.get(`health-${key.replace("_", "-")}`) ?? "")),
        ...(Number.isNaN(retries) ? {} : { retries }),
        ...(isAction(action) ? { on_failure: action } : {}),
      };
    },
  },
  compose: {
    keys: ["healthcheck"],
    read: (service) => {
      const check = at(service.definition, "healthcheck");
      if (!isTable(check)) return undefined;
      const { test, disable } = check;
      const words = typeof test === "string" ? ["CMD-SHELL", test] : textsOf(test);
      const [kind, ...rest] = words;
      if (isTrue(disable) || kind === "NONE") return { command: ["none"] };
      const known = ["test", "disable", "interval", "timeout", "retries", "start_period"];
      noteEach(service, ["healthcheck"], check, new Set(known));
      if (test === undefined || test === null) return undefined;
      if ((kind !== "CMD" && kind !== "CMD-SHELL") || rest.length === 0) {
        complain(
          service,
          ["healthcheck", "test"],
          "must begin with CMD, CMD-SHELL or NONE",
          'Write ["CMD", "program", "argument"], or a text for a shell.',
        );
        return undefined;
      }
      const retries = Number(inWords(at(check, "retries")));
      return {
        command: kind === "CMD" ? rest : [...SHELL, ...rest],
        ...timesOf((key) => exactSeconds(textAt(check, key) ?? "")),
        ...(retries > 0 ? { retries } : {}),
      };
    },
  },
};

function observe(inspect: Inspect): HealthcheckDefinition | undefined {
  const [kind, ...rest] = textsAt(inspect, "Config", "Healthcheck", "Test");
  if (kind === undefined) return undefined;
  if (kind === "NONE") return { command: ["none"] };
  const retries = at(inspect, "Config", "Healthcheck", "Retries");
  const action = textAt(inspect, "Config", "HealthcheckOnFailureAction");
  const times = timesOf((key) => {
    const found = at(inspect, "Config", "Healthcheck", SHOWN[key]);
    return typeof found === "number" && found !== DEFAULTS[key] ? found / 1e9 : undefined;
  });
  return {
    command: kind === "CMD-SHELL" ? [...SHELL, ...rest] : kind === "CMD" ? rest : [kind, ...rest],
    ...times,
    ...(typeof retries === "number" && retries > 0 && retries !== 3 ? { retries } : {}),
    ...(isAction(action) && action !== "none" ? { on_failure: action } : {}),
  };
}

/** A command of --health-cmd: a JSON list, or a text for a shell. */
function commandOf(value: string): string[] | undefined {
  if (value === "") return undefined;
  if (value === "none") return ["none"];
  // podman takes such a text apart at its blanks, of whatever kind.
  if (/^CMD\s/.test(value)) return nonEmpty(value.split(/\s+/).slice(1));
  if (!value.startsWith("[")) return [...SHELL, value];
  try {
    const words: unknown = JSON.parse(value);
    const [first, ...rest] = textsOf(words);
    if (first === undefined) return undefined;
    return first === "CMD" ? rest : first === "CMD-SHELL" ? [...SHELL, ...rest] : [first, ...rest];
  } catch {
    return undefined;
  }
}

/** The times that are there, as definitions have them; whole seconds where they are. */
function timesOf(
  secondsOf: (key: (typeof TIMES)[number]) => number | undefined,
): Partial<Record<(typeof TIMES)[number], string>> {
  const found = TIMES.map((key) => [key, secondsOf(key)] as const);
  return Object.fromEntries(
    found.flatMap(([key, seconds]) =>
      seconds === undefined || seconds <= 0
        ? []
        : [[key, Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`]],
    ),
  );
}

/** "2min" is "2m" to podman. */
function goDuration(duration: string | undefined): string | undefined {
  return duration?.replace(/min$/, "m");
}

function milliseconds(check: HealthcheckDefinition, key: (typeof TIMES)[number]): number {
  const said = check[key];
  return said === undefined ? DEFAULTS[key] / 1e6 : durationMilliseconds(said);
}

function isAction(
  value: string | undefined,
): value is NonNullable<HealthcheckDefinition["on_failure"]> {
  return value === "none" || value === "kill" || value === "restart" || value === "stop";
}
