/** The check of a host's identity, as emitted, on tables of odd hosts. test/e2e/guard.test.ts has real ones. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostCheckScript } from "../../src/generate/host-check.ts";
import type { HostPlan } from "../../src/plan/plan.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";
import { wholeText } from "../support/plan.ts";
import { lacks } from "../support/tools.ts";
import { emittedFleets } from "./support.ts";

const fleets = await emittedFleets();
const plans = fleets.flatMap(({ plans }) => plans);
const [template] = plans;
if (template === undefined) throw new Error("no host");

/** The files of /etc that a host has; one that is left out is missing. */
interface Tables {
  readonly passwd?: string;
  readonly group?: string;
  readonly subuid?: string;
  readonly subgid?: string;
}

interface Outcome {
  readonly status: number | null;
  readonly said: string;
}

const USER: HostPlan["user"] = {
  name: "pod",
  uid: 850,
  group: "pod",
  gid: 850,
  home: "/nonexistent/pod",
  storage: "/nonexistent/pod/.local/share/containers/storage",
  subIds: { start: 1879048192, count: 65536 },
  extraGroups: [],
};

/** The script for the user on a host called box, which reads what is in a folder. */
function scriptFor(folder: string, user: HostPlan["user"] = USER): string {
  return wholeText(hostCheckScript({ ...template, host: "box", directories: [], user } as HostPlan))
    .replace("\nETC=/etc\n", `\nETC=${folder}/etc\n`)
    .replace("\nKEPT=/var/lib/nixgen/identity\n", `\nKEPT=${folder}/kept/identity\n`);
}

/** Runs the check with errexit and without, which must not matter. */
function run(mode: string, tables: Tables, user: HostPlan["user"] = USER, kept?: string): Outcome {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "etc"));
  const files = Object.entries(tables).map(([name, text]) => [`etc/${name}`, String(text)]);
  writeFiles(
    {
      ...(Object.fromEntries(files) as Record<string, string>),
      script: scriptFor(folder, user),
      ...(kept === undefined ? {} : { "kept/identity": kept }),
    },
    folder,
  );
  const [relaxed, strict] = [[], ["-eu", "-o", "pipefail"]].map((options) => {
    const args = [...options, join(folder, "script"), mode, "/new/system", "switch"];
    const { status, stdout, stderr } = spawnSync("bash", args, { encoding: "utf8" });
    expect(stdout).toBe("");
    return { status, said: stderr };
  });
  if (relaxed === undefined) throw new Error("nothing was run");
  expect(strict).toEqual(relaxed);
  return relaxed;
}

const OTHERS = "root:x:0:0:root:/root:/bin/sh\nsshd:x:995:995::/var/empty:/bin/sh\n";
const OURS = "pod:x:850:850::/nonexistent/pod:/bin/sh\n";
const RANGE = "pod:1879048192:65536\n";
const RIGHT: Required<Tables> = {
  passwd: `${OTHERS}kyle:x:1000:100::/home/kyle:/bin/sh\n${OURS}`,
  group: "root:x:0:\nusers:x:100:\npod:x:850:\n",
  subuid: RANGE,
  subgid: RANGE,
};

describe.skipIf(lacks("shellcheck"))("shellcheck", () => {
  it("has nothing against the script, whatever is in its data", () => {
    const texts = [
      scriptFor("/x"),
      scriptFor("/x", { ...USER, home: "/srv/it's $HOME", storage: "/srv/`id`\\" }),
    ];
    const files = Object.fromEntries([...new Set(texts)].map((text, at) => [`${at}.sh`, text]));
    const { stdout, stderr } = spawnSync(
      "shellcheck",
      // A $ in single quotes is the input's own.
      ["-s", "bash", "--exclude=SC2016,SC1003", ...Object.keys(files)],
      { cwd: writeFiles(files), encoding: "utf8" },
    );
    expect(stdout + stderr).toBe("");
  });
});

