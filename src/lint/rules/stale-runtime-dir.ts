import { below, type Host } from "../../fleet/model.ts";
import { shellQuote } from "../../text/shell.ts";
import { userWithUid } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";
import { stateFolders } from "../queries/runtime.ts";

/**
 * The database of a user's podman names the runtime directory of another uid.
 *
 * podman keeps /run/user/<uid> in its database, in every container of it, and does nothing at all while
 * that directory is missing or somebody else's. When mcp's uid went from 995 to 850, that is how every
 * container of rift was lost to the operator (incident, problem 2). None was: with the new directory in
 * the database the same containers start again, and recover.sh --cure puts it there. A link from the old
 * directory to the new one is not enough: containers on a podman network do not start by it.
 *
 * Never ignore it: at the next reboot no container starts.
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
      for (const { user, database, kind, directory } of stateFolders(host)) {
        const { name, uid } = user.value;
        const old = /^\/run\/user\/([0-9]+)$/.exec(directory.value)?.[1];
        if (old === undefined || Number(old) === uid) continue;
        yield {
          message: `podman's database of ${name} on ${host.name} names ${directory.value}, but ${name} has uid ${uid}`,
          help: `No container is lost. ${cure(host, user.value, Number(old), kind === "sqlite" ? database : undefined)} Do not remove the database, and do not run podman system reset.`,
          at: directory.where,
          related: [
            { ...below(user.where, "uid"), message: `${name} has uid ${uid}: see ${database}` },
          ],
        };
      }
    }
  },
};

/**
 * What brings the containers of a user back, whose podman looks for the directory of another uid.
 * @param database the file that SQLite writes, if that is what names the directory.
 */
function cure(
  host: Host,
  { name, uid }: { name: string; uid: number },
  old: number,
  database: string | undefined,
): string {
  const holder = userWithUid(host, old);
  const others =
    holder === undefined
      ? ""
      : ` Uid ${old} is ${holder}'s now: stop the processes of ${holder} first.`;
  if (name === host.user.name && host.release !== undefined) {
    return `Run as root on ${host.name}: bash /etc/nixgen/recover.sh --cure. It stops what runs of ${name}, corrects the database, keeps a copy of the old one, and starts the containers.${others}`;
  }
  const back = `Give ${name} uid ${old} back`;
  const [from, to] = [`/run/user/${old}/`, `/run/user/${uid}/`];
  if (database === undefined || from.length !== to.length) return `${back}.`;
  const command = ["sed", "--in-place", `s#${from}#${to}#g`, database].map(shellQuote).join(" ");
  return `${back}, or correct the database. Stop all processes of ${name}, make sure that no file ends in db.sql-journal or db.sql-wal there, copy the database, and run as ${name}: ${command}.${others}`;
}
