/** The script that collects facts, run for real: several shells and sets of tools, real podman. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsScript } from "../../src/fleet/facts.ts";
import type { Facts } from "../../src/fleet/schema.ts";
import { runCli } from "../support/cli.ts";
import { drillTree } from "../support/debian-tree.ts";
import { temporaryFolder } from "../support/fleet.ts";
import { runInSandbox } from "../support/sandbox.ts";
import { lacks } from "../support/tools.ts";

const tree = await drillTree();
const SCRIPT = readFileSync("templates/facts/collect.sh", "utf8");

it("is what nixgen facts script prints", async () => {
  expect(await factsScript()).toBe(SCRIPT);
  expect((await runCli("/", ["facts", "script"])).stdout).toBe(SCRIPT);
});

it.skipIf(lacks("shellcheck"))("passes shellcheck", () => {
  const { status, stdout } = spawnSync("shellcheck", ["--shell=sh", "-"], {
    encoding: "utf8",
    input: SCRIPT,
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

it.each(["--with-evn", "rift --with-env", "--with-env --with-env", "rift orion"])(
  "prints nothing for arguments that it does not know: %s",
  (call) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...call.split(" ")], {
      encoding: "utf8",
      input: SCRIPT,
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe("usage: sh -s -- [--with-env] [NAME]\n");
  },
);

/** Reads facts that must be fit for use. */
async function factsIn(folder: string, file: string): Promise<Facts> {
  const text = readFileSync(join(folder, `${file}.json`), "utf8");
  const { status, stdout } = await runCli(folder, ["facts", "check", "-"], {}, text);
  expect(status, `${file}: ${stdout}`).toBe(0);
  return JSON.parse(text) as Facts;
}

/** Without what is another one each time. */
function lasting({ collected, ...facts }: Facts): unknown {
  expect(collected).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  return facts;
}

/** `resolvectl status` of systemd 252, and of 262, which puts each value of a long list in a line and knows delegates. */
const RESOLVECTL_252 = `Global
         Protocols: +LLMNR +mDNS -DNSOverTLS DNSSEC=no/unsupported
  resolv.conf mode: stub
Current DNS Server: 192.168.88.181
       DNS Servers: 192.168.88.181 100.95.252.120
Fallback DNS Servers: 1.1.1.1#cloudflare-dns.com 2606:4700:4700::1111

Link 2 (eth0)
    Current Scopes: none
         Protocols: -DefaultRoute +LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported

Link 3 (tailscale0)
    Current Scopes: DNS
         Protocols: -DefaultRoute +LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported
       DNS Servers: 100.100.100.100
        DNS Domain: tail1.ts.net ~.
`;
const RESOLVECTL_262 = `Global
           Protocols: +LLMNR +mDNS -DNSOverTLS DNSSEC=no/unsupported
    resolv.conf mode: stub
         DNS Servers: 192.168.88.181
                      fe80::1%eth0
          DNS Domain: ~svc.example

Link 2 (eth0)
    Current Scopes: DNS LLMNR/IPv4 LLMNR/IPv6
         Protocols: +DefaultRoute +LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported
Current DNS Server: 8.8.8.8
       DNS Servers: 1.1.1.1
                    8.8.8.8
     Default Route: yes

Delegate svc.mcp.example
Current DNS Server: 127.0.0.1:9
       DNS Servers: 192.168.88.181 127.0.0.1:9
        DNS Domain: ~svc.mcp.example
                    ~mcp.example
     Default Route: no

Delegate corp
       DNS Servers: 10.0.0.53
        DNS Domain: corp.example
     Default Route: no
`;

const LISTEN = `
import socket, time
def bind(family, kind, address, port):
    s = socket.socket(family, kind)
    if port == 4007: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address == "::1")
    s.bind((address, port))
    if kind == socket.SOCK_STREAM: s.listen()
    return s
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
s = [bind(socket.AF_INET, TCP, "127.1.2.3", 4001), bind(socket.AF_INET, UDP, "0.0.0.0", 4002),
     bind(socket.AF_INET6, TCP, "::1", 4003), bind(socket.AF_INET6, TCP, "fd00:0:0:7::12ab", 4004),
     bind(socket.AF_INET6, UDP, "::", 4005), bind(socket.AF_INET, UDP, "127.0.0.1", 4007),
     bind(socket.AF_INET, UDP, "127.0.0.1", 4007), bind(socket.AF_INET6, TCP, "::ffff:127.0.0.9", 4006)]
connected = socket.socket(socket.AF_INET, UDP); connected.connect(("127.0.0.1", 4002))
open("/tmp/listening", "w").close()
time.sleep(1000)
`;