describe("before a switch and at a start, the check passes", () => {
  it.each<[string, Tables]>([
    ["a host where all is right", RIGHT],
    ["ranges by uid", { ...RIGHT, subuid: "850:1879048192:65536\n", subgid: "850:1879048192:65536\n" }],
    ["a range written twice, in octal and in hexadecimal", { ...RIGHT, subuid: "pod:016000000000:0200000\npod:0x70000000:0x10000\n" }],
    ["users whose names and ids only begin alike", { ...RIGHT, passwd: `${RIGHT.passwd}pod2:x:8500:1::/:\nxpod:x:85:1::/:\n` }],
    ["tables with lines that are none", { ...RIGHT, passwd: `\n#\n:\npod\npod:x\n+pod:x:1:1::/:\nother:x:850x:850::/:\nother:x:99999999999999999999:1::/:\n${RIGHT.passwd}`, group: `\n:::\nx\n+\n${RIGHT.group}`, subuid: `\n#\n::\npod\npod:1\npod:08:65536\npod:-1:65536\npod:100000:65536 \nkyle:1879048192:65536:x\npod:100000[$(exit 3)]:65536\n${RANGE}` }],
    ["the first of two lines, as the system does", { ...RIGHT, passwd: `${RIGHT.passwd}pod:x:995:995::/elsewhere:/bin/sh\n` }],
    ["ranges of users that are not there", { ...RIGHT, subuid: `gone:1879048192:65536\n4242:1879048192:65536\n${RANGE}` }],
    ["another's ranges on either side", { ...RIGHT, subuid: `kyle:1878982656:65536\nlena:1879113728:65536\n${RANGE}` }],
  ])("%s", (_, tables) => {
    expect(run("switch", tables)).toEqual({ status: 0, said: "" });
    expect(run("start", tables)).toEqual({ status: 0, said: "" });
  }); // prettier-ignore

  it("before a switch, a host that has none of the tables, as a fresh one or one with userborn may be", () => {
    expect(run("switch", {})).toEqual({ status: 0, said: "" });
  });

  it("a range that grows at its end", () => {
    const shorter = { ...RIGHT, subuid: "pod:1879048192:1000\n", subgid: "pod:1879048192:1000\n" };
    expect(run("switch", shorter)).toEqual({ status: 0, said: "" });
  });

  it("a user in a group that others share", () => {
    const user = { ...USER, group: "users", gid: 100 };
    const passwd = OTHERS + OURS.replace(":850:850:", ":850:100:");
    expect(run("switch", { ...RIGHT, passwd }, user)).toEqual({ status: 0, said: "" });
  });
});

