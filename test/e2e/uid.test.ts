/** The uid of the containers' user was changed, with real rootless podman: what recover.sh --cure brings back. */
import { describe, it } from "vitest";
import { debianTree } from "../support/debian-tree.ts";
import {
  drill,
  drillAfter,
  fleetFiles,
  IMAGE,
  recoverOf,
  type Stage,
  tree,
  web,
} from "./recovery.ts";

const podman4 = await debianTree("bookworm");

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

# sql TEXT: asks SQLite, and waits for podman's clean-ups.
sql() { sqlite3 -cmd '.timeout 20000' "$database" "$@"; }
# change_uid UID: as when /etc/passwd is edited, and the host rebooted.
change_uid() {
  reboot
  sed -i "s/^drill:x:995:/drill:x:$1:/" /etc/passwd
}
# names_old: how many values of all tables name the runtime directory of uid 995, by SQLite itself.
names_old() {
  sql "SELECT 'SELECT count(*) FROM ' || t.name || ' WHERE instr(CAST(' || c.name || ' AS TEXT), ''/run/user/995/'');'
    FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'" | sql | awk '{ all += $1 } END { print all + 0 }'
}
# all_back UID [GID]: the same containers run, with all that was in them, and reach each other.
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
  database_is_right "$@"
}
database_is_right() {
  same "$(names_old)" 0
  same "$(grep -ac '/run/user/995' "$database")" 0
  same "$(sql 'PRAGMA integrity_check; SELECT DISTINCT typeof(JSON) FROM ContainerConfig')" 'ok
blob'
  same "$(stat -c '%u:%g %a' "$database")" "$1:\${2-995} 644"
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

  it("costs no container where the primary gid was changed with it", async () => {
    drill(
      `# What podman does not do without a driver of the kernel's: ask whose its own folders are.
as drill podman system reset --force >/dev/null
sed -i 's/"vfs"/"overlay"/' /home/drill/.config/containers/storage.conf
add_image drill ${IMAGE}
${BEGIN}
as drill podman exec one sh -c 'busybox cp /bin/busybox /su; busybox chmod 6755 /su'
as drill podman exec one sh -c 'echo mine >/other; busybox chown 12:34 /other; busybox chmod 600 /other'
reboot
sed -i 's/^drill:x:995:995:/drill:x:850:850:/' /etc/passwd
sed -i 's/^drill:x:995:/drill:x:850:/' /etc/group
recover 0 recover.sh --cure
said 'giving drill (850) the files of uid 995 in /home/drill, and its group (850) those of gid 995'
all_back 850 850
same "$(find /home/drill -xdev -gid 995 | wc -l)" 0
same "$(as drill podman exec one busybox stat -c '%a %u:%g' /su /other)" '6755 0:0
600 12:34'
`,
      await files(),
      995,
    );
  }, 130_000);

  it("is cured with numbers of any length, after a transaction that was cut off, and when the cure is killed", async () => {
    drill(
      `${BEGIN}
# cut_off SQL: a transaction whose process is killed.
cut_off() {
  sqlite3 "$database" <<<"$1"$'\\n.shell kill -KILL $PPID' || true
  chown --reference="$database" "$database"-*
}
# A program in an image, and what is of no uid of the user.
install -o 995 -g 995 -m 4755 /dev/null "$storage/setuid"
install -o 4242 -g 4242 /dev/null /home/drill/other

# A hot rollback journal: what is in the file is not what counts.
change_uid 1850
cut_off "PRAGMA cache_size = 1; BEGIN EXCLUSIVE; UPDATE ContainerConfig SET JSON = CAST('junk' AS BLOB);
  CREATE TABLE junk (a); INSERT INTO junk SELECT randomblob(1000000) FROM ContainerConfig;"
test -s "$database-journal"
recover 0 recover.sh --cure
all_back 1850
same "$(stat -c '%u:%g %a' "$storage/setuid" /home/drill/other | paste -sd ' ')" '1850:995 4755 4242:4242 755'

# The other way round, with a write-ahead log; a cure that is killed is done by the next one.
as drill podman stop --time 0 --all >/dev/null
reboot
sed -i 's/^drill:x:1850:/drill:x:995:/' /etc/passwd
sqlite3 "$database" 'PRAGMA journal_mode = WAL' >/dev/null
cut_off 'UPDATE DBConfig SET ID = ID;'
test -s "$database-wal"
for at in 1 2 3 4 5 6 7 8; do
  setsid bash /sandbox/recover.sh --cure --only job >/dev/null 2>&1 &
  sleep "0.$at"
  kill -KILL -- "-$!" || true
  wait "$!" || true
  same "$(sql 'PRAGMA integrity_check; SELECT count(*) FROM ContainerConfig' | paste -sd ' ')" 'ok 4'
done
recover 0 recover.sh --cure
same "$(ids)" "$before"
same "$(running)" 'one three three-four two'
same "$(grep -ac '/run/user/1850/' "$database")" 0
same "$(stat -c '%u:%g %a' "$storage/setuid")" '995:995 4755'
`,
      await files(),
      995,
    );
  }, 130_000);

  it("is not cured while anything could use the database, and a cure that fails changes nothing", async () => {
    drill(
      `${BEGIN}
change_uid 850
chown -h 850 "$storage" "$database"
sum=$(sha256sum <"$database")
# untouched STATUS TEXT [OPTION...]: the cure ends with a status, says so, and the database is what it was.
untouched() {
  recover "$1" recover.sh --cure "\${@:3}"
  said "$2"
  same "$(sha256sum <"$database")" "$sum"
  same "$(ls "$storage" | grep -c before- || true)" 0
  same "$(stat -c '%u:%g %a' "$database")" '850:995 644'
}

# A process of the old uid, of the new one, of a container, and one of which that cannot be told.
for uid in 995 850 $(($(cut -d: -f2 /etc/subuid) + 33)); do
  setpriv --reuid "$uid" --clear-groups sleep 1000 &
  until [ "$(stat -c %u /proc/$!)" = "$uid" ] && [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.1; done
  untouched 1 "$! sleep"
  said 'processes of drill (uid 850, before 995) still run'
  kill "$!"
  wait "$!" || true
done
sleep 1000 &
mkdir /tmp/empty
mount --bind /tmp/empty "/proc/$!"
untouched 1 'it cannot be told whether processes of drill run'
umount "/proc/$!"
kill "$!"

# Who is not root can do nothing.
mkdir -p /run/user/850
chown drill /run/user/850
as drill bash /sandbox/recover.sh --cure >/sandbox/last 2>&1 && exit 1
said '--cure takes root'
as drill bash /sandbox/recover.sh >/sandbox/last 2>&1 && exit 1
said '/home/drill belongs to uid 995, but drill has uid 850'
said 'As root: recover.sh'

# Somebody else has the database.
mkfifo /tmp/hold
sqlite3 "$database" <>/tmp/hold >/tmp/held &
holder=$!
printf "BEGIN EXCLUSIVE;\\nSELECT 'held';\\n" >/tmp/hold
until grep -q held /tmp/held; do sleep 0.1; done
untouched 1 'database is locked'
kill "$holder"
wait "$holder" || true

# SQLite fails on the way, or leaves something: the copy is put back.
cat >/usr/local/bin/sqlite3 <<'END'
#!/bin/sh
sql=$(cat)
case $sql in
BEGIN*) eval "$(cat /tmp/then)" ;;
*) echo "$sql" | /usr/bin/sqlite3 "$@" ;;
esac
END
chmod +x /usr/local/bin/sqlite3
for then in 'exit 1' 'exit 0' "echo junk >'$database'; exit 1" \\
  'echo "$sql" | sed /^COMMIT/q | /usr/bin/sqlite3 "$@"; chmod 600 '"$database" \\
  'echo "$sql" | grep -v ^UPDATE | /usr/bin/sqlite3 "$@"'; do
  echo "$then" >/tmp/then
  untouched 1 'could not be replaced; the copy is put back'
done
rm /usr/local/bin/sqlite3

# Without SQLite: only if nothing was cut off, and by ids of one length.
mv /usr/bin/sqlite3 /usr/bin/sqlite3-away
touch "$database-journal"
untouched 1 'which SQLite has to end'
rm "$database-journal"
touch "$database-wal"
untouched 1 'Install sqlite3'
rm "$database-wal"
sed -i 's/^drill:x:850:/drill:x:1850:/' /etc/passwd
chown 1850 /run/user/850
mv /run/user/850 /run/user/1850
recover 1 recover.sh --cure
said 'without it, uids of one length alone can be exchanged'
sed -i 's/^drill:x:1850:/drill:x:850:/' /etc/passwd
chown -R --from=1850 850 /home/drill
recover 0 recover.sh --cure
mv /usr/bin/sqlite3-away /usr/bin/sqlite3
all_back 850
`,
      await files(),
      995,
    );
  }, 130_000);

  it.skipIf(podman4 === undefined)(
    "with a BoltDB of podman 4: it is migrated first, or where podman cannot, said what to do",
    async () => {
      const file = await files();
      drillAfter(
        podman4,
        `
recover 0 recover.sh
for name in one two three four; do echo "$name is precious" >/srv/$name/data; done
as drill podman exec one sh -c 'echo written >/inside'
ids >/sandbox/before
`,
        `
reboot
sed -i 's/^drill:x:850:/drill:x:995:/' /etc/passwd
storage=/home/drill/.local/share/containers/storage
data_is_there() {
  for at in one:18001 two:18002 three:18003 four:18004; do
    same "$(answers "127.0.0.1:\${at#*:}" data)" "\${at%:*} is precious"
  done
}
recover 1 recover.sh
said "podman's database names /run/user/850, but drill has uid 995"
same "$(ls "$storage/libpod/bolt_state.db")" "$storage/libpod/bolt_state.db"
if podman system migrate --help | grep -q -e --migrate-db; then
  recover 0 recover.sh --cure
  same "$(ids)" "$(cat /sandbox/before)"
  same "$(as drill podman exec one busybox cat /inside)" written
  same "$(grep -ac /run/user/850/ "$storage/db.sql")" 0
else
  recover 1 recover.sh --cure
  said 'this podman cannot migrate it'
  said 'recover.sh --cure --new-database'
  recover 0 recover.sh --cure --new-database
  ls "$storage"/libpod/bolt_state.db.before-* >/dev/null
fi
[ ! -e /run/user/850 ]
data_is_there
same "$(running)" 'one three three-four two'
`,
        file,
      );
    },
    240_000,
  );
});
