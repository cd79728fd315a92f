import type { Volume } from "../../fleet/model.ts";
import { suggestion } from "../../text/suggest.ts";
import type { Rule } from "../rule.ts";

/** What `podman run --volume` takes; podman-run(1), tried with podman 4.3, 5.4 and 6.1. */
const OPTIONS = [
  "ro",
  "rw",
  "z",
  "Z",
  "U",
  "O",
  "idmap",
  "copy",
  "nocopy",
  "exec",
  "noexec",
  "dev",
  "nodev",
  "suid",
  "nosuid",
  "bind",
  "rbind",
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
  "unbindable",
  "runbindable",
];

/** Options with a value; the folders are those of an overlay. */
const WITH_VALUE = /^(?:idmap|upperdir|workdir)=./;

/** Of each group podman takes one. */
const EXCLUSIVE = [
  ["ro", "rw"],
  ["z", "Z"],
  ["exec", "noexec"],
  ["dev", "nodev"],
  ["suid", "nosuid"],
  ["private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"],
];

/**
 * A volume has an option that podman refuses.
 *
 * podman then makes no container ("invalid option type", status 125), and its unit fails for ever.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/srv/web:/data:readonly"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/srv/web:/data:ro"]
 * ```
 */
export const rule: Rule = {
  id: "volume-option",
  group: "containers",
  severity: "error",
  summary: "a volume has an option that podman refuses",
  *check(fleet) {
    for (const { container, volumes } of fleet.index.components) {
      for (const volume of volumes) {
        const wrong = whatIsWrong(volume);
        if (wrong === undefined) continue;
        yield { ...wrong, message: `${container}: ${wrong.message}`, at: volume.where };
      }
    }
  },
};

function whatIsWrong({ target, options }: Volume): { message: string; help: string } | undefined {
  if (options === undefined) return undefined;
  const given = options.split(",");
  if (given.includes("")) {
    return {
      message: `the volume at ${target} has an empty option`,
      help: "Remove the colon or comma that nothing follows, or write an option behind it, such as ro or Z.",
    };
  }
  const unknown = given.find((option) => !OPTIONS.includes(option) && !WITH_VALUE.test(option));
  if (unknown !== undefined) {
    return {
      message: `the volume at ${target} has the option ${JSON.stringify(unknown)}, which podman does not know`,
      help: suggestion(unknown, OPTIONS),
    };
  }
  for (const group of EXCLUSIVE) {
    const [first, second] = given.filter((option) => group.includes(option));
    if (first === undefined || second === undefined) continue;
    return {
      message: `the volume at ${target} has the options ${first} and ${second}, of which podman takes one`,
      help: `Keep ${first} or ${second}.`,
    };
  }
  return undefined;
}