describe("a switch is refused", () => {
  const passwd = (line: string) => ({ ...RIGHT, passwd: OTHERS + line });
  const sshd = "sshd:x:850:995::/var/empty:/bin/sh\n";
  it.each<[string, Tables, string[]]>([
    ["ours has another uid", passwd("pod:x:995:850::/nonexistent/pod:\n"),
      ["user pod has uid 995 on box, the configuration pins 850", "user = { uid = 995 } in the node box", 'Or move it: nixgen lock accept uid pod@box --reason "…"']],
    ["another has the uid, and ours is new", { ...RIGHT, passwd: sshd, subuid: "", subgid: "" },
      ["uid 850 belongs to sshd on box, the configuration pins it for pod, which is not there yet", "Pin a uid that is free on box"]],
    ["another has the uid, before ours", { ...RIGHT, passwd: sshd + OURS }, ["uid 850 belongs to pod and also to sshd on box", "usermod --uid NEW sshd", "Never change pod"]],
    ["another has the uid, behind ours", { ...RIGHT, passwd: OURS + sshd }, ["uid 850 belongs to pod and also to sshd"]],
    ["another has the uid, in the last line, without a line break", { ...RIGHT, passwd: (OURS + sshd).trim() }, ["uid 850 belongs to pod and also to sshd"]],
    ["another has the uid, with zeros before it", { ...RIGHT, passwd: OURS + sshd.replace("850", "0850") }, ["uid 850 belongs to pod and also to sshd"]],
    ["ours has another uid, and the pinned one is taken", passwd(`pod:x:995:850::/nonexistent/pod:\n${sshd}`), ["user pod has uid 995", "uid 850 belongs to sshd on box"]],
    ["the user is renamed", passwd("cast:x:850:850::/nonexistent/pod:\n"),
      ["uid 850 belongs to user cast on box, whose name the configuration changes to pod", 'name = "cast" in [user]', 'nixgen lock accept name pod@box --reason "…"']],
    ["ours has another primary gid", passwd("pod:x:850:100::/nonexistent/pod:\n"),
      ["user pod has the primary gid 100 (users) on box, the configuration pins 850 (pod)", 'user = { group = "users", gid = 100 } in the node box', 'nixgen lock accept gid pod@box --reason "…"']],
    ["its group has another gid, and so has the user", { ...RIGHT, passwd: OTHERS + OURS.replace(":850:850:", ":850:851:"), group: "pod:x:851:\n" },
      ["user pod has the primary gid 851 (pod) on box", "user = { gid = 851 } in the node box"]],
    ["its group has another gid, and the user is new", { group: "pod:x:995:\n" }, ["group pod has gid 995 on box, the configuration pins 850", "user = { gid = 995 }"]],
    ["the gid is another group's", { group: "docker:x:850:pod\n" }, ["gid 850 belongs to group docker on box", "Pin a gid that is free on box"]],
    ["the gid of the user has another name", { ...RIGHT, group: "docker:x:850:pod\n" }, ["belongs to group docker on box", 'group = "docker", gid = 850', "groupmod --gid NEW docker"]],
    ["ours has another home", passwd("pod:x:850:850::/home/my pod:\n"),
      ["user pod has the home /home/my pod on box, the configuration pins /nonexistent/pod", 'user = { home = "/home/my pod" } in the node box', 'nixgen lock accept home pod@box --reason "…"']],
    ["ours has another range", { ...RIGHT, subuid: "pod:100000:65536\n" },
      ["pod has the range 100000:65536 in", "on box, the configuration pins 1879048192:65536", "user = { sub_ids = { start = 100000, count = 65536 } } in the node box", 'nixgen lock accept sub_ids pod@box --reason "…"']],
    ["ours has another range in /etc/subgid alone", { ...RIGHT, subgid: "pod:100000:65536\n" }, ["etc/subgid on box"]],
    ["ours has another range by its uid", { ...RIGHT, subuid: "850:100000:65536\n" }, ["pod has the range 100000:65536"]],
    ["the range shrinks", { ...RIGHT, subuid: "pod:1879048192:131072\n" }, ["pod has the range 1879048192:131072"]],
    ["ours has two ranges", { ...RIGHT, subuid: `pod:100000:65536\n${RANGE}` }, ["pod has the ranges 100000:65536 1879048192:65536", "Move the files"]],
    ["another has the range, and ours has none yet", { ...RIGHT, subuid: "kyle:1879048192:65536\n", subgid: "" },
      ["the range 1879048192:65536 of kyle", "overlaps 1879048192:65536, which the configuration pins for pod", "pod has no range yet, so pin a free one"]],
    ["another's range begins within ours", { ...RIGHT, subgid: `${RANGE}kyle:1879113727:65536` },
      ["the range 1879113727:65536 of kyle", "usermod --del-subuids 1879113727-1879179262", "Never change that of pod"]],
    ["another's range ends within ours", { ...RIGHT, subuid: `${RANGE}kyle:1878982657:65536` }, ["the range 1878982657:65536 of kyle"]],
  ])("where %s", (_, tables, said) => {
    const outcome = run("switch", tables);
    expect(outcome.status).toBe(1);
    for (const words of said) expect(outcome.said).toContain(words);
    for (const line of outcome.said.split("\n").slice(0, -1)) expect(line).toMatch(/^nixgen: /);
  }); // prettier-ignore
});

