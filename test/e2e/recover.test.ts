/** recover.sh, with real rootless podman: the drills of what it is for. */
import { describe, it } from "vitest";
import { createNetwork } from "../../src/generate/podman.ts";
import { type Files, loadFiles } from "../support/fleet.ts";
import { planFleet } from "../support/plan.ts";
import {
  drill,
  fleetFiles,
  IMAGE,
  recoverOf,
  type Stage,
  THREE_STAGES,
  web,
  tree,
} from "./recovery.ts";

describe.skipIf(tree === undefined)("recover.sh", () => {
  it("makes everything again after the database was lost, and the data is what it was", async () => {
    drill(
      `
recover 0 recover.sh
same "$(running)" 'one three two two-job'
for name in one two three; do echo "$name is precious" >/srv/$name/data; done
before=$(ids)
as drill podman stop --time 0 --all >/dev/null
reboot
remove_database
recover 0 recover.sh
said 'podman has forgotten the container'
same "$(grep -oE '^.{11}(one|two|two-job|three): podman run --replace' /sandbox/last | cut -c12- | cut -d: -f1 | paste -sd ' ')" \
  'one two two-job three'
for at in one:18001 two:18002 three:18003; do
  same "$(answers "127.0.0.1:\${at#*:}" data)" "\${at%:*} is precious"
done
[ "$(ids)" != "$before" ]

# Once more: nothing is touched.
started=$(containers)
recover 0 recover.sh
same "$(containers)" "$started"
same "$(grep -c ' running  nothing  yes ' /sandbox/last)" 4
`,
      { "recover.sh": await recoverOf(fleetFiles(THREE_STAGES)) },
    );
  }, 130_000);

  it("stops at a stage that blocks, and passes one that does not", async () => {
    const broken = {
      cmd: ["sh", "-c", "echo no licence >&2; exit 3"],
      ports: ["127.0.0.1:18009:80"],
    };
    const stages: readonly Stage[] = [
      { name: "first", services: { fine: [web("fine", 18001)] } },
      {
        name: "second",
        timeout: "2s",
        onFailure: "proceed",
        services: { shaky: [web("shaky", 18009, broken), web("sound", 18002)] },
      },
      {
        name: "third",
        timeout: "2s",
        services: { lost: [web("lost", 18003, { image: "localhost/nowhere:v1", pull: "never" })] },
      },
      { name: "fourth", services: { last: [web("last", 18004)] } },
    ];
    drill(
      `
recover 1 recover.sh
said 'shaky was not healthy within 2 s: not yet "listens on port 80"'
said '| no licence'
said 'image localhost/nowhere:v1: image not known'
said 'podman save --output image.tar localhost/nowhere:v1'
said 'stage fourth: not tried, for stage third failed and is to block'
said 'recover.sh --from-stage fourth'
same "$(sed -n '/^STAGE/,/^\\[/p' /sandbox/last | sed 's/  */ /g; s/ [0-9.]*$//' | grep -v '^\\[')" \
'STAGE CONTAINER BEFORE DONE HEALTHY SECONDS
first fine missing made yes
second shaky missing made no
second shaky-sound missing made yes
third lost missing failed no -
fourth last - not tried - -'
# The image is brought; what was not tried is.
as drill podman tag ${IMAGE} localhost/nowhere:v1
recover 0 recover.sh --from-stage third
said 'third   lost       missing  made  yes'
recover 0 recover.sh --only last shaky/sound
recover 1 recover.sh --status
said 'shaky'
recover 2 recover.sh --only lots
said 'there is no service, component or container lots on box; there are: fine shaky shaky-sound lost last'
recover 2 recover.sh --from-stage fifth
recover 2 recover.sh --verbose
recover 0 recover.sh --help
`,
      { "recover.sh": await recoverOf(fleetFiles(stages)) },
    );
  }, 130_000);

  it("keeps containers in the network of the one that they share, when that is started or made again", async () => {
    // A first process that ends when it is told to.
    const client = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"];
    const files = (image: string): Files =>
      fleetFiles([
        {
          name: "only",
          services: {
            // In the order of their names the first would start first.
            a: [{ name: "client", network: "container:vpn", cmd: client }],
            vpn: [web("vpn", 18001, { image })],
          },
        },
      ]);
    drill(
      `
net() { as drill readlink "/proc/$(as drill podman inspect --format '{{.State.Pid}}' "$1")/ns/net"; }
recover 0 old.sh
same "$(net a-client)" "$(net vpn)"
before=$(containers)
recover 0 old.sh
same "$(containers)" "$before"

# By hand: podman says that both run.
as drill podman stop --time 0 vpn >/dev/null
# pasta holds the port for a moment.
until as drill podman start vpn >/dev/null 2>&1; do sleep 0.2; done
[ "$(net a-client)" != "$(net vpn)" ]
recover 1 old.sh --status
said 'a-client   cut-off'
before=$(ids)
recover 0 old.sh
said 'a-client: the container whose network it has ended, or was started again: podman stop'
same "$(net a-client)" "$(net vpn)"
same "$(ids)" "$before"

as drill podman stop --time 0 vpn >/dev/null
recover 0 old.sh
same "$(net a-client)" "$(net vpn)"

# Made again, it is another container.
as drill podman tag ${IMAGE} localhost/drill:v2
recover 0 new.sh --replace
said 'a-client: does not run, and is not as defined; it is made anew'
same "$(net a-client)" "$(net vpn)"
same "$(running)" 'a-client vpn'
recover 0 new.sh
said 'a-client   running  nothing'
`,
      {
        "old.sh": await recoverOf(files(IMAGE)),
        "new.sh": await recoverOf(files("localhost/drill:v2")),
      },
    );
  }, 130_000);

  it("makes networks with their options, and again only without containers", async () => {
    const files = (options: string): Files => {
      const { "services/one.toml": text = "", ...rest } = fleetFiles([
        {
          name: "only",
          services: { one: [web("one", 18001, { networks: ["back:alias=db,ip=10.89.7.5"] })] },
        },
      ]);
      const network = `[[networks]]\nname = "back"\n${options}\n`;
      return {
        ...rest,
        "services/one.toml": String(text).replace("[[components]]", `${network}$&`),
      };
    };
    const [before, after] = [
      files('subnets = ["10.89.7.0/24"]\nisolate = false'),
      files('subnets = ["10.89.7.0/24"]\ninternal = true\noptions = { mtu = "1400" }'),
    ];
    const [plan] = planFleet(await loadFiles(after));
    drill(
      `
has() { as drill podman network inspect --format "$1" back; }
recover 0 old.sh
same "$(has '{{.Internal}} {{(index .Subnets 0).Subnet}} {{.Options.isolate}}')" 'false 10.89.7.0/24 false'
as drill podman inspect --format '{{.NetworkSettings.Networks.back.IPAddress}}' one | grep -qxF 10.89.7.5
before=$(ids)
recover 0 old.sh
same "$(ids)" "$before"

# As a unit and as recover.sh have it, a network is left as it is while a container is attached to it.
as drill bash -e /sandbox/network.sh >/sandbox/last 2>&1
said 'network is being used'
recover 0 new.sh
said 'podman removes no network that containers are attached to'
same "$(has '{{.Internal}}')" false
same "$(ids)" "$before"
as drill podman rm --force --time 0 one >/dev/null
as drill bash -e /sandbox/network.sh
same "$(has '{{.Internal}} {{.Options.mtu}}')" 'true 1400'
made=$(has '{{.ID}} {{.Created}}')
as drill bash -e /sandbox/network.sh
recover 0 new.sh
same "$(has '{{.ID}} {{.Created}}')" "$made"
# And the other way round.
as drill podman rm --force --time 0 one >/dev/null
recover 0 old.sh
said 'the network back was made with other options'
same "$(has '{{.Internal}}')" false
`,
      {
        "old.sh": await recoverOf(before),
        "new.sh": await recoverOf(after),
        "network.sh": (plan?.networks ?? []).map(createNetwork).join("\n"),
      },
    );
  }, 130_000);

  it("replaces what runs only when asked, keeps the old one, and puts it back in need", async () => {
    const files = (more: Readonly<Record<string, unknown>>): Files =>
      fleetFiles([{ name: "only", services: { one: [web("one", 18001, more)] } }]);
    drill(
      `
recover 0 old.sh
as drill podman exec one sh -c 'echo written >/inside'
before=$(containers)
recover 1 new.sh
said 'defined, but it has not: env SECRET'
said 'It is left alone; --replace would stop it and make it anew.'
! grep -q hunter2 /sandbox/last
same "$(containers)" "$before"

# One that cannot start: the old one is put back and runs.
recover 1 broken.sh --replace
said 'the old one is put back'
same "$(ids)" "$(cut -d' ' -f1,2 <<<"$before")"
same "$(running)" one

recover 0 new.sh --replace
old=$(as drill podman ps --all --format '{{.Names}}' | grep '^one-before-')
same "$(as drill podman inspect --format '{{.Id}}' "$old" | cut -c1-12)" "$(cut -d' ' -f2 <<<"$before")"
as drill podman start "$old" >/dev/null 2>&1 || true # its port is taken; its files are there
as drill podman cp "$old:/inside" - | tar -xO | grep -q written
same "$(as drill podman exec one sh -c 'echo $SECRET')" hunter2
recover 0 new.sh
said ' running  nothing '

# One that is down is made anew without being asked, and the old one is kept too.
as drill podman stop --time 0 one >/dev/null
recover 0 old.sh
said 'does not run, and is not as defined'
same "$(as drill podman ps --all --format '{{.Names}}' | grep -c '^one-before-')" 2
`,
      {
        "old.sh": await recoverOf(files({})),
        "new.sh": await recoverOf(files({ env: ["SECRET=hunter2"] })),
        "broken.sh": await recoverOf(files({ volumes: ["/srv/gone.db:/data/gone.db"] })),
      },
    );
  }, 130_000);

  it("says what is wrong with the host, and what to do about it", async () => {
    const files = fleetFiles([
      {
        name: "only",
        timeout: "20s",
        onFailure: "proceed",
        services: {
          busy: [web("busy", 18001)],
          low: [web("low", 80)],
          away: [web("away", 1, { ports: ["192.0.2.99:18002:80"] })],
          gone: [
            web("gone", 18003, { volumes: ["/srv/gone:/data", "/srv/gone/key.pem:/key.pem"] }),
          ],
        },
      },
    ]);
    drill(
      `
# As it comes at the start of a day like that: one after the other.
mv /etc/passwd /etc/passwd.all
sed /^drill:/d /etc/passwd.all >/etc/passwd
recover 1 recover.sh
said 'there is no user drill on box'
said 'useradd --uid 850 --gid 850 --home-dir /home/drill'
{ echo sshd:x:850:65534::/:/bin/false; cat /etc/passwd.all; } >/etc/passwd
recover 1 recover.sh
said 'uid 850 belongs to drill and also to sshd'
said 'Never change drill'
mv /etc/passwd.all /etc/passwd

mv /etc/subuid /etc/subuid.all
recover 1 recover.sh
said 'drill has no range in /etc/subuid'
said 'echo drill:2130706432:65536 >>/etc/subuid'
mv /etc/subuid.all /etc/subuid

reboot
same "$(id -u drill)" 850
as drill bash -s <"/sandbox/recover.sh" 2>/sandbox/last && exit 1
said '/run/user/850 is missing'
said 'As root: loginctl enable-linger drill && systemctl start user@850.service'
recover 1 recover.sh --status
same "$(ls -A /run/user /tmp | grep -c storage-run || true)" 0
install -d -m 700 /run/user/850
recover 1 recover.sh
said '/run/user/850 belongs to uid 0 and not to drill (850)'
chown drill /run/user/850

chmod u-s /usr/bin/newuidmap
recover 1 recover.sh
said 'newuidmap must be setuid root, or have the capability cap_setuid'
# As NixOS has it from 26.11 on.
setcap cap_setuid+ep /usr/bin/newuidmap

# podman works from here on; each container has a trouble of its own.
as drill podman stop --time 0 --all >/dev/null 2>&1
busybox httpd -f -p 127.0.0.1:18001 &
recover 1 recover.sh
said "=> port 18001/tcp is held by process $! busybox httpd"
said 'sysctl net.ipv4.ip_unprivileged_port_start=80'
said '=> box does not have the address 192.0.2.99 yet'
said '=> /srv/gone/key.pem is missing'
same "$(stat -c '%U %a' /srv/low)" 'drill 750'
kill "$!"

# Nothing of that was in vain, and what is left to do by hand is what was said.
ip address add 192.0.2.99/32 dev lo
sysctl -q net.ipv4.ip_unprivileged_port_start=80
echo key >/srv/gone/key.pem
chown drill /srv/gone/key.pem
recover 0 recover.sh
`,
      { "recover.sh": await recoverOf(files) },
    );
  }, 130_000);

  it("changes nothing with --dry-run, and prints what somebody else can run", async () => {
    drill(
      `
mkdir -p /srv/one /srv/two /srv/three
chown drill /srv/*
bash /sandbox/recover.sh --dry-run >/sandbox/commands 2>/sandbox/last
same "$(containers)" ''
same "$(grep -c '^podman run ' /sandbox/commands)" 4
as drill bash -e /sandbox/commands >/dev/null
# As the user itself, who needs no root for it.
as drill bash /sandbox/recover.sh --status >/sandbox/last 2>&1
same "$(grep -c ' running  yes ' /sandbox/last)" 4
before=$(containers)
as drill podman stop --time 0 two >/dev/null
as drill bash /sandbox/recover.sh 2>&1 >/sandbox/last
said 'two        exited   started  yes'
same "$(ids)" "$(cut -d' ' -f1,2 <<<"$before")"
`,
      { "recover.sh": await recoverOf(fleetFiles(THREE_STAGES)) },
    );
  }, 130_000);

  it("leaves containers that have units to systemd", async () => {
    drill(
      `
# A systemd that has a unit for "one", and notes what it is told.
mkdir -p /run/systemd/system
cat >/usr/local/bin/systemctl <<'END'
#!/bin/sh
case "$*" in
show*podman-one.service) printf 'loaded\\n%s\\n%s\\n' $(cat /sandbox/unit) ;;
show*) printf 'not-found\\ninactive\\ndead\\n' ;;
*) echo "$*" >>/sandbox/told ;;
esac
END
chmod +x /usr/local/bin/systemctl
: >/sandbox/told

echo 'inactive dead' >/sandbox/unit
recover 1 recover.sh
same "$(cat /sandbox/told)" 'reset-failed podman-one.service
start --no-block podman-one.service'
same "$(running)" two
: >/sandbox/told

# One that fails and tries again must not meet a container of ours.
echo 'activating auto-restart' >/sandbox/unit
recover 1 recover.sh
said 'podman-one.service is starting it (auto-restart)'
as drill bash /sandbox/recover.sh >/sandbox/last 2>&1 && exit 1
same "$(cat /sandbox/told)" ''
same "$(running)" two
echo 'failed failed' >/sandbox/unit
as drill bash /sandbox/recover.sh >/sandbox/last 2>&1 && exit 1
said 'As root: systemctl start podman-one.service'
same "$(running)" two

recover 0 recover.sh --by-hand
same "$(cat /sandbox/told)" 'stop podman-one.service'
same "$(running)" 'one two'
`,
      {
        "recover.sh": await recoverOf(
          fleetFiles([
            {
              name: "only",
              timeout: "1s",
              services: { one: [web("one", 18001)], two: [web("two", 18002)] },
            },
          ]),
        ),
      },
    );
  }, 130_000);

  it("runs a job once, and the later stage after its end; status 0 is done", async () => {
    const job = {
      name: "job",
      restart: "no",
      volumes: ["/srv/job:/data"],
      cmd: ["sh", "-c", "sleep 1; echo ran >>/data/runs; exit $(cat /data/status)"],
    };
    drill(
      `
mkdir -p /srv/job && echo 3 >/srv/job/status && chown -R drill /srv/job
recover 1 recover.sh
said 'job was not healthy within 3 s: not yet "ends with status 0"'
same "$(running)" ''
recover 1 recover.sh --status
: >/srv/job/runs
echo 0 >/srv/job/status
recover 0 recover.sh
same "$(running)" two
same "$(cat /srv/job/runs)" ran

# Nobody runs it again.
recover 0 recover.sh
recover 0 recover.sh --status
grep -qE ' job +done +yes +yes' /sandbox/last
same "$(cat /srv/job/runs)" ran

# The unit of NixOS removes the container when it has ended.
as drill podman rm job >/dev/null
mkdir -p /run/systemd/system
cat >/usr/local/bin/systemctl <<'END'
#!/bin/sh
case "$*" in
*LoadState*podman-job.service) printf 'loaded\\nactive\\nexited\\n' ;;
*LoadState*) printf 'not-found\\ninactive\\ndead\\n' ;;
*SubState*podman-job.service) echo exited ;;
esac
END
chmod +x /usr/local/bin/systemctl
recover 0 recover.sh
recover 0 recover.sh --status
grep -qE ' job +done +yes +yes' /sandbox/last
same "$(cat /srv/job/runs)" ran
`,
      {
        "recover.sh": await recoverOf(
          fleetFiles([
            { name: "first", timeout: "3s", services: { job: [job] } },
            { name: "second", services: { two: [web("two", 18002)] } },
          ]),
        ),
      },
    );
  }, 130_000);
});