/** What makes an argument or a value hard to pass on. */
const HOSTILE = `a\nb"\\'\u0001\u007f$(touch /tmp/pwned);é😀 %s`;

const VARIABLES = ["PLAIN=hunter2", `HOSTILE=${HOSTILE}`, "EMPTY=", "TWICE=a=b"];

describe.skipIf(tree === undefined)("facts", () => {
  const outputs: Record<string, Facts> = {};
  let changed: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "nixgen-facts-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  beforeAll(async () => {
    const { status, stderr } = runInSandbox(
      `
chmod 755 /sandbox
rm -rf /var/lib/containers
add_user mcp 995
add_user other 1001
printf '%s\\n' 'sshd:x:0995:992:"SSH", \\tdaemon:/var/empty:/bin/false' '+::::::' '# no' ':x:1:1::/:' \\
  'nouid:x::1::/:' 'huge:x:4294967295:1::/:' 'short:x:7:7' >>/etc/passwd
echo 'wheel:x:10:mcp,,other' >>/etc/group
printf '%s\\n' '# by hand' other:0200000:8 nobody9:1:2:3 other:x:1 995:70000:9 >>/etc/subuid
printf 'ID=nixos\\nVERSION_ID="25.11"\\n' >/etc/os-release
mkdir -p /var/lib/nixos /var/lib/systemd/linger /srv/web/data/deep/er "/srv/line
break" /srv/web/.local/share/containers/layer
printf '{"sshd":995,"nscd":"998"}\\n' >/var/lib/nixos/uid-map
mkdir /etc/nixgen
printf '{"enable":true,"interfaces":{},"open":{"tcp":[22],"tcp_ranges":[],"udp":[],"udp_ranges":[]},"rules":false,"trusted":["lo"]}' >/etc/nixgen/firewall.json
printf '{"sshd":992}; rm -rf /' >/var/lib/nixos/gid-map
touch /var/lib/systemd/linger/mcp
chown -R 995:995 /srv/web
chown 100999:995 /srv/web/data/deep /srv/web/.local/share/containers/layer
ln -s 995 /run/user/1234
printf 'nameserver 127.0.0.53\\noptions edns0\\nsearch lan\\t example.net\\n' >/etc/resolv.conf
ip link add eth0 type veth peer name eth1 && ip link set eth1 up && ip link set eth0 up
ip addr add 192.168.88.181/24 dev eth0 && ip addr add fd00:0:0:7::12ab/64 dev eth0 nodad
printf '#!/bin/sh\\ntest "$1" = is-active\\n' >/usr/local/bin/systemctl
printf '#!/bin/sh\\ncat /sandbox/resolvectl\\n' >/usr/local/bin/resolvectl
chmod +x /usr/local/bin/systemctl /usr/local/bin/resolvectl
cp /sandbox/252 /sandbox/resolvectl
python3 /sandbox/listen.py &
listener=$!
add_image mcp localhost/busybox:v1
. /sandbox/run.sh
as mcp podman run -d --name idle --network none localhost/busybox:v1 busybox sleep 1000 >/dev/null
sqlite3 /home/other.sql "CREATE TABLE DBConfig(TmpDir, RunRoot);
  INSERT INTO DBConfig VALUES ('/run/user/1002/libpod/tmp', '/run/user/1002/containers');
  DELETE FROM DBConfig; INSERT INTO DBConfig VALUES ('/run/user/1001/libpod/tmp', '/tmp/storage-run-1001/containers')"
printf '[storage]\\n  graphroot = "$HOME/pods" # elsewhere\\n' >/home/other/.config/containers/storage.conf
as other mkdir -p /home/other/pods/volumes/data
install -o other /home/other.sql /home/other/pods/db.sql
touch /home/other/pods/volumes/data/a /home/other/pods/volumes/data/b
chown 165637 /home/other/pods/volumes/data/a && chown 100999 /home/other/pods/volumes/data/b
rm -r /run/user/1001
until [ -e /tmp/listening ]; do kill -0 "$listener" && sleep 0.05; done

touch /sandbox/before
dash -s </sandbox/collect.sh >/sandbox/dash.json
find /etc /srv /tmp /usr /var/lib /home/other -newer /sandbox/before >/sandbox/changed
busybox sh -s rift </sandbox/collect.sh >/sandbox/busybox.json
bash --norc -s -- --with-env rift </sandbox/collect.sh >/sandbox/env.json
cp /sandbox/262 /sandbox/resolvectl
# Of two users with one uid, the other one comes first, as in the incident.
sed -i '1i first:x:995:992::/var/empty:/bin/false' /etc/passwd
NIXGEN_HOST=rift as mcp env NIXGEN_HOST=rift dash -s </sandbox/collect.sh >/sandbox/user.json
sed -i 1d /etc/passwd
[ ! -e /tmp/pwned ]

# The uid changes, as in the incident.
as mcp podman kill --all >/dev/null
# What was killed is cleared up beside: until then, files come and go.
while pgrep -x conmon || pgrep -f 'container cleanup'; do sleep 0.1; done >/dev/null
sed -i 's/^mcp:x:995:/mcp:x:850:/' /etc/passwd
mkdir /run/user/850 && chown 850:995 /run/user/850
find /home/mcp -uid 995 -exec chown -h 850 {} +
chmod 755 /run/user/995 && chown root /run/user/995
rm /usr/bin/setpriv /usr/bin/setsid /usr/bin/sqlite3 /usr/bin/ss "$(command -v ip)" /usr/local/bin/*
printf last:1:1 >>/etc/subuid
dash -s rift </sandbox/collect.sh >/sandbox/changed.json

# Nothing but busybox.
mkdir -p /only/bin /only/dev /only/proc /only/srv && cp "$(command -v busybox)" /only/bin/busybox
for tool in $(busybox --list | grep -v busybox); do ln -s busybox "/only/bin/$tool"; done
cp -r /etc /only/etc && mount --bind /proc /only/proc && mount --bind /srv /only/srv
mknod -m 666 /only/dev/null c 1 3
echo '{"enable":true}' >/only/etc/nixgen/firewall.json
chroot /only /bin/busybox sh -s rift </sandbox/collect.sh >/sandbox/only.json
`,
      {
        "collect.sh": SCRIPT,
        "listen.py": LISTEN,
        "252": RESOLVECTL_252,
        "262": RESOLVECTL_262,
        "run.sh": [
          "as mcp podman run -d --name web -p 127.0.0.1:8080:80 -v /srv/web:/data:ro",
          ...VARIABLES.map((variable) => `-e ${quote(variable)}`),
          `localhost/busybox:v1 busybox sh -c 'sleep 1000' ${quote(HOSTILE)} >/dev/null\n`,
        ].join(" "),
      },
      { folder, root: tree?.folder },
    );
    expect(status, stderr).toBe(0);
    for (const run of ["dash", "busybox", "env", "user", "changed", "only"]) {
      outputs[run] = await factsIn(folder, run);
    }
    changed = readFileSync(join(folder, "changed"), "utf8").split("\n").filter(Boolean);
  });

  const facts = (run: string): Facts => {
    const found = outputs[run];
    if (found === undefined) throw new Error(`${run} was not run`);
    return found;
  };
  const podmanOf = (run: string, name: string) =>
    facts(run).podman?.find(({ user }) => user === name);

  it("are the same from every shell, and name the host", () => {
    expect(facts("dash").host).toBe("sandbox");
    expect(lasting(facts("busybox"))).toEqual({
      ...(lasting(facts("dash")) as object),
      host: "rift",
    });
    expect(facts("user").host).toBe("rift");
  });

  it("change nothing on the host", () => {
    expect(changed).toEqual([]);
  });

  it("have the users and groups that have an id", () => {
    const { passwd, group } = facts("dash");
    expect(passwd.slice(-4)).toEqual([
      { name: "mcp", uid: 995, gid: 995, home: "/home/mcp", shell: "/bin/sh" },
      { name: "other", uid: 1001, gid: 1001, home: "/home/other", shell: "/bin/sh" },
      { name: "sshd", uid: 995, gid: 992, home: "/var/empty", shell: "/bin/false" },
      { name: "short", uid: 7, gid: 7 },
    ]);
    expect(group.at(-1)).toEqual({ name: "wheel", gid: 10, members: ["mcp", "other"] });
  });

  it("have the ranges as getsubids reads them, or as it would", () => {
    const ranges = (run: string) =>
      ["mcp", "other"].map((user) =>
        facts(run).subuid.flatMap(({ name, start, count }) =>
          name === user ? [`${start}:${count}`] : [],
        ),
      );
    const mcp = `${100000 + 995 * 65536}:65536`;
    const other = [`${100000 + 1001 * 65536}:65536`, "65536:8"];
    expect(ranges("dash")).toEqual([[mcp, "70000:9"], other]);
    expect(facts("dash").sub_ids).toMatchObject({ read_by: "getsubids" });
    // The uid of the last line is another user's by then, and nobody asks for each user.
    expect(ranges("only")).toEqual([[mcp], other]);
    expect(facts("only").sub_ids).toMatchObject({ read_by: "script" });
    const { faults } = facts("dash").sub_ids ?? {};
    const [first] = faults ?? [];
    const line = first?.line ?? 0;
    expect(faults).toEqual([
      { file: "subuid", line, fault: "octal" },
      { file: "subuid", line: line + 1, fault: "fields" },
      { file: "subuid", line: line + 2, fault: "number" },
    ]);
    expect(facts("changed").sub_ids?.faults.at(-1)).toEqual({
      file: "subuid",
      line: line + 4,
      fault: "unterminated",
    });
  });

  it("have what NixOS remembers, if it is what it should be", () => {
    expect(facts("dash").system).toEqual({ id: "nixos", version: "25.11" });
    expect(facts("dash").nixos_uid_map).toEqual({ nscd: 998, sshd: 995 });
    expect(facts("dash")).not.toHaveProperty("nixos_gid_map");
  });

  it("have what the module wrote of the firewall, if it is what it should be", () => {
    const ports = { tcp: [22], tcp_ranges: [], udp: [], udp_ranges: [] };
    const firewall = { enable: true, interfaces: {}, open: ports, rules: false, trusted: ["lo"] };
    for (const each of ["dash", "busybox", "user"]) expect(facts(each).firewall).toEqual(firewall);
    expect(facts("only").firewall).toBeUndefined();
  });

  it("have linger, runtime directories and owners", () => {
    expect(facts("dash").linger).toEqual(["mcp"]);
    expect(facts("dash").runtime_dirs).toEqual([
      { path: "/run/user/1234", uid: 995 },
      { path: "/run/user/995", uid: 995 },
    ]);
    expect(facts("dash").srv).toEqual([
      { path: "/srv/line\nbreak", uid: 0, gid: 0 },
      { path: "/srv/web", uid: 995, gid: 995 },
      { path: "/srv/web/.local", uid: 995, gid: 995 },
      { path: "/srv/web/data", uid: 995, gid: 995 },
      { path: "/srv/web/data/deep", uid: 100999, gid: 995 },
      { path: "/srv/web/data/deep/er", uid: 995, gid: 995 },
    ]);
    expect(facts("dash")).not.toHaveProperty("incomplete");
  });

  it("have the addresses and how names are resolved", () => {
    expect(facts("dash").addresses).toEqual([
      { interface: "eth0", address: "192.168.88.181" },
      { interface: "eth0", address: "fd00:0:0:7::12ab" },
    ]);
    expect(facts("dash").resolver).toEqual({
      nameservers: ["127.0.0.53"],
      search: ["lan", "example.net"],
      resolved: {
        dns: ["192.168.88.181", "100.95.252.120"],
        fallback_dns: ["1.1.1.1#cloudflare-dns.com", "2606:4700:4700::1111"],
        domains: [],
      },
      links: [
        { interface: "tailscale0", dns: ["100.100.100.100"], domains: ["tail1.ts.net", "~."] },
      ],
      delegates: [],
    });
    expect(facts("user").resolver).toMatchObject({
      resolved: {
        dns: ["192.168.88.181", "fe80::1%eth0"],
        fallback_dns: [],
        domains: ["~svc.example"],
      },
      links: [{ interface: "eth0", dns: ["1.1.1.1", "8.8.8.8"], domains: [] }],
      delegates: [
        {
          name: "svc.mcp.example",
          dns: ["192.168.88.181", "127.0.0.1:9"],
          domains: ["~svc.mcp.example", "~mcp.example"],
        },
        { name: "corp", dns: ["10.0.0.53"], domains: ["corp.example"] },
      ],
    });
    expect(facts("only").resolver).not.toHaveProperty("resolved");
  });

  it("have the listening sockets, with and without ss", () => {
    const sockets = [
      // Those of the default network are pasta's own.
      {
        protocol: "tcp",
        address: "127.0.0.1",
        port: 8080,
        process: expect.stringMatching(/^pasta/) as unknown,
      },
      { protocol: "tcp", address: "127.0.0.9", port: 4006, process: "python3" },
      { protocol: "tcp", address: "127.1.2.3", port: 4001, process: "python3" },
      { protocol: "tcp", address: "::1", port: 4003, process: "python3" },
      { protocol: "tcp", address: "fd00:0:0:7::12ab", port: 4004, process: "python3" },
      { protocol: "udp", address: "0.0.0.0", port: 4002, process: "python3" },
      { protocol: "udp", address: "127.0.0.1", port: 4007, process: "python3", sockets: 2 },
      { protocol: "udp", address: "::", port: 4005, process: "python3" },
    ];
    expect(facts("dash").listeners).toEqual(sockets);
    const gone = sockets.filter(({ port }) => port !== 8080);
    const unnamed = gone.map((socket) =>
      Object.fromEntries(Object.entries(socket).filter(([key]) => key !== "process")),
    );
    expect(facts("changed").listeners).toEqual(unnamed);
    expect(facts("only").listeners).toEqual(unnamed);
  });

  it("have every user's podman as root, else one's own", () => {
    expect(facts("dash").podman?.map(({ user }) => user)).toEqual(["mcp", "other"]);
    expect(facts("user").podman).toEqual([podmanOf("dash", "mcp")]);
    expect(podmanOf("dash", "mcp")).toMatchObject({
      storage: "/home/mcp/.local/share/containers/storage",
      databases: [
        {
          runtime_dirs: ["/run/user/995"],
          graph_root: "/home/mcp/.local/share/containers/storage",
          run_root: "/run/user/995/containers",
          tmp_dir: "/run/user/995/libpod/tmp",
        },
      ],
      env: "names",
      external: [],
      images: ["localhost/busybox:v1"],
      containers: [
        { Name: "idle", HostConfig: { NetworkMode: "none" } },
        {
          Name: "web",
          ImageName: "localhost/busybox:v1",
          State: { Status: "running", ExitCode: 0 },
          HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] } },
          Mounts: [{ Source: "/srv/web", Destination: "/data", RW: false }],
        },
      ],
    });
  });

  it("hold no values of variables and no command lines, unless they are asked for", () => {
    const web = (run: string) => podmanOf(run, "mcp")?.containers?.[1]?.["Config"];
    expect(web("dash")).toMatchObject({
      User: "",
      Env: expect.arrayContaining(["PLAIN", "HOSTILE", "EMPTY", "TWICE"]) as unknown,
    });
    const kept = "Env Hostname OpenStdin StopSignal StopTimeout Timezone Tty User WorkingDir";
    expect(Object.keys(web("dash") ?? {}).sort()).toEqual(kept.split(" "));
    for (const secret of ["hunter2", "pwned", "sleep 1000", "sha256:"]) {
      expect(JSON.stringify(web("dash"))).not.toContain(secret);
      expect(JSON.stringify(podmanOf("dash", "mcp")?.containers)).not.toContain(
        secret === "sha256:" ? "=sha256:" : secret,
      );
    }
    expect(podmanOf("env", "mcp")?.env).toBe("plain");
    expect(web("env")).toMatchObject({
      Env: expect.arrayContaining(VARIABLES) as unknown,
      CreateCommand: expect.arrayContaining([HOSTILE]) as unknown,
    });
  });

  it("do not ask a podman that would make what it misses", () => {
    const podman = podmanOf("dash", "other");
    expect(podman?.error).toContain("/run/user/1001 is missing");
    expect(podman).not.toHaveProperty("containers");
    // What was deleted from the database is still in its file.
    expect(podman?.databases).toMatchObject([
      { kind: "sqlite", runtime_dirs: ["/run/user/1001", "/tmp/storage-run-1001"] },
    ]);
    expect(podman).toMatchObject({
      storage: "/home/other/pods",
      file_uids: { lowest: 100999, highest: 165637 },
    });
    expect(podmanOf("changed", "other")?.databases[0]?.runtime_dirs).toContain("/run/user/1001");
  });

  it("have what podman says when the uid has changed", () => {
    const podman = podmanOf("changed", "mcp");
    expect(podman?.error).toMatch(/\/run\/user\/995/);
    expect(podman).not.toHaveProperty("containers");
    // Without sqlite3, from the bytes of the file.
    expect(podman?.databases).toMatchObject([
      {
        runtime_dirs: ["/run/user/995"],
        graph_root: "/home/mcp/.local/share/containers/storage",
        run_root: "/run/user/995/containers",
        tmp_dir: "/run/user/995/libpod/tmp",
      },
    ]);
  });

  it("need nothing but busybox", () => {
    expect(facts("only").srv).toEqual(facts("dash").srv);
    expect(facts("only").nixos_uid_map).toBeUndefined();
    expect(facts("only")).not.toHaveProperty("podman");
    expect(facts("only").passwd.length).toBe(facts("dash").passwd.length);
  });
});

