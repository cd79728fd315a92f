import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A variable with a secret has its value in the definition.
 *
 * The value is copied into out/, into recover.sh and the runbook in /etc/nixgen, and into the Nix store,
 * which every user of the host can read; and it stays in the history of the repository. A file that
 * env_files names is read by podman alone, when the container starts. What is in variables is told by
 * their names, as DB_PASSWORD, and by an address with a password in it.
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
      for (const [index, variable] of definition.env.entries()) {
        const end = variable.indexOf("=");
        const name = variable.slice(0, end);
        if (!isSecret(name, variable.slice(end + 1))) continue;
        yield {
          message: `${container} has ${name} with its value: whoever can read the definition, out/ or the Nix store has the secret`,
          help: `Write it into a file on the host that only the container user reads, and name that: env_files = ["/srv/${service}/secrets.env"]. If it was committed, change the secret too.`,
          at: below(where, "env", index),
        };
      }
    }
  },
};

/** The last words of the names of secrets. Others are about one: PASSWORD_FILE, TOKEN_LIFETIME. */
const SECRET =
  /(?:^|_)(?:password|passwd|passphrase|pwd|secret|token|api_?key|private_?key|secret_?key|access_?key|encryption_?key|credentials?)$/i;

/** An address with a user and a password: postgres://web:hunter2@db/web. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/** Whether a variable holds a secret. A path only says where one is, and a switch is none. */
function isSecret(name: string, value: string): boolean {
  if (/^(?:|\/.*|true|false|yes|no|on|off|[0-9])$/i.test(value)) return false;
  return SECRET.test(name) || ADDRESS.test(value);
}
