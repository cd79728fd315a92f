/** The uid of the containers' user was changed, with real rootless podman: what recover.sh --cure brings back. */
import { describe, it } from "vitest";
import { drill, fleetFiles, recoverOf, type Stage, tree, web } from "./recovery.ts";

/** Containers on the default network, on one of their own, and two on a shared one. */
const STAGES: readonly Stage[] = [
  { name: "foundation", services: { one: [web("one", 18001)] } },
  {
    name: "core",
    services: {
      two: [web("two", 18002, { network: "alone" })],
      three: [
        web("three", 18003, { network: "shared", volumes: ["/srv/three:/data", "keep:/keep"] }),
        web("four", 18004, { network: "shared" }),
      ],
    },
  },
];

/** What each drill begins with: containers of uid 995 with data, which then run no more. */
const BEGIN = `
storage=/home/drill/.local/share/containers/storage
database=$storage/db.sql
names='one two three three-four'
recover 0 recover.sh
said 'user drill has uid 995 on box, the configuration pins 850'
for name in one two three four; do echo "$name is precious" >/srv/$name/data; done
chown 995 /srv/*/data
for name in $names; do as drill podman exec $name sh -c 'echo written >/inside'; done
as drill podman exec three sh -c 'echo kept >/keep/file'
before=$(ids)

# change_uid UID: as when /etc/passwd is edited, and the host rebooted.
change_uid() {
  reboot
  sed -i "s/^drill:x:995:/drill:x:$1:/" /etc/passwd
}
# names_old: how many values of all tables name the runtime directory of uid 995, by SQLite itself.
names_old() {
  sqlite3 "$database" "SELECT 'SELECT count(*) FROM ' || t.name || ' WHERE instr(CAST(' || c.name || ' AS TEXT), ''/run/user/995/'');'
    FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'" | sqlite3 "$database" | awk '{ all += $1 } END { print all + 0 }'
}
# all_back UID: the same containers run, with all that was in them, and reach each other.
all_back() {
  local name at
  same "$(ids)" "$before"
  same "$(running)" 'one three three-four two'
  for name in $names; do same "$(as drill podman exec $name busybox cat /inside)" written; done
  for at in one:18001 two:18002 three:18003 four:18004; do
    same "$(answers "127.0.0.1:\${at#*:}" data)" "\${at%:*} is precious"
  done
  same "$(as drill podman exec three busybox cat /keep/file)" kept
  same "$(as drill podman exec three busybox wget -qO- http://three-four/data)" 'four is precious'
  database_is_right "$1"
}
database_is_right() {
  same "$(names_old)" 0
  same "$(grep -ac '/run/user/995' "$database")" 0
  same "$(sqlite3 "$database" 'PRAGMA integrity_check; SELECT DISTINCT typeof(JSON) FROM ContainerConfig')" 'ok
blob'
  same "$(stat -c '%u:%g %a' "$database")" "$1:995 644"
  same "$(find /home/drill -xdev -uid 995 | wc -l)" 0
}
`;

const files = async (): Promise<Record<string, string>> => ({
  "recover.sh": await recoverOf(fleetFiles(STAGES)),
});

describe.skipIf(tree === undefined)("a changed uid", () => {
  it("costs no container on any kind of network: recover.sh says the cure, and does it when asked", async () => {
    drill(
      `${BEGIN}
change_uid 850
# Nothing is changed without being asked.
sum=$(sha256sum "$database")
recover 1 recover.sh
said "podman's database names /run/user/995, but drill has uid 850"
said 'No container is lost. As root: recover.sh --cure'
recover 1 recover.sh --status
recover 1 recover.sh --dry-run --cure
same "$(sha256sum "$database")" "$sum"
[ ! -e /run/user/995 ]

recover 0 recover.sh --cure
all_back 850
# A copy of the old one is kept.
same "$(sha256sum "$database".before-* | cut -d' ' -f1)" "$(cut -d' ' -f1 <<<"$sum")"
# The data of services: said, and given to the user.
said 'belongs to uid 995, which containers of drill do not know'
same "$(stat -c %u /srv/one/data)" 850

# Once more: nothing is touched.
started=$(containers)
recover 0 recover.sh --cure
same "$(containers)" "$started"
same "$(ls "$database".before-* | wc -l)" 1

# As a unit makes them: new ones in the place of the old ones.
for name in two three three-four; do
  as drill podman rm --force --time 0 $name >/dev/null
done
recover 0 recover.sh
same "$(running)" 'one three three-four two'
database_is_right 850
`,
      await files(),
      995,
    );
  }, 130_000);
});
