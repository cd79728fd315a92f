import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A variable, an argument of `cmd` or the command of a health check holds a secret.
 *
 * The value is copied into out/, into recover.sh and the runbook in /etc/nixgen, and into the Nix store,
 * which every user of the host can read; and it stays in the history of the repository. Every user of
 * the host can read command lines in the list of processes as well. podman alone reads a file that env_files
 * names, when the container starts. A secret is found by the name in front of it, as in DB_PASSWORD,
 * PGPASSWORD, ADMIN_PW or --requirepass, by an address with a password in it, by a header that
 * authorizes, and after the options for passwords of curl, redis-cli and the clients of MySQL.
 *
 * Ignore it for what only looks like a secret, like a password that everybody knows.
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
 * env = ["DB_PASSWORD=hunter2"]
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
 * env_files = ["/srv/web/secrets.env"]
 * ```
 */
export const rule: Rule = {
  id: "secret-in-env",
  group: "containers",
  severity: "warning",
  summary: "a secret is in a definition, and so in the Nix store",
  *check(fleet) {
    for (const { container, service, definition, where } of fleet.index.components) {
      const { env, cmd, health, healthcheck } = definition;
      const file = `env_files = ["/srv/${service}/secrets.env"]`;
      for (const [index, variable] of env.entries()) {
        const end = variable.indexOf("=");
        const name = variable.slice(0, end);
        const value = variable.slice(end + 1);
        if (!isSecret(name, value) && !ADDRESS.test(value)) continue;
        yield {
          message: `${container} has ${name} with its value: whoever can read the definition, out/ or the Nix store has the secret`,
          help: `Write it into a file on the host that only the container user reads, and name that: ${file}. If it was committed, change the secret too.`,
          at: below(where, "env", index),
        };
      }
      for (const { name, index } of secretsOf(cmd)) {
        yield {
          message: `${container} has a secret in cmd, after ${name}: whoever can read the definition, out/, the Nix store or the host's processes has it`,
          help: `Have the program read it from a file below /srv/${service} or from a variable of ${file}. If it was committed, change the secret too.`,
          at: below(where, "cmd", index),
        };
      }
      const checks = [
        { key: "health", command: health?.kind === "exec" ? health.command : [] },
        { key: "healthcheck", command: healthcheck?.command ?? [] },
      ].flatMap(({ key, command }) => secretsOf(command).map((found) => ({ ...found, key })));
      for (const { name, index, key } of checks) {
        yield {
          message: `the health command of ${container} has a secret, after ${name}: whoever can read the definition, out/, the Nix store or the host's processes has it`,
          help: `Take it from a variable of ${file}: command = ["sh", "-c", '… "$VARIABLE"']. If it was committed, change the secret too.`,
          at: below(where, key, "command", index),
        };
      }
    }
  },
};

/**
 * How the names of secrets end: DB_PASS, spring.datasource.password, WEBPASSWORD, --admin-token. Others are
 * about one: PASSWORD_FILE, TOKEN_LIFETIME, BYPASS.
 */
const SECRET =
  /(?:password|passwd|passphrase|requirepass|masterauth|(?:^|[_.-])(?:pass|pw|pwd|secret|token|(?:api|app|auth|private|secret|access|encryption|master|signing|session)[_-]?key|secret_key_base|rediscli_auth|credentials?))$/i;

/** An address with a user and a password: postgres://web:hunter2@db/web. */
const ADDRESS = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(?!\$)[^\s/@]+@/i;

/** A header that authorizes: Authorization: Bearer abc. */
const HEADER = /(?:authorization: *(?:basic|bearer)|x-api-key:) +(?!\$)[^\s"']/i;

/** A name and its value in one word: PGPASSWORD=hunter2, --token=abc. */
const ASSIGNMENT = /^(?:--?)?([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/s;

/** An option whose value is the next word: --requirepass hunter2. */
const OPTION = /^--?([A-Za-z][A-Za-z0-9_.-]*)$/;

/** Programs whose options for a password are no words. */
const PROGRAMS: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^(?:redis|valkey|keydb)-cli$/, /^-a$/],
  [/^(?:mysql|mariadb)[a-z-]*$/, /^-p(?=.)/],
  [/^curl$/, /^(?:-u|--user)(?=$|=)/],
];

/** Whether a name is that of a secret and the value one: a path or a reference only says where it is, a switch is none. */
function isSecret(name: string, value: string): boolean {
  return SECRET.test(name) && isValue(value);
}

function isValue(value: string): boolean {
  return !/^(?:|[/$@].*|true|false|yes|no|on|off|[0-9])$/is.test(value);
}

/** What is before a secret in a command line, and the index of the argument with the secret; at most one for each argument. */
function secretsOf(args: readonly string[]): { readonly name: string; readonly index: number }[] {
  const words = args.flatMap((arg, index) => wordsOf(arg).map((text) => ({ text, index })));
  const found = new Map<number, string>();
  const add = (index: number, name: string): void => {
    if (!found.has(index)) found.set(index, name);
  };
  let password: RegExp | undefined;
  for (const [at, { text, index }] of words.entries()) {
    const program = PROGRAMS.find(([name]) => name.test(text.slice(text.lastIndexOf("/") + 1)));
    if (program !== undefined) password = program[1];
    const assigned = ASSIGNMENT.exec(text);
    if (assigned?.[1] !== undefined && isSecret(assigned[1], assigned[2] ?? "")) {
      add(index, assigned[1]);
    }
    const next = words[at + 1];
    const value = next === undefined || next.text.startsWith("-") ? "" : next.text;
    const name = OPTION.exec(text)?.[1];
    if (next !== undefined && name !== undefined && isSecret(name, value)) add(next.index, text);
    const option = password?.exec(text)?.[0];
    if (option === undefined) continue;
    const joined = text.slice(option.length).replace(/^=/, "");
    const given = joined === "" ? value : joined;
    // A user without a password is asked for one.
    if (option.includes("u") && !/^[^:]*:[^$]/s.test(given)) continue;
    if (isValue(given)) add(joined === "" ? (next?.index ?? index) : index, option);
  }
  for (const [index, arg] of args.entries()) {
    if (ADDRESS.test(arg)) add(index, "the user of an address");
    if (HEADER.test(arg)) add(index, "the name of a header");
  }
  return [...found].map(([index, name]) => ({ name, index })).sort((a, b) => a.index - b.index);
}

/** The words of an argument, which may be a script of a shell: without quotes, and what separates commands. */
function wordsOf(arg: string): string[] {
  if (!/\s/.test(arg)) return [arg];
  return arg
    .split(/[\s;|&()]+/)
    .map((word) => word.replaceAll(/["']/g, ""))
    .filter((word) => word !== "");
}
