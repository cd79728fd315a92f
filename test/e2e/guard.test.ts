/**
 * The check of a host's identity, on the hosts of the incident and on those where a home, a primary gid, a
 * name or a range was changed: the emitted script as it is, the tables of a sandbox, and real podman with
 * data that must still be there.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadFleet } from "../../src/fleet/load.ts";
import { hostCheckScript } from "../../src/generate/host-check.ts";
import type { HostPlan, UserPlan } from "../../src/plan/plan.ts";
import { drillTree } from "../support/debian-tree.ts";
import { planFleet, wholeText } from "../support/plan.ts";
import { runInSandbox } from "../support/sandbox.ts";

const { fleet } = await loadFleet("examples/metacircular/nixgen.toml");
const [rift] = fleet === undefined ? [] : planFleet(fleet).filter(({ host }) => host === "rift");

/** The script of rift, where something of its user is pinned to another value: mcp, 850:850, in /srv/mcp. */
function check(user: Partial<UserPlan> = {}): string {
  if (rift === undefined) throw new Error("no host");
  const plan: HostPlan = { ...rift, directories: ["/srv/data"] };
  return wholeText(hostCheckScript({ ...plan, user: { ...plan.user, ...user } }));
}

const DUMP = readFileSync("test/fixtures/podman/db-5.4.2.sql", "utf8");

/** The dump with another text in one's place; podman keeps its containers' as bytes. */
function dumpWith(text: string, other: string): string {
  const hex = (text: string): string => Buffer.from(text).toString("hex");
  return DUMP.replaceAll(text, other).replaceAll(hex(text), hex(other));
}

const SETUP = `
storage=/srv/mcp/.local/share/containers/storage

# host UID: mcp is there with this uid, and all else as its definition says.
host() {
  add_user mcp "$1"
  mv /home/mcp /srv/mcp
  sed -i 's|::/home/mcp:|::/srv/mcp:|' /etc/passwd
  echo mcp:100000:65536 | tee /etc/subuid >/etc/subgid
  printf '%s\\n' '[storage]' 'driver = "overlay"' >/srv/mcp/.config/containers/storage.conf
}

# end_all [UID]: everything of the user ends, as before a reboot, which makes its directory of run time again.
end_all() {
  as "$(id -nu 850)" sh -c 'kill -KILL -1' 2>/dev/null || true
  while pgrep --uid 850 >/dev/null; do sleep 0.1; done
  rm -rf /run/user/*
  install -d -m 700 -o "\${1-850}" -g "$(id -g mcp)" "/run/user/\${1-850}"
}

# usermod -u UID mcp, as it was run in the incident, and groupmod; then a reboot.
change_uid() {
  sed -i "s/^mcp:x:[0-9]*:[0-9]*:/mcp:x:$1:$1:/" /etc/passwd
  sed -i "s/^mcp:x:[0-9]*:/mcp:x:$1:/" /etc/group
  chown -R "$1:$1" /srv/mcp
  rm -r /run/user/*
  install -d -m 700 -o "$1" -g "$1" "/run/user/$1"
}

# database DUMP: podman 5's, of a dump.
database() {
  mkdir -p "$storage/libpod"
  [ $# = 0 ] || sqlite3 "$storage/db.sql" <"$1"
  chown -R 850:850 /srv/mcp
}

# switch [CHECK]: as NixOS runs the check before a switch, older releases without errexit, newer ones with it.
# Prints what is said, and the status.
switch() {
  local check=\${1-check} status=0 other=0
  bash --norc -eu -o pipefail -c "if ! ( bash /sandbox/$check switch \\"\\$@\\" ) >&2; then exit 1; fi" - /new/system switch 2>/tmp/older || status=$?
  bash --norc -eu -o pipefail -c "set +e; ( set -e; bash /sandbox/$check switch \\"\\$@\\" ) >&2; exit \\$?" - /new/system switch 2>/tmp/newer || other=$?
  cmp /tmp/older /tmp/newer
  [ "$status" = "$other" ]
  cat /tmp/newer
  echo "switch $status"
}

# to_podman VERSION HOW: a switch to a system that has another podman.
to_podman() {
  local status=0
  PODMAN_VERSION=$1 bash /sandbox/check switch /new/system "$2" || status=$?
  echo "$2 to $1: $status"
}

# start [CHECK]: as a container's unit runs it.
start() {
  local status=0
  env -i PATH=/usr/bin bash "/sandbox/\${1-check}" start || status=$?
  echo "start $status"
}

# A container that has data of root and of another user, in a volume and in a folder of the host.
data() {
  mkdir -p /srv/data
  chown 850:850 /srv/data
  add_image mcp localhost/data:v1
  as mcp podman create --quiet --name data --volume kept:/kept --volume /srv/data:/data localhost/data:v1 \\
    sh -c 'cat /kept/other /kept/root /data/other /data/root' >/dev/null
  as mcp podman run --rm --volume kept:/kept --volume /srv/data:/data localhost/data:v1 \\
    sh -c 'mkdir /tmp; cd /kept; echo "root has this" >root; chmod 600 root; echo "70 has this" >other; chmod 600 other; chown 70:70 other; cp -p root other /data'
}

# What the container finds there.
read_data() {
  as mcp podman start --attach data 2>/tmp/why || sed -n 's/.*: /why: /p' /tmp/why | tail -n 1
}
`;