describe("a container is not started", () => {
  const sshd = "sshd:x:850:995::/var/empty:/bin/sh\n";
  it.each<[string, Tables, string]>([
    ["under another uid than the pinned one", { ...RIGHT, passwd: OURS.replace("850", "995") }, "user pod has uid 995"],
    ["where newuidmap finds somebody else first", { ...RIGHT, passwd: sshd + OURS }, "uid 850 belongs to pod and also to sshd"],
    ["without a range of subordinate uids", { ...RIGHT, subuid: "kyle:100000:65536\n" }, "pod has no range in"],
    ["without a range of subordinate gids", { ...RIGHT, subgid: "" }, "subgid on box that newuidmap can read"],
  ])("%s", (_, tables, said) => {
    const outcome = run("start", tables);
    expect(outcome.status).toBe(1);
    expect(outcome.said).toContain(said);
    expect(outcome.said).toContain("no container of pod starts on box before that is done");
  }); // prettier-ignore

  it.each<[string, Tables, string]>([
    ["where newuidmap finds the user first", { ...RIGHT, passwd: OURS + sshd }, "uid 850 belongs to pod and also to sshd"],
    ["where who is found first has the same gid", { ...RIGHT, passwd: sshd.replace("995", "850") + OURS }, "uid 850 belongs to pod and also to sshd"],
    ["where only an older newuidmap reads the ranges", { ...RIGHT, subuid: RANGE.trim() }, "does not end with a line break"],
    ["where another's range overlaps", { ...RIGHT, subuid: `${RANGE}kyle:1879048192:65536\n` }, ""],
    ["under another gid, range, home or group of the definition, which podman does not care about",
      { passwd: "pod:x:850:100::/home/pod:\n", group: "pod:x:995:\n", subuid: "pod:100000:65536\n", subgid: "pod:100000:65536\n" }, ""],
  ])("but %s it is, and the journal says so", (_, tables, said) => {
    const outcome = run("start", tables);
    expect(outcome.status).toBe(0);
    if (said === "") expect(outcome.said).toBe("");
    else expect(outcome.said).toContain(said);
  }); // prettier-ignore
});

describe("how often it looks", () => {
  /** How many commands bash executes for a check. */
  function commands(mode: string, lines: number): number {
    const folder = temporaryFolder();
    const many = (line: (at: number) => string): string =>
      Array.from({ length: lines }, (_, at) => line(at)).join("");
    writeFiles(
      {
        "etc/passwd": many((at) => `u${at}:x:${1000 + at}:100::/home/u${at}:/bin/sh\n`) + OURS,
        "etc/group": many((at) => `g${at}:x:${1000 + at}:\n`) + RIGHT.group,
        "etc/subuid": many((at) => `u${at}:${100000 + at}:1\n`) + RANGE,
        "etc/subgid": RANGE,
        script: `exec 9>${folder}/trace; BASH_XTRACEFD=9; PS4=+; set -x\n${scriptFor(folder)}`,
      },
      folder,
    );
    const { status, stderr } = spawnSync("bash", [join(folder, "script"), mode], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return readFileSync(join(folder, "trace"), "utf8").split("\n").length;
  }

  it.each(["switch", "start"])("grows with the lines of the tables and no faster: %s", (mode) => {
    const [few, more, most] = [100, 200, 300].map((lines) => commands(mode, lines));
    expect((most ?? 0) - (more ?? 0)).toBe((more ?? 0) - (few ?? 0));
  });

  it("100,000 users are no trouble", () => {
    const users = Array.from({ length: 100_000 }, (_, at) => `u${at}:x:${1000 + at}:100::/:/x\n`);
    const passwd = users.join("") + OURS.replace("850", "995");
    expect(run("switch", { ...RIGHT, passwd }).said).toContain("user pod has uid 995 on box");
  });
});
