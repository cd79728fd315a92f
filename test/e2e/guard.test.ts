/**
 * The check before a switch, on the hosts of the incident: the emitted text as it is, with the real
 * /etc/passwd of a sandbox and the real databases of podman.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluateFile } from "../generate/support.ts";
import { writeFiles } from "../support/fleet.ts";
import { drillTree } from "../support/debian-tree.ts";
import { runInSandbox } from "../support/sandbox.ts";
import { lacks } from "../support/tools.ts";

/** The check of rift: its user is mcp, 850:850, and lives in /srv/mcp. */
function emittedCheck(): string {
  const module = resolve("test/golden/metacircular/expected/out/rift/users.nix");
  const file = join(
    writeFiles({ "evaluate.nix": `(import ${module} { }).system.preSwitchChecks\n` }),
    "evaluate.nix",
  );
  return (evaluateFile(file) as { "nixgen-mcp": string })["nixgen-mcp"];
}

const DUMP = readFileSync("test/fixtures/podman/db-5.4.2.sql", "utf8");

/** The dump with another text in one's place; podman keeps its containers' as bytes. */
function dumpWith(text: string, other: string): string {
  const hex = (text: string): string => Buffer.from(text).toString("hex");
  return DUMP.replaceAll(text, other).replaceAll(hex(text), hex(other));
}

const SETUP = `
# host UID: mcp is there with this uid.
host() {
  add_user mcp "$1"
  mv /home/mcp /srv/mcp
  sed -i 's|::/home/mcp:|::/srv/mcp:|' /etc/passwd
}

# usermod -u UID mcp, as it was run in the incident, and groupmod; then a reboot.
change_uid() {
  sed -i "s/^mcp:x:[0-9]*:[0-9]*:/mcp:x:$1:$1:/" /etc/passwd
  sed -i "s/^mcp:x:[0-9]*:/mcp:x:$1:/" /etc/group
  chown -R "$1:$1" /srv/mcp
  rm -r /run/user/*
  mkdir -m 700 "/run/user/$1"
  chown "$1:$1" "/run/user/$1"
}

# database DUMP: podman 5's, of a dump.
database() {
  local storage=/srv/mcp/.local/share/containers/storage
  mkdir -p "$storage"
  sqlite3 "$storage/db.sql" <"$1"
}

# switch: as NixOS runs the check, in a bash of its own; older releases without -e.
switch() {
  local status=0
  bash --norc -eu -o pipefail /sandbox/check /new/system switch || status=$?
  echo "status $status"
}
`;

const tree = await drillTree();
const missing = tree === undefined || lacks("nix-instantiate");

/** Prepares a host and switches it, once or more; what that says. */
function onHost(script: string): string {
  const { status, stdout, stderr } = runInSandbox(
    `exec 2>&1\n${SETUP}\n${script}`,
    {
      check: emittedCheck(),
      "recover.sh": readFileSync("out/rift/recover.sh", "utf8"),
      "db.dump": DUMP,
      "db-850.dump": dumpWith("/run/user/995", "/run/user/850"),
      "db-volume.dump": dumpWith("/srv/mcns", "/run/user/850/bus"),
    },
    { root: tree?.folder },
  );
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

describe.skipIf(missing)("a switch is let through", () => {
  it.each([
    ["on a fresh host", ""],
    ["where the user has its ids", "host 850"],
    ["where podman never made a container", "host 850; as mcp podman info >/dev/null"],
    ["with a database of podman 5 under the right uid", "host 850; database /sandbox/db-850.dump"],
  ])("%s", (_, host) => {
    expect(onHost(`${host}\nswitch`)).toBe("status 0\n");
  });
});

describe.skipIf(missing)("a switch is refused", () => {
  it("on orion: the pinned uid is sshd's, the user is new", () => {
    const said = onHost("echo sshd:x:850:992::/var/empty:/bin/false >>/etc/passwd; switch");
    expect(said).toContain("nixgen: uid 850 belongs to sshd on this host");
    expect(said).toContain("status 1\n");
  });

  it("where another group has the gid", () => {
    const said = onHost("echo docker:x:850: >>/etc/group; switch");
    expect(said).toContain("nixgen: gid 850 belongs to group docker on this host");
    expect(said).toContain("status 1\n");
  });

  it("on rift: the user has another uid, which NixOS would not change", () => {
    const said = onHost("host 995; switch");
    expect(said).toContain(
      "nixgen: user mcp has uid 995 on this host, the configuration pins 850.",
    );
    expect(said).toContain("status 1\n");
  });

  it("on rift after usermod, until recover.sh --cure has corrected podman's database; a link is no way around it", () => {
    const said = onHost(`
host 995
add_image mcp localhost/mcns:v1
as mcp podman create --quiet --name old localhost/mcns:v1 sh >/dev/null
change_uid 850
switch
ln -s 850 /run/user/995
switch
rm /run/user/995
bash /sandbox/recover.sh --cure --only mcns >/sandbox/last 2>&1 || true
switch
as mcp podman ps --all --format '{{.Names}} is back' --filter name=old
`);
    expect(said).toMatch(/status 1\n(.*\n)*status 1\nstatus 0\nold is back\n$/);
    expect(said).toMatch(
      /nixgen: podman's database \/srv\/mcp\/\S+ names \/run\/user\/995, the configuration pins uid 850\..* bash \/new\/system\/etc\/nixgen\/recover.sh --cure\n/,
    );
  });

  it("the same with a database of podman 5", () => {
    const said = onHost("host 850; database /sandbox/db.dump; switch");
    expect(said).toContain("storage/db.sql names /run/user/995, the configuration pins uid 850");
    expect(said).toContain("status 1\n");
  });

  it("where only a volume of a container names the right directory", () => {
    const said = onHost("host 850; database /sandbox/db-volume.dump; switch");
    expect(said).toContain("storage/db.sql names /run/user/995");
    expect(said).toContain("status 1\n");
  });
});
