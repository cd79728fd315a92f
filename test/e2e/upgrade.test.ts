/** Hosts that had another podman before: recover.sh brings everything back, with the same data. */
import { describe, it } from "vitest";
import { debianTree } from "../support/debian-tree.ts";
import { drillAfter, fleetFiles, recoverOf, THREE_STAGES, tree, web } from "./recovery.ts";

const [old, newest] = await Promise.all([debianTree("bookworm"), debianTree("newest")]);

const FILES = fleetFiles([
  ...THREE_STAGES,
  { name: "inner", services: { inner: [web("inner", 18004, { network: "inner" })] } },
]);

/** What is on the host before, and how it is told that it is there again. */
const BEFORE = `
recover 0 recover.sh
for name in one two three inner; do echo "$name is precious" >/srv/$name/data; done
as drill podman exec one sh -c 'echo written >/inside'
ids >/sandbox/before
`;
const AFTER = `
all_back() {
  for at in one:18001 two:18002 three:18003 inner:18004; do
    same "$(answers "127.0.0.1:\${at#*:}" data)" "\${at%:*} is precious"
  done
}
same_containers() {
  same "$(ids)" "$(cat /sandbox/before)"
  same "$(as drill podman exec one busybox cat /inside)" written
}
bolt=/home/drill/.local/share/containers/storage/libpod/bolt_state.db
major() { as drill podman --version | sed 's/[^0-9]*//; s/[.].*//'; }
`;

describe.skipIf(tree === undefined || old === undefined)("after podman 4.3", () => {
  const after = (script: string, recover: string) =>
    drillAfter(old, BEFORE, `${AFTER}${script}`, { "recover.sh": recover });

  it("containers on slirp4netns in a BoltDB keep their ids and what is in them", async () => {
    after(
      `
[ -e "$bolt" ]
reboot 850
recover 0 recover.sh --dry-run
recover 0 recover.sh
all_back
same_containers
reboot 850
recover 0 recover.sh
all_back
same_containers
`,
      await recoverOf(FILES),
    );
  }, 240_000);

  it("podman system migrate stops nothing that runs, unless that is asked for", async () => {
    after(
      `
reboot 850
as drill podman ps --all >/dev/null
# One that needs no migration.
as drill podman start inner >/dev/null
if [ "$(major)" -ge 6 ]; then
  recover 1 recover.sh
  said 'podman 6 cannot start one two two-job three: made by podman 4, with slirp4netns'
  said 'run this with --cure'
  same "$(running)" inner
  recover 1 recover.sh --status
  same "$(running)" inner
  recover 0 recover.sh --cure --dry-run
  same "$(running)" inner
fi
recover 0 recover.sh --cure
all_back
same_containers
`,
      await recoverOf(FILES),
    );
  }, 240_000);

  it("a BoltDB in the way of podman 6 is named, and gone after a reboot", async () => {
    after(
      `
reboot 850
as drill podman ps --all >/dev/null
[ "$(major)" -ge 6 ] || exit 0
# As after a switch without a reboot.
mv "$bolt-old" "$bolt"
recover 1 recover.sh
said 'podman has two databases'
said 'podman 6 reads no BoltDB'
said 'podman system migrate --migrate-db'
rm /home/drill/.local/share/containers/storage/db.sql
reboot 850
recover 0 recover.sh
all_back
same_containers
`,
      await recoverOf(FILES),
    );
  }, 240_000);
});

describe.skipIf(tree === undefined || newest === undefined)("after the newest podman", () => {
  it("containers are back as they were defined, though podman 5 does not see their networks", async () => {
    drillAfter(
      newest,
      BEFORE,
      `${AFTER}
reboot 850
recover 0 recover.sh
all_back
same "$(as drill podman inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}' inner)" inner
`,
      { "recover.sh": await recoverOf(FILES) },
    );
  }, 240_000);
});
