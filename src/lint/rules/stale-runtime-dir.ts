import { below, type Host } from "../../fleet/model.ts";
import { shellCommand } from "../../fleet/shell.ts";
import { type Known, userWithUid } from "../host-user.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The database of a user's podman names the runtime directory of another uid.
 *
 * podman keeps /run/user/<uid> in its database, in every container of it, and does nothing at all while
 * that directory is missing or somebody else's. When mcp's uid went from 995 to 850, that is how every
 * container of rift was lost to the operator (incident, problem 2). None was: a link brings them back,
 * and the help has the commands. An info where the link is there already.
 *
 * Never ignore it: at the next reboot without the link no container starts.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "databases": [
 *         {
 *           "path": "/srv/pod/.local/share/containers/storage/db.sql",
 *           "kind": "sqlite",
 *           "runtime_dirs": ["/run/user/995"]
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "databases": [
 *         {
 *           "path": "/srv/pod/.local/share/containers/storage/db.sql",
 *           "kind": "sqlite",
 *           "runtime_dirs": ["/run/user/850"]
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "stale-runtime-dir",
  group: "identity",
  severity: "error",
  summary: "podman's database names the runtime directory of another uid",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const { user, database, directory } of runtimeDirs(host)) {
        const { name, uid } = user.value;
        const old = /^\/run\/user\/([0-9]+)$/.exec(directory.value)?.[1];
        if (old === undefined || Number(old) === uid) continue;
        yield report(host, user.value, Number(old), {
          message: `podman's database of ${name} on ${host.name} names ${directory.value}, but ${name} has uid ${uid}`,
          at: directory.where,
          related: [
            { ...below(user.where, "uid"), message: `${name} has uid ${uid}: see ${database}` },
          ],
        });
      }
    }
  },
};

/** Every runtime directory that a database of a host names, with the user whose database it is. */
function* runtimeDirs({ facts }: Host): Generator<{
  user: Known<{ name: string; uid: number }>;
  database: string;
  directory: Known<string>;
}> {
  if (facts === undefined) return;
  const top = { file: facts.file, path: [] };
  for (const [index, podman] of (facts.facts.podman ?? []).entries()) {
    const line = facts.facts.passwd.findIndex(({ name }) => name === podman.user);
    const entry = facts.facts.passwd[line];
    if (entry === undefined) continue;
    for (const [number, { path, runtime_dirs }] of podman.databases.entries()) {
      const where = below(top, "podman", index, "databases", number, "runtime_dirs");
      for (const [at, value] of runtime_dirs.entries()) {
        yield {
          user: { value: entry, where: below(top, "passwd", line) },
          database: path,
          directory: { value, where: below(where, at) },
        };
      }
    }
  }
}

function report(
  host: Host,
  { name, uid }: { name: string; uid: number },
  old: number,
  what: Pick<Report, "message" | "at" | "related">,
): Report {
  const stale = `/run/user/${old}`;
  const keep = `systemd.tmpfiles.rules = [ "L ${stale} - - - - ${uid}" ]`;
  const kept =
    host.release === undefined ? `the line "L ${stale} - - - - ${uid}" in tmpfiles.d` : keep;
  const owner = host.facts?.facts.runtime_dirs?.find(({ path }) => path === stale)?.uid;
  if (owner === uid) {
    return {
      ...what,
      severity: "info",
      help: `The link ${stale} is there, and podman works by it. It goes at each reboot: make sure that it comes back, with ${kept}.`,
    };
  }
  const link = `ln -s ${uid} ${stale}`;
  const env = ["env", `XDG_RUNTIME_DIR=/run/user/${uid}`];
  const start = shellCommand(["sudo", "-H", "-u", name, ...env, "podman", "start", "--all"]);
  const first =
    owner === undefined
      ? ""
      : ` ${stale} is in use by uid ${owner}${nameOf(host, owner)}: end its sessions first (loginctl terminate-user ${owner}), and give that user another uid.`;
  return {
    ...what,
    help: `No container is lost.${first} Run as root on ${host.name}: ${link}, then cd / && ${start}, and keep the link with ${kept}. Do not remove the database, and do not run podman system reset.`,
  };
}

function nameOf(host: Host, uid: number): string {
  const name = userWithUid(host, uid);
  return name === undefined ? "" : ` (${name})`;
}
