/** What the drills of recovery share: a fleet of one host, and what is done with it in a sandbox. */
import { expect } from "vitest";
import { hostCheckScript } from "../../src/generate/host-check.ts";
import { recoverScript } from "../../src/generate/recover.ts";
import { subIdsText } from "../../src/fleet/lock.ts";
import { DEFAULT_SUB_IDS } from "../../src/fleet/sub-ids.ts";
import { type Files, loadFiles, temporaryFolder } from "../support/fleet.ts";
import { type DebianTree, drillTree } from "../support/debian-tree.ts";
import { runInSandbox, type SandboxRun } from "../support/sandbox.ts";
import { planFleet, wholeText } from "../support/plan.ts";

/** What the drills run on; undefined where they cannot. */
export const tree = await drillTree();

/** A component, as its definition has it but for the image. */
export interface Component {
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface Stage {
  readonly name: string;
  readonly timeout?: string;
  readonly onFailure?: "block" | "proceed";
  /** Components by the name of their service. */
  readonly services: Readonly<Record<string, readonly Component[]>>;
}

/** The image of every component that names none; SETUP makes it. */
export const IMAGE = "localhost/drill:v1";

/** A component that answers HTTP, and writes down when it was started. */
export function web(
  name: string,
  port: number,
  more: Readonly<Record<string, unknown>> = {},
): Component {
  return {
    name,
    ports: [`127.0.0.1:${port}:80`],
    volumes: [`/srv/${name}:/data`],
    // A first process that ends when it is told to.
    cmd: [
      ...["sh", "-c"],
      "echo started >>/data/starts; trap 'exit 0' TERM; busybox httpd -f -p 80 -h /data & wait",
    ],
    ...more,
  };
}

/** Three stages with four containers. */
export const THREE_STAGES: readonly Stage[] = [
  { name: "foundation", services: { one: [web("one", 18001)] } },
  {
    name: "core",
    services: { two: [web("two", 18002), { name: "job", cmd: ["sh", "-c", "exec sleep 1000"] }] },
  },
  { name: "late", services: { three: [web("three", 18003)] } },
];

/** The files of a fleet with one host, box, whose user is drill with uid 850. */
export function fleetFiles(stages: readonly Stage[], more = ""): Files {
  const services = stages.flatMap((stage) => Object.entries(stage.services));
  return {
    "nixgen.toml": `
[fleet]
name = "drill"
[user]
name = "drill"
uid = 850
home = "/home/drill"
[dns]
public = ["192.0.2.1", "192.0.2.2"]
[[nodes]]
name = "box"
os = "nixos"
nixos_release = "25.11"
role = "master"
addresses = { lan = "192.0.2.10", vpn = "192.0.2.11" }
${stages
  .filter(({ name }) => name !== "")
  .map(
    ({ name, timeout = "20s", onFailure = "block", services }) => `[[boot.sequence]]
name = "${name}"
services = ${JSON.stringify(Object.keys(services))}
timeout = "${timeout}"
on_failure = "${onFailure}"
`,
  )
  .join("")}${more}`,
    ...Object.fromEntries(
      services.map(([service, components]) => [
        `services/${service}.toml`,
        `name = "${service}"\nnode = "box"\n${components.map(componentText).join("")}`,
      ]),
    ),
  };
}

function componentText(component: Component): string {
  const keys = Object.entries({ image: IMAGE, ...component });
  return `[[components]]\n${keys.map(([key, value]) => `${key} = ${toml(value)}\n`).join("")}`;
}

/** Strings of JSON are strings of TOML too; tables are inline. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)} = ${toml(inner)}`,
  );
  return `{ ${entries.join(", ")} }`;
}

/** The recover.sh of the fleet's host. */
export async function recoverOf(files: Files): Promise<string> {
  const [plan] = planFleet(await loadFiles(files));
  if (plan === undefined) throw new Error("no host");
  return wholeText(recoverScript(plan));
}

/** The host-check.sh of the fleet's host. */
export async function checkOf(files: Files): Promise<string> {
  const [plan] = planFleet(await loadFiles(files));
  if (plan === undefined) throw new Error("no host");
  return wholeText(hostCheckScript(plan));
}

/** What every drill begins with. DRILL_UID is the uid that the user has. */
const SETUP = `
chmod 755 /sandbox
hostname box
add_user drill "$DRILL_UID"
echo drill:${subIdsText(DEFAULT_SUB_IDS)} | tee /etc/subgid >/etc/subuid
# The folders that systemd-tmpfiles makes.
for script in /sandbox/*.sh; do
  eval "$(sed -n '/^DIRECTORIES=(/,/)$/p' "$script")"
  for folder in "\${DIRECTORIES[@]}"; do install -d -m 750 -o "$DRILL_UID" -g "$DRILL_UID" "$folder"; done
done
ip address add 192.0.2.10/32 dev lo
ip address add 2001:db8::10/128 dev lo

# recover STATUS FILE [OPTIONS]: runs a recover.sh that is to end with a status; what it says is in
# /sandbox/last.
recover() {
  local status=0
  bash "/sandbox/$2" "\${@:3}" >/sandbox/last 2>&1 || status=$?
  [ "$status" = "$1" ] || { echo "exit status $status of $*:"; cat /sandbox/last; exit 1; } >&2
}
# check STATUS FILE MODE: the same with a host-check.sh.
check() {
  local status=0
  env -i PATH="$PATH" bash "/sandbox/$2" "\${@:3}" >/sandbox/last 2>&1 || status=$?
  [ "$status" = "$1" ] || { echo "exit status $status of $*:"; cat /sandbox/last; exit 1; } >&2
}
# said TEXT: whether the last recover.sh said so.
said() {
  grep -qF -- "$1" /sandbox/last || { echo "it did not say: $1"; cat /sandbox/last; exit 1; } >&2
}
# same A B: whether two texts are the same.
same() { [ "$1" = "$2" ] || { printf 'not the same:\\n%s\\n-- and --\\n%s\\n' "$1" "$2"; exit 1; } >&2; }
# Each container with its id and when it was started.
containers() { as drill podman ps --all --format '{{.Names}} {{.ID}} {{.StartedAt}}' | sort; }
ids() { containers | cut -d' ' -f1,2; }
running() { as drill podman ps --format '{{.Names}}' | sort | paste -sd ' '; }
# answers ADDRESS:PORT [FILE]: what an HTTP server says.
answers() {
  local host=\${1%:*}
  host=\${host#[}
  exec 3<>"/dev/tcp/\${host%]}/\${1##*:}"
  printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' "\${2-starts}" >&3
  LC_ALL=C sed '1,/^\\r$/d' <&3
}
# kill_all: no process of a user is left, nor of a container's.
kill_all() {
  local process owner
  for _ in 1 2 3 4 5; do
    for process in /proc/[0-9]*; do
      owner=$(stat --format %u "$process" 2>/dev/null) || continue
      [ "$owner" = 0 ] || kill -KILL "\${process#/proc/}" 2>/dev/null || true
    done
    sleep 0.1
  done
}
# reboot UID: as a reboot does, no process of the user is left, nor anything in /run and /tmp.
reboot() {
  kill_all
  awk '$2 ~ "^/(home/drill|run/user)/" { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf /run/user/* /tmp/podman-run-* /tmp/containers-user-* /tmp/storage-run-* /dev/shm/*
  if [ -n "\${1-}" ]; then install -d -m 700 -o "$1" -g "$1" "/run/user/$1"; fi
}
remove_database() {
  rm -f /home/drill/.local/share/containers/storage/{db.sql,libpod/bolt_state.db}
}
`;

/**
 * Runs a drill, which must not fail.
 * @param uid the user's when it begins.
 */
export function drill(script: string, files: Files, uid = 850): SandboxRun {
  return runOn(tree, `DRILL_UID=${uid}\n${SETUP}\nadd_image drill ${IMAGE}\n${script}`, files);
}

/**
 * Runs a drill on a host that was another Debian before: of that, /home and /srv are kept, and nothing runs.
 * @param before what was done there.
 */
export function drillAfter(
  old: DebianTree | undefined,
  before: string,
  script: string,
  files: Files,
): SandboxRun {
  const folder = temporaryFolder();
  const setup = `DRILL_UID=850\n${SETUP}\n`;
  const keep = "reboot\ntar -C / -cf /sandbox/kept.tar home srv";
  runOn(old, `${setup}add_image drill ${IMAGE}\n${before}\n${keep}`, files, folder);
  return runOn(tree, `${setup}tar -C / -xpf /sandbox/kept.tar\n${script}`, files, folder);
}

function runOn(
  root: DebianTree | undefined,
  script: string,
  files: Files,
  folder = temporaryFolder(),
): SandboxRun {
  const run = runInSandbox(script, files, { timeoutMs: 120_000, root: root?.folder, folder });
  expect(run.status, `${run.stdout}\n${run.stderr}`).toBe(0);
  return run;
}