describe.skipIf(tree === undefined)("any names", () => {
  const bytes = (forbidden: readonly number[]) =>
    fc.uint8Array({ minLength: 1, maxLength: 12 }).map((name) => {
      // Half of UTF-8 is cut, so that much of it is nearly right.
      const text = Buffer.from('é€😀\u{10ffff}\ud7ff\ue000\n\t"\\/:');
      const taken = [...name].flatMap((n) =>
        n % 2 === 0 ? [n] : [...text.subarray(n % text.length, (n % text.length) + (n % 5))],
      );
      return Buffer.from([0x75, ...taken].filter((byte) => !forbidden.includes(byte)));
    });
  const decode = (name: Buffer): string =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(name.map((byte) => byte || 0xff));

  it("come out as they are, and what is not UTF-8 as U+FFFD", async () => {
    const seed = 850;
    const files = fc.sample(bytes([0, 0x2f]), { numRuns: 300, seed });
    const users = fc.sample(bytes([0x0a, 0x3a]), { numRuns: 300, seed });
    const folder = temporaryFolder();
    mkdirSync(join(folder, "srv"));
    for (const file of files)
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/srv/`), file]), "");
    const lines = users.flatMap((user, n) => [
      user,
      Buffer.from(`:x:${n}:${n}:`),
      user,
      Buffer.from(":/"),
      user,
      Buffer.from(":\n"),
    ]);
    writeFileSync(join(folder, "passwd"), Buffer.concat(lines));
    const { status, stderr } = runInSandbox(
      `
mount --bind /sandbox/srv /srv
cp /sandbox/passwd /etc/passwd
dash -s </sandbox/collect.sh >/sandbox/mawk.json
mkdir -p /busybox && for tool in $(busybox --list); do ln -s "$(command -v busybox)" "/busybox/$tool"; done
PATH=/busybox:$PATH busybox sh -s </sandbox/collect.sh >/sandbox/busybox.json
`,
      { "collect.sh": SCRIPT },
      { folder, root: tree?.folder },
    );
    expect(status, stderr).toBe(0);
    const paths = [...new Set(files.map((file) => file.toString("latin1")))]
      .map((file) => `/srv/${decode(Buffer.from(file, "latin1"))}`)
      .sort();
    for (const run of ["mawk", "busybox"]) {
      const { srv, passwd } = await factsIn(folder, run);
      expect(srv?.map(({ path }) => path).sort()).toEqual(paths);
      expect(passwd).toEqual(
        users.map((user, n) => ({ name: decode(user), uid: n, gid: n, home: `/${decode(user)}` })),
      );
    }
  });
});

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
