/** What is done to the identity of the containers' user as nixgen says, with real rootless podman. */
import { describe, expect, it } from "vitest";
import { subIdsText } from "../../src/fleet/lock.ts";
import { DEFAULT_SUB_IDS } from "../../src/fleet/sub-ids.ts";
import { runCli } from "../support/cli.ts";
import { type Files, writeFiles } from "../support/fleet.ts";
import { checkOf, drill, fleetFiles, IMAGE, recoverOf, type Stage, tree, web } from "./recovery.ts";

/** Containers on the default network and on one of their own, one with a named volume. */
const STAGES: readonly Stage[] = [
  { name: "foundation", services: { one: [web("one", 18001)] } },
  {
    name: "core",
    services: {
      two: [web("two", 18002, { network: "alone", volumes: ["/srv/two:/data", "keep:/keep"] })],
    },
  },
];

const LOCK = `version = 2
[identities.box]
name = "drill"
uid = 850
group = "drill"
gid = 850
home = "/home/drill"
sub_ids = "${subIdsText(DEFAULT_SUB_IDS)}"
`;

/** The fleet with one line of its [user] changed, and its lock. */
function changed(line: string, other: string): Files {
  const files = fleetFiles(STAGES);
  const inventory = String(files["nixgen.toml"]);
  expect(inventory).toContain(line);
  return { ...files, "nixgen.toml": inventory.replace(line, other), "nixgen.lock": LOCK };
}

/** The commands that `nixgen lock accept` prints, but for those of systemd, which the sandbox does not have. */
async function stepsOf(files: Files, kind: string): Promise<string> {
  const user = /^name = "(\w+)"\nuid/m.exec(String(files["nixgen.toml"]))?.[1] ?? "";
  const argv = ["lock", "accept", kind, `${user}@box`, "--reason", "a drill"];
  const { status, stdout, stderr } = await runCli(writeFiles(files), argv);
  expect(status, stderr).toBe(0);
  const commands = stdout
    .split("\n")
    .filter((line) => line.startsWith("  ") && !/^ *(?:systemctl|loginctl) /.test(line));
  return `set -e\n${commands.join("\n")}\n`;
}

/** What each drill begins with: containers with data in all places, which then run no more. */
const BEGIN = `
recover 0 recover.sh
for name in one two; do
  echo "$name is precious" >/srv/$name/data
  as drill podman exec $name sh -c 'echo written >/inside; busybox cp /bin/busybox /su; busybox chmod 4755 /su'
done
as drill podman exec two sh -c 'echo kept >/keep/file'
before=$(ids)
check 0 check.sh start
all_back() {
  local at
  same "$(ids)" "$before"
  same "$(running)" 'one two'
  for at in one:18001 two:18002; do
    same "$(answers "127.0.0.1:\${at#*:}" data)" "\${at%:*} is precious"
    same "$(as drill podman exec \${at%:*} busybox cat /inside)" written
    same "$(as drill podman exec \${at%:*} busybox stat -c '%a %u %g' /su)" '4755 0 0'
  done
  same "$(as drill podman exec two busybox cat /keep/file)" kept
}
`;