const HOSTS = {
  check: check(),
  "check-home": check({ home: "/srv/pods", storage: "/srv/pods/.local/share/containers/storage" }),
  "check-gid": check({ group: "users", gid: 100 }),
  "check-name": check({ name: "pods", group: "pods" }),
  "check-range": check({ subIds: { start: 1879048192, count: 65536 } }),
  "recover.sh": readFileSync("out/rift/recover.sh", "utf8"),
  "db.dump": DUMP,
  "db-850.dump": dumpWith("/run/user/995", "/run/user/850"),
  "db-volume.dump": dumpWith("/srv/mcns", "/run/user/850/bus"),
};

const tree = await drillTree();
const missing = tree === undefined;

/** Prepares a host and looks at it, once or more; what that says. */
function onHost(script: string): string {
  const { status, stdout, stderr } = runInSandbox(`exec 2>&1\n${SETUP}\n${script}`, HOSTS, {
    root: tree?.folder,
  });
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

describe.skipIf(missing)("a switch is let through", () => {
  it.each([
    ["on a fresh host", ""],
    ["without /etc/passwd and /etc/group", "rm /etc/passwd /etc/group"],
    ["where the user has its ids", "host 850"],
    ["where podman never made a container", "host 850; as mcp podman info >/dev/null"],
    ["with a database of podman 5 under the right uid", "host 850; database /sandbox/db-850.dump"],
  ])("%s", (_, host) => {
    expect(onHost(`${host}\nswitch`)).toBe("switch 0\n");
  });
});

describe.skipIf(missing)("a switch is refused", () => {
  it("on orion: the pinned uid is sshd's, the user is new", () => {
    const said = onHost("echo sshd:x:850:992::/var/empty:/bin/false >>/etc/passwd; switch");
    expect(said).toContain("nixgen: uid 850 belongs to sshd on rift");
    expect(said).toContain("switch 1\n");
  });

  it("where another group has the gid", () => {
    const said = onHost("echo docker:x:850: >>/etc/group; switch");
    expect(said).toContain("nixgen: gid 850 belongs to group docker on rift");
    expect(said).toContain("switch 1\n");
  });

  it("on rift: the user has another uid, which NixOS would not change", () => {
    const said = onHost("host 995; switch");
    expect(said).toContain("nixgen: user mcp has uid 995 on rift, the configuration pins 850");
    expect(said).toContain("user = { uid = 995 } in the node rift of nixgen.toml");
    expect(said).toContain("switch 1\n");
  });

  it("on rift after usermod, until recover.sh --cure has corrected podman's database; a link is no way around it", () => {
    const said = onHost(`
host 995
add_image mcp localhost/mcns:v1
as mcp podman create --quiet --name old localhost/mcns:v1 sh >/dev/null
change_uid 850
switch
start
ln -s 850 /run/user/995
switch
start
rm /run/user/995
hostname rift
bash /sandbox/recover.sh --cure --only mcns >/sandbox/last 2>&1 || true
switch
start
as mcp podman ps --all --format '{{.Names}} is back' --filter name=old
`);
    expect(said).toMatch(
      /nixgen: podman's database \/srv\/mcp\/\S+ on rift names \/run\/user\/995, the configuration pins uid 850: /,
    );
    expect(said).toContain("bash /etc/nixgen/recover.sh --cure");
    // With the link a container without a network of its own starts: it is said, and let through.
    expect(said).toMatch(
      /switch 1\n(.*\n)*start 1\n(.*\n)*switch 1\n(.*\n)*start 0\nswitch 0\nstart 0\nold is back\n$/,
    );
  });

  it("the same with a database of podman 5, and the recover.sh of the new system is named", () => {
    const said = onHost(`
host 850
database /sandbox/db.dump
mkdir -p /new/system/etc/nixgen
touch /new/system/etc/nixgen/recover.sh
switch
`);
    expect(said).toContain("storage/db.sql on rift names /run/user/995");
    expect(said).toContain("bash /new/system/etc/nixgen/recover.sh --cure");
    expect(said).toContain("switch 1\n");
  });

  it("where only a volume of a container names the right directory", () => {
    const said = onHost("host 850; database /sandbox/db-volume.dump; switch");
    expect(said).toContain("storage/db.sql on rift names /run/user/995");
    expect(said).toContain("switch 1\n");
  });

  it("to podman 6 without a reboot where a BoltDB is, with which it fails", () => {
    const said = onHost(`
host 850
as mcp podman ps --all --noheading
bolt=$storage/libpod/bolt_state.db
as mcp mkdir -p "$storage/libpod"
as mcp touch "$bolt"
to_podman 6.1.1 switch
to_podman 6.1.1 test
to_podman 6.1.1 boot
to_podman 5.8.6 switch
to_podman '' switch
here=$(as mcp podman --version | sed 's/[^0-9]*//')
if ! to_podman "$here" switch >/dev/null 2>&1; then
  as mcp podman ps >/dev/null 2>&1 && echo 'podman works'
fi
rm "$bolt"
to_podman 6.1.1 switch
`);
    expect(said).toMatch(
      /^nixgen: there is a database of podman 4 on rift, \S+\/bolt_state\.db: podman 6\.1\.1 would not work before a reboot\nnixgen: {3}Switch with a reboot: nixos-rebuild boot && reboot\./,
    );
    expect(said.match(/^[a-z]+ to .*$/gm)).toEqual([
      ...["switch to 6.1.1: 1", "test to 6.1.1: 1", "boot to 6.1.1: 0"],
      ...["switch to 5.8.6: 0", "switch to : 0", "switch to 6.1.1: 0"],
    ]);
    expect(said).not.toContain("podman works");
  });

  it("where the database is still the old uid's", () => {
    const said = onHost(
      "host 850; database /sandbox/db.dump; chown 995:995 $storage/db.sql; switch",
    );
    expect(said).toContain("storage/db.sql on rift belongs to uid 995, and mcp has uid 850");
    expect(said).toContain("switch 1\n");
  });
});

describe.skipIf(missing)("whatever the user puts in the place of podman's database", () => {
  it.each([
    ["a pipe", "mkfifo $storage/db.sql", ""],
    ["a folder", "mkdir $storage/db.sql", ""],
    ["a link to a device without an end", "ln -s /dev/zero $storage/db.sql", ""],
    ["a link to nothing", "ln -s nowhere $storage/db.sql", ""],
    ["a link in a circle", "ln -s db.sql $storage/db.sql", ""],
    ["a file of a terabyte", "truncate -s 1T $storage/db.sql", ""],
    ["one that the user cannot read", "cp /sandbox/db.dump $storage/db.sql; chmod 000 $storage/db.sql", ""],
    ["60 MB of one", "{ head -c 60M /dev/zero; echo /run/user/995/libpod/tmp; } >$storage/db.sql", "names /run/user/995"],
    // It is root's alone: what it says is not told.
    ["a link to a secret", "echo /run/user/31337/libpod >/var/secret; ln -s /var/secret $storage/db.sql", "belongs to uid 0"],
  ])("%s: the check ends", (_, put, words) => {
    const said = onHost(`host 850; database; ${put}; chown --no-dereference 850:850 $storage/* || true; switch; start`);
    expect(said).not.toContain("31337");
    if (words === "") expect(said).toBe("switch 0\nstart 0\n");
    else expect(said).toMatch(new RegExp(`${words}(.*\\n)*switch 1\\n(.*\\n)*start 1\\n`));
  }); // prettier-ignore

  it("without the programs that read it, that is said, and nobody is kept out", () => {
    const said = onHost(`
host 850
database /sandbox/db.dump
mkdir /none
for program in bash mkdir mv stat; do ln -s "$(command -v "$program")" /none; done
sed 's|^PATH=.*|PATH=/none|' /sandbox/check >/tmp/check
/none/bash /tmp/check switch && echo through
`);
    expect(said).toContain(
      "nixgen: setpriv is missing on rift: /srv/mcp/.local/share/containers/storage/db.sql was not looked at",
    );
    expect(said).toContain("through\n");
  });
});

const DATA = "70 has this\nroot has this\n70 has this\nroot has this\n";

describe.skipIf(missing)("what NixOS would change without a word", () => {
  /** Of a running host: refused before a switch, and then changed all the same. */
  const forced = (what: string, change: string): string => `
host 850
data
read_data
start
switch check-${what}
end_all
${change}
`;

  it("a home: nothing begins with nothing, and the old value brings all back", () => {
    const said = onHost(`
${forced("home", "sed -i 's|:/srv/mcp:|:/srv/pods:|' /etc/passwd; cp -a /srv/mcp/.config /srv/pods 2>/dev/null || install -d -o 850 -g 850 /srv/pods")}
echo forced
start check-home
# NixOS's own scripts still call podman, which then has a database there.
as mcp podman ps --all --noheading
start check-home
end_all
sed -i 's|:/srv/pods:|:/srv/mcp:|' /etc/passwd
echo back
switch
start
read_data
`);
    expect(said).toMatch(
      new RegExp(
        `^${DATA}start 0\nnixgen: user mcp has the home /srv/mcp on rift, the configuration pins /srv/pods(.*\n)+` +
          `switch 1\nforced\n` +
          `nixgen: podman's images, volumes and containers are in /srv/mcp/\\S+ on rift(.*\n)+start 1\n(.*\n)+start 1\n` +
          `back\nswitch 0\nstart 0\n${DATA}$`,
      ),
    );
  });

  it("a primary gid: containers that exist do not start, and the old value brings them back", () => {
    const said = onHost(`
${forced("gid", "sed -i 's/^mcp:x:850:850:/mcp:x:850:100:/' /etc/passwd; end_all")}
echo forced
start check-gid
echo again
start check-gid
read_data
sed -i 's/^mcp:x:850:100:/mcp:x:850:850:/' /etc/passwd
end_all
echo back
switch
start
read_data
`);
    expect(said).toMatch(
      new RegExp(
        `nixgen: user mcp has the primary gid 850 \\(mcp\\) on rift, the configuration pins 100 \\(users\\)(.*\n)+` +
          `switch 1\nforced\nnixgen: \\S+ on rift belongs to gid 850, which was the primary gid of mcp; now it is 100(.*\n)+` +
          `start 0\nagain\nnixgen: \\S+ on rift belongs to gid 850(.*\n)+start 0\nwhy: permission denied\nback\nswitch 0\nstart 0\n${DATA}$`,
      ),
    );
  });

  it("a name: as NixOS does it, all is there under the new one", () => {
    const said = onHost(`
${forced("name", "sed -i 's/^mcp:/pods:/' /etc/passwd /etc/group /etc/subuid /etc/subgid")}
echo forced
switch check-name
start check-name
as() { shift; env -i PATH="$PATH" HOME=/srv/mcp USER=pods XDG_RUNTIME_DIR=/run/user/850 setpriv --reuid 850 --regid 850 --clear-groups sh -c 'cd /; exec "$@"' - "$@"; }
read_data
`);
    expect(said).toMatch(
      new RegExp(
        `nixgen: uid 850 belongs to user mcp on rift, whose name the configuration changes to pods(.*\n)+` +
          `switch 1\nforced\nswitch 0\nstart 0\n${DATA}$`,
      ),
    );
  });

  it("a name, uid and home at once: the old place is remembered", () => {
    const said = onHost(`
host 850
data
start
sed -i '/^mcp:/d' /etc/passwd /etc/group /etc/subuid /etc/subgid
sed 's/^POD_UID=.*/POD_UID=851/; s/^POD_GID=.*/POD_GID=851/' /sandbox/check-home >/sandbox/check-other
sed -i 's/^POD_USER=.*/POD_USER=pods/; s/^POD_GROUP=.*/POD_GROUP=pods/' /sandbox/check-other
switch check-other
`);
    expect(said).toMatch(
      /nixgen: podman's images, volumes and containers are in \/srv\/mcp\/\S+ on rift \(user mcp\)(.*\n)+switch 1\n$/,
    );
  });

  it("a range: what belongs to the old one is nobody's, so nothing starts until the old value is back", () => {
    const said = onHost(`
${forced("range", "echo mcp:1879048192:65536 | tee /etc/subuid >/etc/subgid; end_all")}
echo forced
start check-range
echo mcp:100000:65536 | tee /etc/subuid >/etc/subgid
echo back
switch
start
read_data
`);
    expect(said).toMatch(
      new RegExp(
        `nixgen: mcp has the range 100000:65536 in /etc/subuid on rift, the configuration pins 1879048192:65536(.*\n)+` +
          `switch 1\nforced\nnixgen: \\S+ on rift belongs to a uid of the range 100000:65536, which mcp had; now it has 1879048192:65536(.*\n)+` +
          `start 1\nback\nswitch 0\nstart 0\n${DATA}$`,
      ),
    );
  });

  it("a range: once all files have ids of the new one, it is let through", () => {
    const said = onHost(`
host 850
data
start
end_all
find /srv/data /srv/mcp -uid 100069 -exec chown --no-dereference 1879048261:1879048261 {} +
switch check-range
echo mcp:1879048192:65536 | tee /etc/subuid >/etc/subgid
start check-range
read_data
`);
    expect(said).toMatch(new RegExp(`switch 0\nstart 0\n${DATA}$`));
  });
});
