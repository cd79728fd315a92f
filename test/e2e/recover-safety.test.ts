/** recover.sh acts on this host, on data that is there, and on nobody else's files; with real rootless podman. */
import { describe, it } from "vitest";
import { drill, fleetFiles, recoverOf, tree, web } from "./recovery.ts";

const ONE = fleetFiles([{ name: "only", services: { one: [web("one", 18001)] } }]);
const TWO = fleetFiles([
  { name: "first", onFailure: "proceed", services: { one: [web("one", 18001)] } },
  { name: "second", services: { two: [web("two", 18002)] } },
]);

describe.skipIf(tree === undefined)("recover.sh", () => {
  it("refuses on another host, unless it is told that this is the one", async () => {
    drill(
      `
hostname other
for option in '' --status --dry-run; do
  recover 2 recover.sh $option
  said 'this machine is other, and this script is for box: nothing was done'
  said 'If this machine is to be box, add --on-this-machine.'
done
same "$(running)" ''
recover 0 recover.sh --on-this-machine
same "$(running)" one
`,
      { "recover.sh": await recoverOf(ONE) },
    );
  }, 130_000);

  it("starts nothing whose disk is not mounted, and goes on with the rest", async () => {
    drill(
      `
mkdir -p /srv/one /etc
printf '%s\\n' '# a comment' 'UUID=1 / ext4 defaults 0 1' 'none none swap sw 0 0' '/dev/sdz1 /srv/one ext4 nofail 0 2' >/etc/fstab
recover 1 recover.sh
said '/srv/one, which one mounts, belongs on the disk at /srv/one, which is not mounted'
said 'As root: mount /srv/one'
said 'one: not started: the disk at /srv/one is not mounted'
same "$(running)" two
same "$(ls -A /srv/one)" ''
# The disk is there.
mount -t tmpfs -o mode=0750,uid=850,gid=850 disk /srv/one
echo precious >/srv/one/data
recover 0 recover.sh
same "$(answers 127.0.0.1:18001 data)" precious

# podman's own storage is on one that is not.
as drill podman stop --time 0 --all >/dev/null
echo '/dev/sdy1 /home/drill/.local xfs noauto 0 2' >>/etc/fstab
recover 1 recover.sh
said '/home/drill/.local/share/containers/storage belongs on the disk at /home/drill/.local, which is not mounted'
same "$(running)" ''
`,
      { "recover.sh": await recoverOf(TWO) },
    );
  }, 130_000);

  it("makes a folder of data that is missing only when asked", async () => {
    drill(
      `
rm -r /srv/one
recover 1 recover.sh
said '/srv/one is missing: the data of its containers is not there'
said 'recover.sh --make-folders'
[ ! -e /srv/one ]
same "$(running)" two
recover 0 recover.sh --make-folders
said 'making /srv/one, EMPTY (--make-folders)'
same "$(stat --format '%u %a' /srv/one)" '850 750'
same "$(running)" 'one two'
`,
      { "recover.sh": await recoverOf(TWO) },
    );
  }, 130_000);

  it("gives no file away through a link of the user's", async () => {
    drill(
      `
# A folder of somebody else's, and one more above the folder that is mounted.
install -d -m 700 -o 1000 /srv/private /srv/private/data
echo secret >/srv/private/data/id_rsa
chown 1000 /srv/private/data/id_rsa
rm -r /srv/mine
install -d -o 850 /srv/mine
ln -s /srv/private /srv/mine/one
chown -h 850 /srv/mine/one
recover 1 recover.sh --cure --make-folders
said '/srv/mine/one/data leads through a link that belongs to somebody other than root'
same "$(stat --format %u /srv/private/data /srv/private/data/id_rsa | paste -sd ' ')" '1000 1000'
# Nor is a folder made behind one.
rm -r /srv/private/data
recover 1 recover.sh --cure --make-folders
[ ! -e /srv/private/data ]
same "$(find /srv/private -uid 850)" ''
# A link of root's is the host's own way.
rm /srv/mine/one
chown root /srv/mine
install -d -o 850 -g 850 /srv/real /srv/real/data
install -d -o 4242 /srv/real/data/old
ln -s /srv/real /srv/mine/one
recover 0 recover.sh --cure
same "$(stat --format %u /srv/real/data/old)" 850
`,
      {
        "recover.sh": await recoverOf(
          fleetFiles([
            {
              name: "only",
              services: { one: [web("one", 18001, { volumes: ["/srv/mine/one/data:/data"] })] },
            },
          ]),
        ),
      },
    );
  }, 130_000);

  it("says within seconds that podman hangs, and ends", async () => {
    drill(
      `
mkdir /fake
printf '%s\\n' '#!/bin/sh' 'exec sleep 1000' >/fake/podman
chmod 755 /fake /fake/podman
sed -i 's#^PATH=#PATH=/fake:#' /sandbox/recover.sh
for option in '' --status; do
  recover 1 recover.sh $option
  said 'podman does not answer for drill: podman ps was ended after 20 s'
done
`,
      { "recover.sh": await recoverOf(ONE) },
    );
  }, 130_000);

  it("says all that is missing in the first round, and what an unhealthy container was asked", async () => {
    const files = fleetFiles([
      {
        name: "only",
        timeout: "2s",
        services: {
          one: [
            web("one", 18001, {
              env_files: ["/srv/one.env"],
              health: { kind: "http", path: "/absent" },
            }),
          ],
        },
      },
    ]);
    drill(
      `
sed -i '/^drill:/d' /etc/passwd
rm -r /srv/one
recover 1 recover.sh
said 'there is no user drill on box'
said '/srv/one is missing'
said '/srv/one.env is missing, from which one gets its variables'
echo 'drill:x:850:850::/home/drill:/bin/sh' >>/etc/passwd
echo A=1 >/srv/one.env
chmod 600 /srv/one.env
recover 1 recover.sh --make-folders
said '/srv/one.env cannot be read by drill'
chmod 644 /srv/one.env
recover 1 recover.sh
said 'it was asked:'
said '/absent'
said 'and the last answer was status'
`,
      { "recover.sh": await recoverOf(files) },
    );
  }, 130_000);
});
