/** Command lines of `podman run` and `podman create`, taken apart (podman-run(1)). */

/** An option as it was given. */
export interface RunOption {
  /** The long name, without dashes. */
  readonly name: string;
  /** Undefined for a switch. */
  readonly value: string | undefined;
}

/** A command, taken apart. */
export interface RunCommand {
  /** In the order in which they were given. */
  readonly options: readonly RunOption[];
  readonly image: string;
  /** What follows the image. */
  readonly args: readonly string[];
}

/** The options that take no value unless it is joined by "=", of podman 4.3 to 5.4. */
const SWITCHES: ReadonlySet<string> = new Set([
  "detach",
  "disable-content-trust",
  "env-host",
  "help",
  "http-proxy",
  "init",
  "interactive",
  "no-healthcheck",
  "no-hostname",
  "no-hosts",
  "oom-kill-disable",
  "passwd",
  "privileged",
  "publish-all",
  "quiet",
  "read-only",
  "read-only-tmpfs",
  "replace",
  "rm",
  "rmi",
  "rootfs",
  "sig-proxy",
  "tls-verify",
  "tty",
  "unsetenv-all",
]);

const SHORT: Readonly<Record<string, string>> = {
  a: "attach",
  c: "cpu-shares",
  d: "detach",
  e: "env",
  h: "hostname",
  i: "interactive",
  l: "label",
  m: "memory",
  p: "publish",
  P: "publish-all",
  q: "quiet",
  t: "tty",
  u: "user",
  v: "volume",
  w: "workdir",
};

/** Other names of the same options. */
const ALIASES: Readonly<Record<string, string>> = {
  net: "network",
  "healthcheck-cmd": "health-cmd",
};

/** Takes a command line apart; undefined where it is none of these commands. */
export function parseRunCommand(argv: readonly string[]): RunCommand | undefined {
  const start = argv.findIndex((word) => word === "run" || word === "create");
  if (start < 1) return undefined;
  const options: RunOption[] = [];
  let at = start + 1;
  for (; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      at += 1;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    const read = word.startsWith("--") ? longOption(word) : shortOptions(word);
    if (read === undefined) return undefined;
    options.push(...read.complete);
    if (read.needsValue === undefined) continue;
    at += 1;
    options.push({ name: read.needsValue, value: argv[at] });
  }
  const image = argv[at];
  return image === undefined ? undefined : { options, image, args: argv.slice(at + 1) };
}

interface Read {
  readonly complete: readonly RunOption[];
  /** The option whose value is the next word. */
  readonly needsValue?: string;
}

function longOption(word: string): Read {
  const [given = "", ...rest] = word.slice(2).split("=");
  const name = ALIASES[given] ?? given;
  if (rest.length > 0) return { complete: [{ name, value: rest.join("=") }] };
  return SWITCHES.has(name)
    ? { complete: [{ name, value: undefined }] }
    : { complete: [], needsValue: name };
}

/** `-dit`, `-p8080:80`, `-p=8080:80` or `-dp 8080:80`. */
function shortOptions(word: string): Read | undefined {
  const complete: RunOption[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const name = SHORT[word[at] ?? ""];
    if (name === undefined) return undefined;
    if (SWITCHES.has(name)) {
      complete.push({ name, value: undefined });
      continue;
    }
    const value = word.slice(at + 1).replace(/^=/, "");
    return value === "" && at === word.length - 1
      ? { complete, needsValue: name }
      : { complete: [...complete, { name, value }] };
  }
  return { complete };
}