describe.skipIf(tree === undefined)("an identity", () => {
  it("whose home moves as lock accept says keeps every container", async () => {
    const files = changed('home = "/home/drill"', 'home = "/home/moved/drill"');
    drill(
      `${BEGIN}
reboot 850
# NixOS only writes the new home: nothing is there.
sed -i 's#:/home/drill:#:/home/moved/drill:#' /etc/passwd
check 1 check-moved.sh start
said "podman's images, volumes and containers are in /home/drill/.local/share/containers/storage on box"
mkdir -p /home/moved/drill
cp -r /home/drill/.config /home/moved/drill/
chown -R 850:850 /home/moved/drill
same "$(ids)" ''
check 1 check-moved.sh start
rm -r /home/moved/drill

# Moved without the link, every call fails, and recover.sh says what is missing.
mv /home/drill /home/moved/drill
recover 1 recover-moved.sh
said 'The home of drill was /home/drill. If it was moved, put a link there: ln -sT /home/moved/drill /home/drill'
mv /home/moved/drill /home/drill && rmdir /home/moved
sed -i 's#:/home/moved/drill:#:/home/drill:#' /etc/passwd
reboot 850

check 0 check.sh switch
check 1 check-moved.sh switch
said 'user drill has the home /home/drill on box, the configuration pins /home/moved/drill'
said 'Keep it: user = { home = "/home/drill" } in the node box of nixgen.toml.'
said 'Or move it: nixgen lock accept home drill@box --reason'
bash /sandbox/steps.sh
check 0 check-moved.sh switch
recover 0 recover-moved.sh
all_back
sed -i 's#:/home/drill:#:/home/moved/drill:#' /etc/passwd
check 0 check-moved.sh start
same "$(cat /sandbox/last)" ''
`,
      {
        "recover.sh": await recoverOf(fleetFiles(STAGES)),
        "check.sh": await checkOf(fleetFiles(STAGES)),
        "recover-moved.sh": await recoverOf(files),
        "check-moved.sh": await checkOf(files),
        "steps.sh": await stepsOf(files, "home"),
      },
    );
  }, 130_000);

  it("whose primary group becomes users as lock accept says keeps every container", async () => {
    const files = changed("uid = 850", 'uid = 850\ngroup = "users"');
    drill(
      `${BEGIN}
reboot 850
grep -q ^users: /etc/group || echo users:x:100: >>/etc/group
check 1 check-users.sh switch
said 'user drill has the primary gid 850 (drill) on box, the configuration pins 100 (users)'
said 'Keep it: user = { gid = 850 } in the node box of nixgen.toml.'
bash /sandbox/steps.sh
same "$(id -g drill)" 100
check 0 check-users.sh switch
check 0 check-users.sh start
same "$(cat /sandbox/last)" ''
chown 850:100 /run/user/850
recover 0 recover-users.sh
all_back
same "$(find /home/drill -gid 850 | wc -l)" 0
`,
      {
        "recover.sh": await recoverOf(fleetFiles(STAGES)),
        "check.sh": await checkOf(fleetFiles(STAGES)),
        "recover-users.sh": await recoverOf(files),
        "check-users.sh": await checkOf(files),
        "steps.sh": await stepsOf(files, "gid"),
      },
    );
  }, 130_000);

  it("whose primary gid was changed by hand loses nothing: recover.sh says which it was", async () => {
    drill(
      `# What podman does not do without a driver of the kernel's: ask whose its own folders are.
as drill podman system reset --force >/dev/null
sed -i 's/"vfs"/"overlay"/' /home/drill/.config/containers/storage.conf
add_image drill ${IMAGE}
${BEGIN}
reboot
sed -i 's/^drill:x:850:850:/drill:x:850:100:/' /etc/passwd
install -d -m 700 -o 850 -g 100 /run/user/850
# As on a host where no unit has run yet.
rm /var/lib/nixgen/identity
recover 1 recover.sh
said 'one does not start:'
said '=> /home/drill/.local/share/containers/storage belongs to gid 850, and the primary gid of drill is 100 now. No container is lost.'
said 'Give it back: switch box to this configuration, and reboot.'
check 0 check.sh switch
reboot 850
sed -i 's/^drill:x:850:100:/drill:x:850:850:/' /etc/passwd
recover 0 recover.sh
all_back
`,
      {
        "recover.sh": await recoverOf(fleetFiles(STAGES)),
        "check.sh": await checkOf(fleetFiles(STAGES)),
      },
    );
  }, 130_000);

  it("that is renamed as lock accept says keeps every container", async () => {
    const files = changed('name = "drill"\nuid', 'name = "pods"\nuid');
    drill(
      `${BEGIN}
reboot 850
check 1 check-renamed.sh switch
said 'uid 850 belongs to user drill on box, whose name the configuration changes to pods'
said 'Keep it: name = "drill" in [user] of nixgen.toml.'
bash /sandbox/steps.sh
check 0 check-renamed.sh switch
sed -i s/^drill:/pods:/ /etc/subuid /etc/subgid
check 0 check-renamed.sh start
same "$(cat /sandbox/last)" ''
eval "as_named() $(declare -f as | tail -n +2)"
as() { as_named "\${1/#drill/pods}" "\${@:2}"; }
recover 0 recover-renamed.sh
all_back
`,
      {
        "recover.sh": await recoverOf(fleetFiles(STAGES)),
        "check.sh": await checkOf(fleetFiles(STAGES)),
        "recover-renamed.sh": await recoverOf(files),
        "check-renamed.sh": await checkOf(files),
        "steps.sh": await stepsOf(files, "name"),
      },
    );
  }, 130_000);

  it("keeps every container when recover.sh brings podman's state out of /tmp", async () => {
    drill(
      `
rm -r /run/user/850 /home/drill/.local
# podman's first call, without a session.
(cd / && setpriv --reuid=850 --regid=850 --clear-groups env -i PATH="$PATH" HOME=/home/drill USER=drill podman info >/dev/null)
install -d -m 700 -o 850 -g 850 /run/user/850
add_image drill localhost/drill:v1
${BEGIN}
same "$(as drill podman info --format '{{.Store.RunRoot}}')" /tmp/storage-run-850/containers
recover 0 recover.sh
said 'podman keeps its state in /tmp/storage-run-850'
said 'No container is lost. As root: recover.sh --cure'
recover 1 recover.sh --cure
said 'processes of drill (uid 850) still run'
reboot 850
recover 0 recover.sh --cure
same "$(as drill podman info --format '{{.Store.RunRoot}}')" /run/user/850/containers
all_back
recover 0 recover.sh
! grep -F /tmp/storage-run /sandbox/last
reboot 850
recover 0 recover.sh
all_back
[ ! -e /tmp/storage-run-850 ]
`,
      {
        "recover.sh": await recoverOf(fleetFiles(STAGES)),
        "check.sh": await checkOf(fleetFiles(STAGES)),
      },
    );
  }, 130_000);
});
