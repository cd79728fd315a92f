/** recover.sh that is killed, with real rootless podman; and what it costs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { drill, fleetFiles, recoverOf, THREE_STAGES, tree, web } from "./recovery.ts";

describe.skipIf(tree === undefined)("recover.sh", () => {
  it("ends well whenever it is killed, and every file of the services is what it was", async () => {
    const run = drill(
      `
for name in one two three; do
  mkdir -p /srv/$name
  head -c 100000 /dev/urandom >/srv/$name/data
done
chown -R drill /srv
kept() { sha256sum /srv/*/data; }
before=$(kept)
for at in 1 2 3 4 5 6 7 8 9 10; do
  # Made anew, started again, or after the database was lost, by turns.
  case $((at % 3)) in
    0) as drill podman rm --force --time 0 --all >/dev/null 2>&1 ;;
    1) as drill podman stop --time 0 --all >/dev/null 2>&1 ;;
    2) as drill podman stop --time 0 --all >/dev/null 2>&1; reboot 850; remove_database ;;
  esac
  setsid bash /sandbox/recover.sh >/dev/null 2>&1 &
  sleep "$((at / 4)).$((at * 25 % 100 / 10))"
  # The script alone, or with all that it has started.
  if ((at % 2)); then kill -KILL "$!" || true; else kill -KILL -- "-$!" || true; fi
  wait "$!" || true
  recover 0 recover.sh
  same "$(running)" 'one three two two-job'
  same "$(kept)" "$before"
  same "$(as drill podman ps --all --format '{{.Names}}' | wc -l)" 4
done
# What it costs beside the commands that it runs.
again() { as drill podman rm --force --time 0 --all >/dev/null 2>&1; }
again
bash /sandbox/recover.sh --dry-run >/sandbox/commands 2>/dev/null
began=$(date +%s%3N)
as drill bash -e /sandbox/commands >/dev/null
plain=$(($(date +%s%3N) - began))
again
began=$(date +%s%3N)
recover 0 recover.sh
echo "$(($(date +%s%3N) - began - plain))" >/sandbox/times
`,
      { "recover.sh": await recoverOf(fleetFiles(THREE_STAGES)) },
    );
    const overhead = Number(readFileSync(join(run.folder, "times"), "utf8")) / 4;
    console.log(`recover.sh: ${Math.round(overhead)} ms a container beside the podman run`);
  }, 130_000);

  it("brings back containers whose processes were all killed, with podman's state in /run kept", async () => {
    const server = (name: string, port: number, more = {}) => ({
      ...web(name, port),
      cmd: ["sh", "-c", "exec busybox httpd -f -p 80 -h /data"],
      ...more,
    });
    drill(
      `
recover 0 recover.sh
for name in one two three; do echo "$name is precious" >/srv/$name/data; done
before=$(ids)
kill_all
if as drill podman ps >/dev/null 2>&1; then
  # podman 5.8 and 6 say that all runs.
  as drill bash /sandbox/recover.sh --status >/sandbox/last 2>&1 && exit 1
  same "$(grep -c ' killed ' /sandbox/last)" 3
  # The number of the process is another one's by now.
  echo $(($(as drill podman inspect --format '{{.State.Pid}}' one) - 1)) >/proc/sys/kernel/ns_last_pid
  sleep 1000 &
  echo 20000 >/proc/sys/kernel/ns_last_pid
  same "$!" "$(as drill podman inspect --format '{{.State.Pid}}' one)"
  recover 1 recover.sh --status
  same "$(grep -c ' killed ' /sandbox/last)" 3
  recover 0 recover.sh
  kill "$!"
  said 'one: podman cannot stop it, for another process has its number; it is made anew'
  said 'two: podman says that it runs, but its process is gone: podman stop'
else
  # podman 5.4 says nothing else any more.
  recover 1 recover.sh
  said "podman's own process was killed"
  said 'systemctl restart user-runtime-dir@850.service user@850.service'
  reboot 850
  recover 0 recover.sh
fi
same "$(ids | grep -v ^one)" "$(grep -v ^one <<<"$before")"
for at in one:18001 two:18002 three:18003; do
  same "$(answers "127.0.0.1:\${at#*:}" data)" "\${at%:*} is precious"
done
same "$(as drill podman exec two busybox wget -qO- http://three/data)" 'three is precious'
`,
      {
        "recover.sh": await recoverOf(
          fleetFiles([
            {
              name: "only",
              services: {
                one: [server("one", 18001)],
                two: [server("two", 18002, { network: "inner" })],
                three: [server("three", 18003, { network: "inner" })],
              },
            },
          ]),
        ),
      },
    );
  }, 130_000);

  it("starts what crun still has, for the clean-up after it was cut off", async () => {
    drill(
      `
recover 0 recover.sh
for status in none old; do
  as drill podman stop --time 0 --all >/dev/null 2>&1
  left=/run/user/850/crun/$(as drill podman inspect --format '{{.Id}}' two-job)
  as drill mkdir -p "$left"
  [ $status = none ] || echo '{ "pid": 4194300, "process-start-time": 1 }' | as drill tee "$left/status" >/dev/null
  recover 0 recover.sh
  same "$(running)" 'one three two two-job'
done
`,
      { "recover.sh": await recoverOf(fleetFiles(THREE_STAGES)) },
    );
  }, 130_000);
});
