/** The rules about identity. */
import { normalisePath } from "../../../src/text/path.ts";
import { inventory } from "../../support/fleet.ts";
import {
  type Cases,
  ALPHA_ADDRESSES,
  ALPHA_RELEASE,
  BETA_ADDRESSES,
  DEBIAN,
  GID,
  UID,
  changed,
  facts,
  service,
  user,
} from "./case.ts";

const SUB_IDS =
  '"subuid": [{ "name": "pod", "start": 100000, "count": 65536 }], "subgid": [{ "name": "pod", "start": 100000, "count": 65536 }]';

/** Facts of a user that exists, with its group and its subordinate ids. */
const POD = `"passwd": [${user("pod", "850", "850")}], "group": [{ "name": "pod", "gid": 850 }], ${SUB_IDS}`;

/** Facts of a user's podman whose database names these directories. */
function podman(directories: string, name = "pod"): string {
  return `[{ "user": "${name}", "databases": [{ "path": "/srv/pod/.local/share/containers/storage/db.sql", "kind": "sqlite", "runtime_dirs": [${directories}] }] }]`;
}

/** An entry of the lock's list of accepted changes. */
function accepted(kind: string, key: string, from: string, to: string): string {
  return `[[accepted]]\nkind = "${kind}"\nkey = "${key}"\nfrom = "${from}"\nto = "${to}"\nreason = "moved"\n`;
}

/** A lock of what inventory() makes of its user on alpha. */
const IDENTITY = `version = 2
[identities.alpha]
name = "pod"
uid = 850
group = "pod"
gid = 850
home = "/srv/pod"
sub_ids = "2130706432:65536"
`;

export const CASES: Readonly<Record<string, Cases>> = {
  "system-home": {
    wrong: [
      ...["/", "/srv", "/srv/../etc/", "/var/lib", "/run/pod", "/tmp/pod"].map((home) => ({
        name: `a folder of the system: ${home}`,
        files: { "nixgen.toml": changed({ [UID]: `${UID}\nhome = «"${home}"` }) },
        messages: ["alpha", "beta"].map(
          (host) =>
            `the home of pod on ${host} is ${normalisePath(home)}, which is the system's: the next switch would give it to pod`,
        ),
        help: ['home = "/srv/pod"'],
      })),
      {
        name: "another user's, on one host",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { home = «"/home/kyle" }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "kyle", "uid": 1000, "gid": 100, "home": ‹"/home/kyle/" }]',
          ),
        },
        messages: [
          "the home of pod on alpha is /home/kyle, which is kyle's: the next switch would give it to pod",
        ],
      },
    ],
    right: [
      {
        name: "a folder of its own at the top, as of a disk",
        files: { "nixgen.toml": changed({ [UID]: `${UID}\nhome = "/pods"` }) },
      },
      {
        name: "a folder of its own, which the host knows already",
        files: {
          "nixgen.toml": changed({ [UID]: `${UID}\nhome = "/var/lib/pod"` }),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/var/lib/pod" }]',
          ),
        },
      },
      {
        name: "a host without NixOS makes no home",
        files: {
          "nixgen.toml": inventory(`${DEBIAN}user = { home = "/srv" }\n`),
        },
      },
    ],
  },
  "uid-collision": {
    wrong: [
      {
        name: "a host gave the uid to a system user (the incident)",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "facts/beta.json": facts("beta", `"passwd": [${user("sshd", "‹850")}]`),
        },
        messages: ["uid 850 on beta belongs to sshd, but is pinned for user pod"],
        help: ["give sshd another uid on beta", "[[nodes]] user = { uid"],
      },
      {
        name: "the uid of one host alone",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = «900 }`,
          }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("gitea", "‹900")}]`),
        },
        messages: ["uid 900 on alpha belongs to gitea, but is pinned for user pod"],
      },
      {
        name: "another pinned user",
        files: {
          "nixgen.toml": changed(
            { [UID]: "uid = ‹850" },
            '[[users]]\nname = "deploy"\nuid = «850\nnodes = ["beta"]',
          ),
        },
        messages: ["uid 850 on beta belongs to pod, but is pinned for user deploy"],
        help: ["Give deploy another uid", "that of pod must not change"],
      },
      {
        name: "two pinned users, neither of which runs containers",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "deploy"\nuid = ‹860\n[[users]]\nname = "backup"\nuid = «860\nnodes = ["alpha"]',
          ),
        },
        messages: ["uid 860 on alpha belongs to deploy, but is pinned for user backup"],
        help: ["Give backup or deploy another uid on alpha."],
      },
      {
        name: "an id that every host has given away",
        files: { "nixgen.toml": changed({ [UID]: "uid = «65534" }) },
        messages: ["uid 65534 on alpha and beta belongs to nobody, but is pinned for user pod"],
        help: ["pin another for pod, one between 400 and 899"],
      },
      {
        name: "an id that every NixOS host has given away, but no Debian one",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «152" }, `${DEBIAN}user = { uid = 152 }`),
          "services/web.toml": service("web", "", 'node = "edge"'),
        },
        messages: [
          "uid 152 on alpha and beta belongs to systemd-network, but is pinned for user pod",
        ],
        help: ["Every NixOS host has systemd-network with this uid"],
      },
      {
        name: "a user that is gone, whose files may be left",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "facts/beta.json": facts("beta", '"nixos_uid_map": { "gitea": ‹850 }'),
        },
        messages: ["uid 850 on beta belonged to gitea, which is gone, but is pinned for user pod"],
        help: ["find / -uid 850"],
      },
      {
        name: "a host that is not NixOS and runs containers",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }, DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts("edge", `"passwd": [${user("www", "‹850")}]`),
        },
        messages: ["uid 850 on edge belongs to www, but is pinned for user pod"],
      },
    ],
    right: [
      {
        name: "the host has the same user already, also by its uid-map",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}], "nixos_uid_map": { "pod": 850 }`,
          ),
        },
      },
      {
        name: "the colliding host has a uid of its own (the incident's way out)",
        files: {
          "nixgen.toml": changed({
            [BETA_ADDRESSES]: `${BETA_ADDRESSES}\nuser = { uid = 851, gid = 850 }`,
          }),
          "facts/beta.json": facts("beta", `"passwd": [${user("sshd", "850")}]`),
        },
      },
      {
        name: "users of the same uid on different hosts",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "a"\nuid = 900\nnodes = ["alpha"]\n[[users]]\nname = "b"\nuid = 900\nnodes = ["beta"]',
          ),
        },
      },
      {
        name: "an edge host that is not NixOS and runs no containers",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts("edge", `"passwd": [${user("www", "850")}]`),
        },
      },
      {
        name: "the build users of NixOS, on Debian",
        files: {
          "nixgen.toml": inventory(
            `${DEBIAN}\n[[users]]\nname = "app"\nuid = 30001\nnodes = ["edge"]`,
          ),
        },
      },
      {
        name: "uid-map has an old uid of a user that is there with another one",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("sshd", "997")}], "nixos_uid_map": { "sshd": 850 }`,
          ),
        },
      },
    ],
  },
  "gid-collision": {
    wrong: [
      {
        name: "a host gave the gid to a group",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = «850" }),
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "render", "gid": ‹850 }]'),
        },
        messages: ["gid 850 on alpha belongs to render, but is pinned for group pod"],
        help: ["Give render another gid on alpha"],
      },
      {
        name: "the gid that follows from a host's own uid",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = «900 }`,
          }),
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "render", "gid": ‹900 }]'),
        },
        messages: ["gid 900 on alpha belongs to render, but is pinned for group pod"],
      },
      {
        name: "a person whose primary group was given as its own",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "kim"\nuid = 1000\ngid = «100\nnodes = ["alpha"]',
          ),
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "users", "gid": ‹100 }]'),
        },
        messages: ["gid 100 on alpha belongs to users, but is pinned for group kim"],
        help: ["leave gid out"],
      },
      {
        name: "the group of NixOS's build users",
        files: { "nixgen.toml": changed({ [GID]: "gid = «30000" }) },
        messages: ["gid 30000 on alpha and beta belongs to nixbld, but is pinned for group pod"],
      },
      {
        name: "a group that every NixOS host has",
        files: { "nixgen.toml": changed({ [GID]: "gid = «1" }) },
        messages: ["gid 1 on alpha and beta belongs to wheel, but is pinned for group pod"],
        help: ["Every NixOS host has wheel with this gid: pin another for pod"],
      },
    ],
    right: [
      {
        name: "the host has the group already",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "pod", "gid": 850 }]'),
        },
      },
      {
        name: "a gid that is only another user's uid",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = 999" }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("sshd", "999", "992")}]`),
        },
      },
      {
        name: "a user without a group of its own",
        files: {
          "nixgen.toml": inventory('[[users]]\nname = "kim"\nuid = 1000'),
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "users", "gid": 100 }]'),
        },
      },
    ],
  },
  "uid-changed": {
    wrong: [
      {
        name: "the lock has another uid (the incident's second root cause)",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹995\n',
        },
        messages: ["user pod on alpha was locked to uid 995, which must not become 850"],
        help: [
          "Keep uid 995",
          "[[nodes]] user = { uid = 995 }",
          "nixgen lock accept uid pod@alpha",
        ],
      },
      {
        name: "the host has the user with another uid",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹995", "850")}]`),
        },
        messages: ["user pod on alpha has uid 995, which must not become 850"],
      },
      {
        name: "NixOS remembers another one of a user that the host does not have any more",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("root", "0")}], "nixos_uid_map": { "pod": ‹995 }`,
          ),
        },
        messages: ["user pod on alpha once had uid 995, which must not become 850"],
      },
      {
        name: "the lock has the new one, the host still the old one: the host is right",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹850\n',
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹995", "850")}]`),
        },
        messages: ["user pod on alpha has uid 995, which must not become 850"],
        help: ["Correct uid of alpha in nixgen.lock as well: the host never had that uid"],
      },
      {
        name: "the lock has one, the host another one: the host is right",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹900\n',
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹995", "850")}]`),
        },
        messages: ["user pod on alpha has uid 995, which must not become 850"],
        help: ["the host never had that uid"],
      },
      {
        name: "the host has the new one, the lock the old one: it does not say that it has 995",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹995\n',
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹850", "850")}]`),
        },
        messages: ["user pod on alpha was locked to uid 995, which must not become 850"],
        help: ["alpha already has uid 850", "nixgen lock accept uid pod@alpha --reason"],
      },
      {
        name: "only another change was accepted, and the way back",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": `version = 1\n[uids]\n"pod@alpha" = ‹995\n${accepted("uid", "pod@beta", "995", "850")}${accepted("uid", "pod@alpha", "850", "995")}${accepted("gid", "pod@alpha", "995", "850")}`,
        },
        messages: ["user pod on alpha was locked to uid 995, which must not become 850"],
      },
    ],
    right: [
      {
        name: "the change was accepted, in two steps, and the host still has the old uid",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.lock": `version = 1\n[uids]\n"pod@alpha" = 995\n${accepted("uid", "pod@alpha", "995", "900")}${accepted("uid", "pod@alpha", "900", "850")}`,
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "995", "850")}]`),
        },
      },
      {
        name: "a uid of its own that is the locked one and the host's",
        files: {
          "nixgen.toml": changed({ [BETA_ADDRESSES]: `${BETA_ADDRESSES}\nuser = { uid = 995 }` }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = 850\n"pod@beta" = 995\n',
          "facts/beta.json": facts("beta", `"passwd": [${user("pod", "995", "995")}]`),
        },
      },
      {
        name: "a host that is not NixOS, whose user somebody made by hand",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts("edge", `"passwd": [${user("pod", "1001", "1001")}]`),
        },
      },
      {
        name: "locked uids of a host and of a user that are gone",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@gamma" = 995\n"old@alpha" = 900\n',
        },
      },
    ],
  },
  "uid-unpinned": {
    wrong: [
      {
        name: "no uid at all",
        files: {
          "nixgen.toml": changed({ "[user]": "[«user]", "uid = 850\ngid = 850\n": "" }),
        },
        messages: ["user pod has no pinned uid on alpha, beta"],
        help: ["Add uid = … to [user]: a number between 400 and 899"],
      },
      {
        name: "one host has it already, and the other has a uid of its own",
        files: {
          "nixgen.toml": changed({
            "[user]": "[«user]",
            "uid = 850\ngid = 850\n": "",
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = 850 }`,
          }),
          "facts/beta.json": facts("beta", `"passwd": [${user("pod", "995", "995")}]`),
        },
        messages: ["user pod has no pinned uid on beta"],
        help: ["Add uid = 995 to [user]: that is what pod has on beta."],
      },
      {
        name: "the hosts have different ones, one by its facts and one by the lock",
        files: {
          "nixgen.toml": changed({ "[user]": "[«user]", "uid = 850\ngid = 850\n": "" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = 850\n',
          "facts/beta.json": facts("beta", `"passwd": [${user("pod", "995", "995")}]`),
        },
        messages: ["user pod has no pinned uid on alpha, beta"],
        help: ["user = { uid = 850 } for alpha, user = { uid = 995 } for beta"],
      },
    ],
    right: [
      {
        name: "every host has a uid of its own",
        files: {
          "nixgen.toml": changed({
            "uid = 850\ngid = 850\n": "",
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = 850 }`,
            [BETA_ADDRESSES]: `${BETA_ADDRESSES}\nuser = { uid = 995 }`,
          }),
        },
      },
      {
        name: "no host runs NixOS",
        files: {
          "nixgen.toml": `[fleet]\nname = "test"\n[user]\nname = "pod"\n${DEBIAN}`,
        },
      },
    ],
  },
  "subid-overlap": {
    wrong: [
      {
        name: "two users of the inventory",
        files: {
          "nixgen.toml": changed(
            { [GID]: `${GID}\nsub_ids = ‹{ start = 100000, count = 65536 }` },
            '[[users]]\nname = "ci"\nuid = 860\nsub_ids = «{ start = 165535, count = 65536 }\nnodes = ["beta"]',
          ),
        },
        messages: [
          "the subordinate ids of ci on beta (165535 to 231070) overlap with those of pod (100000 to 165535)",
        ],
        help: [
          "Give ci a range that nobody has an id of, e.g. sub_ids = { start = 2130706432, count",
        ],
      },
      {
        name: "a user that the host has in /etc/subuid, and the same in /etc/subgid",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [‹{ "name": "kim", "start": 100000, "count": 65536 }], "subgid": [{ "name": "kim", "start": 100000, "count": 65536 }]',
          ),
        },
        messages: [
          "the subordinate ids of pod on alpha (100000 to 165535) overlap with those of kim (100000 to 165535)",
        ],
        help: [
          "Give pod a range that nobody has an id of, e.g. sub_ids = { start = 2130706432, count",
        ],
      },
      {
        name: "the first person of NixOS has a range that is in use: the person's moves",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }`,
          }),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = "100000:65536"\n',
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [‹{ "name": "kim", "start": 100000, "count": 65536 }]',
          ),
        },
        messages: [
          "the subordinate ids of pod on alpha (100000 to 165535) overlap with those of kim (100000 to 165535)",
        ],
        help: [
          "Change the range of kim on alpha: users.users.kim.subUidRanges = [ { startUid = 2130706432; count = 65536; } ]",
          "The range of pod must not move",
        ],
      },
      {
        name: "the default range, which somebody has",
        files: {
          "nixgen.toml": changed({ "[user]": "[«user]" }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [‹{ "name": "kim", "start": 2130706432, "count": 65536 }]',
          ),
        },
        messages: [
          "the subordinate ids of pod on alpha (2130706432 to 2130771967) overlap with those of kim (2130706432 to 2130771967)",
        ],
        help: ["e.g. sub_ids = { start = 2130771968, count = 65536 }"],
      },
      {
        name: "the range contains real ids, said once for all of them",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = «{ start = 900, count = 65536 }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("kim", "‹1000")}], "group": [{ "name": "docker", "gid": ‹998 }]`,
          ),
        },
        messages: [
          "the subordinate ids of pod on alpha (900 to 66435) contain 1000, which is user kim, and 36 more",
          "the subordinate ids of pod on beta (900 to 66435) contain 30001, which is user nixbld1, and 34 more",
        ],
        help: ["e.g. sub_ids = { start = 2130706432, count = 65536 }"],
      },
      {
        name: "the range contains nobody, which every host has",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "ci"\nuid = 860\nsub_ids = «{ start = 40000, count = 30000 }\nnodes = ["beta"]',
          ),
        },
        messages: [
          "the subordinate ids of ci on beta (40000 to 69999) contain 65534, which is user nobody, and 1 more",
        ],
      },
      {
        name: "the range contains the uid of another pinned user",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "big"\nuid = ‹100001\nnodes = ["alpha"]',
          ).replace(GID, `${GID}\nsub_ids = «{ start = 100000, count = 65536 }`),
        },
        messages: [
          "the subordinate ids of pod on alpha (100000 to 165535) contain 100001, which is user big",
        ],
      },
    ],
    right: [
      {
        name: "ranges side by side, and the user's own one on the host",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "ci"\nuid = 860\nsub_ids = { start = 165536, count = 65536 }',
          ),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "pod", "start": 100000, "count": 65536 }, { "name": "ci", "start": 165536, "count": 65536 }]',
          ),
        },
      },
      {
        name: "/etc/subuid names the user by its uid (subuid(5))",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "850", "start": 100000, "count": 65536 }]',
          ),
        },
      },
      {
        name: "a Debian host without containers gives the usual range to a person",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("kim", "1000")}], "subuid": [{ "name": "kim", "start": 100000, "count": 65536 }]`,
          ),
        },
      },
      {
        name: "the same range on different hosts",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "a"\nuid = 860\nsub_ids = { start = 200000, count = 65536 }\nnodes = ["alpha"]\n[[users]]\nname = "b"\nuid = 861\nsub_ids = { start = 200000, count = 65536 }\nnodes = ["beta"]',
          ),
        },
      },
    ],
  },
  "user-renamed": {
    wrong: [
      {
        name: "since the last build, with a lock of the first version",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = «"carrier"' }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹850\n[gids]\n"pod@alpha" = 850\n',
        },
        messages: ["the container user of alpha was pod (uid 850), which must not become carrier"],
        help: [
          'Keep name = "pod"',
          "Its home would become /srv/carrier, where podman has nothing",
          'write home = "/srv/pod" first',
          "nixgen lock accept name carrier@alpha",
        ],
      },
      {
        name: "with its home, group and range, all of which go by the name",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = «"carrier"' }),
          "nixgen.lock": IDENTITY.replace('name = "', 'name = ‹"'),
          "facts/alpha.json": facts("alpha", POD.replace('"name": "pod"', '"name": ‹"pod"')),
        },
        messages: ["the container user of alpha is pod (uid 850), which must not become carrier"],
      },
      {
        name: "of a host that was never built, by all that the user has",
        files: {
          "nixgen.toml": changed({
            'name = "pod"': 'name = «"carrier"',
            [UID]: `${UID}\nsub_ids = { start = 100000, count = 65536 }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [{ "name": ‹"pod", "uid": 850, "gid": 850, "home": "/srv/pod" }], "group": [{ "name": "pod", "gid": 850 }], ${SUB_IDS}`,
          ),
        },
        messages: ["the container user of alpha is pod (uid 850), which must not become carrier"],
        help: ['write home = "/srv/pod" first'],
      },
      {
        name: "and the host has the new name already",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = «"carrier"\nhome = "/srv/pod"' }),
          "nixgen.lock": IDENTITY.replace('name = "', 'name = ‹"'),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": ‹"carrier", "uid": 850, "gid": 850, "home": "/srv/pod" }]',
          ),
        },
        messages: ["the container user of alpha was pod (uid 850), which must not become carrier"],
        help: ["On alpha it is carrier already"],
      },
    ],
    right: [
      {
        name: "it was accepted, and the host has the old name still",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = "carrier"\nhome = "/srv/pod"' }),
          "nixgen.lock": `${IDENTITY.replaceAll('= "pod"', '= "carrier"')}${accepted("name", "carrier@alpha", "pod", "carrier")}`,
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/srv/pod" }], "group": [{ "name": "pod", "gid": 850 }]`,
          ),
        },
      },
      {
        name: "a host where another user only has the same range",
        files: {
          "nixgen.toml": changed({ [UID]: `${UID}\nsub_ids = { start = 200000, count = 65536 }` }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("kim", "1000")}]`),
        },
      },
    ],
  },
  "home-changed": {
    wrong: [
      {
        name: "the host has another one",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = "pod"\nhome = «"/srv/pod"' }),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": ‹"/home/pod" }]',
          ),
        },
        messages: ["user pod on alpha has the home /home/pod, which must not become /srv/pod"],
        help: [
          'Keep it: home = "/home/pod"',
          "podman finds nothing in another one",
          "nixgen lock accept home pod@alpha",
        ],
      },
      {
        name: "since the last build",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = "pod"\nhome = «"/data/pod"' }),
          "nixgen.lock": IDENTITY.replace("home = ", "home = ‹"),
        },
        messages: [
          "user pod on alpha was locked to the home /srv/pod, which must not become /data/pod",
        ],
      },
      {
        name: "and the host has the new one already",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = "pod"\nhome = «"/data/pod"' }),
          "nixgen.lock": IDENTITY.replace("home = ", "home = ‹"),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": ‹"/data/pod" }]',
          ),
        },
        messages: [
          "user pod on alpha was locked to the home /srv/pod, which must not become /data/pod",
        ],
        help: [
          "On alpha it is /data/pod already",
          'If they are still in /srv/pod, write home = "/srv/pod"',
        ],
      },
    ],
    right: [
      {
        name: "the same one, written otherwise",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = "pod"\nhome = "/srv//pod"' }),
          "nixgen.lock": IDENTITY,
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/srv/pod/" }]',
          ),
        },
      },
      {
        name: "a user that had none",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/var/empty" }]',
          ),
        },
      },
      {
        name: "it was accepted",
        files: {
          "nixgen.toml": changed({ 'name = "pod"': 'name = "pod"\nhome = "/data/pod"' }),
          "nixgen.lock": `${IDENTITY}${accepted("home", "pod@alpha", "/srv/pod", "/data/pod")}`,
        },
      },
    ],
  },
  "gid-changed": {
    wrong: [
      {
        name: "the host has the group with another gid",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = «850" }),
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "pod", "gid": ‹988 }]'),
        },
        messages: ["group pod on alpha has gid 988, which must not become 850"],
        help: [
          "Keep it: gid = 988",
          "[[nodes]] user = { gid = 988 }",
          "nixgen lock accept gid pod@alpha",
        ],
      },
      {
        name: "a gid that follows from the host's own uid",
        files: {
          "nixgen.toml": changed({ [BETA_ADDRESSES]: `${BETA_ADDRESSES}\nuser = { uid = «851 }` }),
          "facts/beta.json": facts("beta", '"group": [{ "name": "pod", "gid": ‹850 }]'),
        },
        messages: ["group pod on beta has gid 850, which must not become 851"],
      },
      {
        name: "the user's primary group is another one",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = «850" }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "‹100")}], "group": [{ "name": "users", "gid": 100 }]`,
          ),
        },
        messages: ["the primary gid of pod on alpha is 100 (users), which must not become 850"],
        help: ['Keep it: group = "users" and gid = 100', "do not start after a reboot"],
      },
      {
        name: "the user goes to another group, of which only the lock knows",
        files: {
          "nixgen.toml": changed({ [GID]: 'gid = «300\ngroup = "media"' }),
          "nixgen.lock": IDENTITY.replace("gid = ", "gid = ‹"),
        },
        messages: ["group media on alpha was locked to gid 850, which must not become 300"],
      },
      {
        name: "the group gets another name and keeps its gid",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [GID]: 'gid = 850\ngroup = «"media"' }),
          "nixgen.lock": IDENTITY.replace("group = ", "group = ‹"),
        },
        messages: [
          "user pod on alpha was locked to the primary group pod, which becomes media with the same gid 850",
        ],
        help: ['Keep group = "pod"', "nixgen lock accept group pod@alpha"],
      },
      {
        name: "only the lock knows another one",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = «850" }),
          "nixgen.lock": 'version = 1\n[gids]\n"pod@alpha" = ‹988\n',
        },
        messages: ["group pod on alpha was locked to gid 988, which must not become 850"],
      },
      {
        name: "the host has the new one, the lock the old one",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = «850" }),
          "nixgen.lock": 'version = 1\n[gids]\n"pod@alpha" = ‹988\n',
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "pod", "gid": ‹850 }]'),
        },
        messages: ["group pod on alpha was locked to gid 988, which must not become 850"],
        help: ["find / -xdev -gid 988", "nixgen lock accept gid pod@alpha"],
      },
    ],
    right: [
      {
        name: "the gid is the host's and the lock's, though not the uid",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = 988" }),
          "nixgen.lock": 'version = 1\n[gids]\n"pod@alpha" = 988\n"pod@beta" = 988\n',
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "pod", "gid": 988 }]'),
        },
      },
      {
        name: "the user's primary group is one that others share",
        files: {
          "nixgen.toml": changed({ [GID]: 'group = "users"' }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "100")}], "group": [{ "name": "users", "gid": 100 }]`,
          ),
        },
      },
      {
        name: "its own group was renamed with it",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.lock": `${IDENTITY.replaceAll('"pod"', '"old"')}${accepted("name", "pod@alpha", "old", "pod")}`,
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "old", "uid": 850, "gid": 850, "home": "/srv/pod" }], "group": [{ "name": "old", "gid": 850 }]',
          ),
        },
      },
      {
        name: "the change was accepted",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.lock": `version = 1\n[gids]\n"pod@alpha" = 988\n${accepted("gid", "pod@alpha", "988", "850")}`,
          "facts/alpha.json": facts("alpha", '"group": [{ "name": "pod", "gid": 988 }]'),
        },
      },
    ],
  },
  "subid-changed": {
    wrong: [
      {
        name: "the lock has another range",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }` }),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = ‹"231072:65536"\n',
        },
        messages: [
          "user pod on alpha was locked to the subordinate ids 231072:65536, which must not become 100000:65536",
        ],
        help: [
          "sub_ids = { start = 231072, count = 65536 }",
          "nixgen lock accept sub_ids pod@alpha",
        ],
      },
      {
        name: "the host has another range, in /etc/subgid alone, under the user's uid",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }` }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}], "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }], "subgid": [‹{ "name": "850", "start": 231072, "count": 65536 }]`,
          ),
        },
        messages: [
          "user pod on alpha has the subordinate ids 231072:65536, which must not become 100000:65536",
        ],
      },
      {
        name: "the range becomes shorter",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }` }),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = ‹"100000:131072"\n',
        },
        messages: [
          "user pod on alpha was locked to the subordinate ids 100000:131072, which must not become 100000:65536",
        ],
      },
      {
        name: "the host has two ranges",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }` }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [‹{ "name": "pod", "start": 100000, "count": 65536 }, { "name": "pod", "start": 300000, "count": 65536 }]',
          ),
        },
        messages: [
          "user pod on alpha has the subordinate ids 100000:65536 and 300000:65536, which must not become 100000:65536",
        ],
        help: ["A definition has one range"],
      },
      {
        name: "the host has the new range, the lock the old one",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }` }),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = ‹"231072:65536"\n',
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [‹{ "name": "pod", "start": 100000, "count": 65536 }]',
          ),
        },
        messages: [
          "user pod on alpha was locked to the subordinate ids 231072:65536, which must not become 100000:65536",
        ],
        help: ["On alpha it is the new range already"],
      },
    ],
    right: [
      {
        name: "the range grows at its end",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = { start = 100000, count = 131072 }` }),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = "100000:65536"\n',
          "facts/alpha.json": facts("alpha", POD),
        },
      },
      {
        name: "two lines of the host that are one range",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = { start = 100000, count = 131072 }` }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "pod", "start": 100000, "count": 65536 }, { "name": "pod", "start": 165536, "count": 65536 }]',
          ),
        },
      },
      {
        name: "a host that is not NixOS, where nothing is written",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("pod", "850", "850")}], "subuid": [{ "name": "pod", "start": 231072, "count": 65536 }], "subgid": [{ "name": "pod", "start": 231072, "count": 65536 }]`,
          ),
        },
      },
      {
        name: "the change was accepted",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.lock": `version = 1\n[sub_ids]\n"pod@alpha" = "231072:65536"\n${accepted("sub_ids", "pod@alpha", "231072:65536", "100000:65536")}`,
        },
      },
    ],
  },
  "subid-in-allocation-path": {
    wrong: [
      {
        name: "the range of the first person of NixOS, on hosts that nothing is known of",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 65536 }`,
          }),
        },
        messages: [
          "the subordinate ids of pod on alpha, beta are 100000 to 165535, but NixOS and useradd give 100000 to 524287 to normal users as subordinate ids, and no facts show that pod has them",
        ],
        help: ["Set start = 2130706432", "If containers of pod have run on alpha, beta, do not"],
      },
      {
        name: "a range that is locked does not move",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@alpha" = «"100000:65536"\n',
        },
        messages: [
          "the subordinate ids of pod on alpha are 100000 to 165535, but NixOS and useradd give 100000 to 524287 to normal users as subordinate ids, and no facts show that pod has them",
        ],
        help: [
          "Collect the facts of alpha",
          "Give every user with isNormalUser = true subUidRanges and subGidRanges of its own on alpha",
          "must not move",
        ],
      },
      {
        name: "one host has it, the other does not have the user yet",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = «{ start = 524288, count = 65536 }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "pod", "start": 524288, "count": 65536 }]',
          ),
          "facts/beta.json": facts("beta", '"passwd": []'),
        },
        messages: [
          "the subordinate ids of pod on beta are 524288 to 589823, but systemd-nspawn gives 524288 to 1879048191 to containers, and no facts show that pod has them",
        ],
        help: [
          "Write user = { sub_ids = { start = 2130706432, count = 65536 } } in the [[nodes]] of beta",
        ],
      },
      ...(
        [
          [59000, "NixOS and useradd give 1000 to 60000 to normal users"],
          [61000, "systemd gives 61184 to 65519 to services with DynamicUser="],
          [2147352000, "systemd gives 2147352576 to 2147418111 to files of foreign images"],
        ] as const
      ).map(([start, does]) => ({
        name: `ids of those: ${does}`,
        files: {
          "nixgen.toml": changed(
            {
              [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { sub_ids = «{ start = ${start}, count = 1000 } }`,
            },
            DEBIAN,
          ),
        },
        messages: [
          `the subordinate ids of pod on alpha are ${start} to ${start + 999}, but ${does}, and no facts show that pod has them`,
        ],
      })),
    ],
    right: [
      { name: "the range that is the default", files: { "nixgen.toml": inventory() } },
      {
        name: "ranges between those that something hands out",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { sub_ids = { start = 1879048192, count = 268304384 } }`,
            [BETA_ADDRESSES]: `${BETA_ADDRESSES}\nuser = { sub_ids = { start = 65536, count = 34464 } }`,
          }),
        },
      },
      {
        name: "the host has it already, and nobody else does",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", SUB_IDS),
          "facts/beta.json": facts(
            "beta",
            '"subgid": [{ "name": "850", "start": 600000, "count": 65536 }]',
          ),
        },
      },
      {
        name: "it is an error already: another user has it, or the lock another one",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = { start = 100000, count = 65536 }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "kim", "start": 100000, "count": 65536 }]',
          ),
          "nixgen.lock": 'version = 1\n[sub_ids]\n"pod@beta" = "200000:65536"\n',
        },
      },
      {
        name: "a host without the container user",
        files: {
          "nixgen.toml": inventory(
            `${DEBIAN}user = { sub_ids = { start = 100000, count = 65536 } }`,
          ),
        },
      },
    ],
  },
  "reserved-user": {
    wrong: [
      ...["root", "sshd", "messagebus", "systemd-oom", "systemd-resolve", "nixbld1", "nobody"].map(
        (name) => ({
          name: `a user of the system: ${name}`,
          files: { "nixgen.toml": changed({ '"pod"': `«"${name}"` }) },
          messages: [
            `the container user is named ${name}, which is a user of the system on alpha, beta`,
          ],
          help: ['name = "pods"'],
        }),
      ),
      ...["users", "wheel", "input"].map((name) => ({
        name: `a group of the system: ${name}`,
        files: { "nixgen.toml": changed({ '"pod"': `«"${name}"` }) },
        messages: [
          `the container user is named ${name}, which is a group of the system on alpha, beta`,
        ],
      })),
      {
        name: "podman, whose group may use the socket of the rootful podman",
        files: { "nixgen.toml": changed({ '"pod"': '«"podman"' }) },
        messages: [
          "podman is in the primary group podman, whose members can use the socket of the rootful podman and so act as root on alpha, beta",
        ],
        help: ['name = "pods"'],
      },
      {
        name: "such a group as the primary one of one host, and as a further one",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nextra_groups = ["video", «"docker"]`,
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { group = «"podman", gid = 131 }`,
          }),
        },
        messages: [
          "pod is in the group docker, whose members can use the socket of Docker and so act as root on alpha, beta",
          "pod is in the primary group podman, whose members can use the socket of the rootful podman and so act as root on alpha",
        ],
        help: ["Remove docker from extra_groups."],
      },
      {
        name: "root, on a host that is not NixOS",
        files: {
          "nixgen.toml": changed({
            '"pod"': '«"root"',
            'os = "nixos"\nnixos_release = "25.11"\nrole = "master"':
              'os = "debian"\nrole = "master"',
            'os = "nixos"\nnixos_release = "25.11"\nrole = "worker"':
              'os = "debian"\nrole = "worker"',
          }),
          "services/web.toml": service("web"),
        },
        messages: ["the container user is named root, which is a user of the system on alpha"],
      },
    ],
    right: [
      {
        name: "a group of the system that others share",
        files: { "nixgen.toml": changed({ [GID]: 'group = "users"' }) },
      },
      {
        name: "a name that begins like one of the system's, and a group that everybody may have",
        files: {
          "nixgen.toml": changed({
            '"pod"': '"sshd2"',
            [GID]: `${GID}\nextra_groups = ["systemd-journal", "video"]`,
          }),
        },
      },
      {
        name: "a user named podman whose group is another one",
        files: {
          "nixgen.toml": changed({ '"pod"': '"podman"', [GID]: 'group = "users"' }),
        },
      },
    ],
  },
  "uid-in-allocation-path": {
    wrong: [
      {
        name: "a host without the user, which has handed out a few",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «996" }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "996", "850")}]`),
          "facts/beta.json": facts(
            "beta",
            `"passwd": [${user("sshd", "998")}], "nixos_uid_map": { "sshd": 998, "gone": 997 }`,
          ),
        },
        messages: [
          "uid 996 is pinned for user pod, but is the 2nd that beta hands out next (999, 996), and beta does not have pod yet",
        ],
        help: ["switch beta to a configuration that pins it", "pin another uid, e.g. 850"],
      },
      {
        name: "hosts that nothing is known of (the incident's orion, before its facts)",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «995", [GID]: "" }),
        },
        messages: [
          "uid 995 is pinned for user pod, but NixOS gives 999 and below to system users and groups, and there are no facts of alpha, beta",
        ],
        help: ["collect the facts of alpha, beta", "pin another uid, e.g. 850"],
      },
      {
        name: "a gid, far down, on the host that does not have the group",
        files: {
          "nixgen.toml": changed({ [GID]: "gid = «940" }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("kim", "1000", "100")}], "nixos_gid_map": { "a": 999, "b": 998 }`,
          ),
          "facts/beta.json": facts("beta", '"group": [{ "name": "pod", "gid": 940 }]'),
        },
        messages: [
          "gid 940 is pinned for group pod, but is the 58th that alpha hands out next (997, 996, 995, 994, …), and alpha does not have pod yet",
        ],
      },
      {
        name: "another pinned user, on one host",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "backup"\nuid = «950\nnodes = ["alpha"]\n[[users]]\nname = "ci"\nuid = 850\nnodes = []',
          ),
          "facts/beta.json": facts("beta", `"passwd": [${user("git", "849")}]`),
        },
        messages: [
          "uid 950 is pinned for user backup, but NixOS gives 999 and below to system users and groups, and there are no facts of alpha",
        ],
        help: ["e.g. 848"],
      },
      {
        name: "the uid of the first person, on NixOS and on Debian",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «1000" }, DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
        },
        messages: [
          "uid 1000 is pinned for user pod, but NixOS and useradd give 1000 and above to normal users, and there are no facts of alpha, beta, edge",
        ],
        help: ["pin another uid, e.g. 850"],
      },
      {
        name: "the uid of the next person, as the facts show",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «1001" }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("kim", "1000")}]`),
          "facts/beta.json": facts("beta", `"passwd": [${user("pod", "1001", "850")}]`),
        },
        messages: [
          "uid 1001 is pinned for user pod, but is the 1st that alpha hands out next (1001), and alpha does not have pod yet",
        ],
      },
      ...(
        [
          ["60001", "systemd-homed gives 60001 to 60513 to normal users"],
          ["61184", "systemd gives 61184 to 65519 to services with DynamicUser="],
          ["100000", "NixOS and useradd give 100000 to 524287 to normal users as subordinate ids"],
          ["1879048191", "systemd-nspawn gives 524288 to 1879048191 to containers"],
          ["2147352576", "systemd gives 2147352576 to 2147418111 to files of foreign images"],
        ] as const
      ).map(([id, does]) => ({
        name: `an id of those: ${does}`,
        files: {
          "nixgen.toml": inventory(`[[users]]\nname = "ci"\nuid = 851\ngid = «${id}`),
        },
        messages: [
          `gid ${id} is pinned for group ci, but ${does}, and there are no facts of alpha, beta`,
        ],
      })),
    ],
    right: [
      {
        name: "the uid of the reference fleet, without any facts, and one just behind the window",
        files: { "nixgen.toml": inventory('[[users]]\nname = "ci"\nuid = 935') },
      },
      {
        name: "a host that NixOS has handed out nothing of yet",
        files: {
          "nixgen.toml": inventory('[[users]]\nname = "ci"\nuid = 935\nnodes = ["alpha"]'),
          "facts/alpha.json": facts("alpha", '"passwd": []'),
        },
      },
      {
        name: "the user is there, or was once",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = 996", [GID]: "gid = 996" }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "996", "996")}], "group": [{ "name": "pod", "gid": 996 }]`,
          ),
          "facts/beta.json": facts(
            "beta",
            '"nixos_uid_map": { "pod": 996 }, "nixos_gid_map": { "pod": 996 }',
          ),
        },
      },
      {
        name: "ids between those that something hands out, on all hosts",
        files: {
          "nixgen.toml": inventory(
            ["1064", "60514", "65536", "99999", "1879048192", "2147352575", "2147418112"]
              .map((id) => `[[users]]\nname = "u${id}"\nuid = ${id}\ngid = ${id}\n`)
              .join(""),
          ).replace(UID, "uid = 1064"),
        },
      },
      {
        name: "a host that is not NixOS, and a person's uid",
        files: {
          "nixgen.toml": inventory(
            `${DEBIAN}\n[[users]]\nname = "app"\nuid = 998\nnodes = ["edge"]\n[[users]]\nname = "kim"\nuid = 1000`,
          ),
        },
      },
    ],
  },
  "uid-differs-across-hosts": {
    wrong: [
      {
        name: "a host that is not NixOS has the user with another uid",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }, DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("pod", "‹1001", "‹1002")}], ${SUB_IDS}`,
          ),
        },
        messages: [
          "user pod has uid 1001 and gid 1002 on edge, where its containers run, and 850 and 850 in the inventory",
        ],
        help: ["user = { uid = 1001, gid = 1002 }"],
      },
      {
        name: "or with another group and another home",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = 850", [GID]: "gid = «850" }, DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [{ "name": "pod", "uid": 850, "gid": ‹100, "home": ‹"/home/pod" }], "group": [{ "name": "users", "gid": 100 }], ${SUB_IDS}`,
          ),
        },
        messages: [
          "user pod has gid 100 and home /home/pod on edge, where its containers run, and 850 and /srv/pod in the inventory",
        ],
        help: ['user = { uid = 850, gid = 100, group = "users", home = "/home/pod" }'],
      },
      {
        name: "a uid of its own that nothing asks for",
        severity: "info",
        files: {
          "nixgen.toml": changed({
            [UID]: "uid = ‹850",
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = «860, gid = 850 }`,
          }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("sshd", "998")}]`),
        },
        messages: [
          "user pod is to have uid 860 on alpha and 850 elsewhere, though 850 is free there",
        ],
      },
    ],
    right: [
      {
        name: "the host has it already",
        files: {
          "nixgen.toml": changed({ [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = 860 }` }),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "860")}]`),
        },
      },
      {
        name: "the usual one is another user's there, or was once, or is pinned for one",
        files: {
          "nixgen.toml": changed(
            {
              [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = 860 }`,
              [BETA_ADDRESSES]: `${BETA_ADDRESSES}\nuser = { uid = 860 }`,
            },
            '[[users]]\nname = "ci"\nuid = 850\nnodes = ["beta"]',
          ),
          "facts/alpha.json": facts("alpha", '"nixos_uid_map": { "git": 850 }'),
          "facts/beta.json": facts("beta", '"passwd": []'),
        },
      },
      {
        name: "nothing is known of the host",
        files: {
          "nixgen.toml": changed({ [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { uid = 860 }` }),
        },
      },
      {
        name: "a host without containers whose user is another one",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts("edge", `"passwd": [${user("pod", "1001")}]`),
        },
      },
    ],
  },
  "subid-missing": {
    wrong: [
      {
        name: "neither file has the user, which the next switch changes",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = ‹{ start = 100000, count = 65536 }` }),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts("alpha", `"passwd": [«${user("pod", "850", "850")}]`),
        },
        messages: [
          "user pod has no line in /etc/subuid or /etc/subgid of alpha, where its containers run",
        ],
        help: ["Switch alpha to the emitted modules", "100000:65536"],
      },
      {
        name: "one file has it not, on a host that nothing is emitted for",
        files: {
          "nixgen.toml": changed(
            { [GID]: `${GID}\nsub_ids = ‹{ start = 100000, count = 65536 }` },
            DEBIAN,
          ),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [«${user("pod", "850", "850")}], "subuid": [{ "name": "850", "start": 100000, "count": 65536 }], "subgid": [{ "name": "kim", "start": 200000, "count": 65536 }]`,
          ),
        },
        messages: ["user pod has no line in /etc/subgid of edge, where its containers run"],
        help: ["usermod --add-subuids 100000-165535 --add-subgids 100000-165535 pod"],
      },
    ],
    right: [
      {
        name: "the user does not exist yet",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("sshd", "998")}]`),
        },
      },
      {
        name: "no container runs there",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", "", 'node = "alpha"\nactive = false'),
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "850", "850")}]`),
        },
      },
    ],
  },
  "subid-too-small": {
    wrong: [
      {
        name: "one range for two hosts",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = «{ start = 100000, count = 1000 }` }),
        },
        messages: [
          "user pod has 1000 subordinate ids on alpha, beta, too few to unpack images that contain files of nobody (65534)",
        ],
        help: ["Set count = 65536"],
      },
      {
        name: "a range of a host's own that cannot grow",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { sub_ids = «{ start = 100000, count = 1000 } }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "kim", "start": 101000, "count": 65536 }]',
          ),
        },
        messages: [
          "user pod has 1000 subordinate ids on alpha, too few to unpack images that contain files of nobody (65534)",
        ],
        help: ["Give it a range of 65536"],
      },
      {
        name: "the host has fewer than it is to have",
        files: {
          "nixgen.toml": changed({ [GID]: `${GID}\nsub_ids = ‹{ start = 100000, count = 65536 }` }),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}], "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }], "subgid": [«{ "name": "pod", "start": 100000, "count": 65535 }]`,
          ),
        },
        messages: [
          "user pod has 65535 subordinate ids in /etc/subgid of alpha, too few to unpack images that contain files of nobody (65534)",
        ],
        help: ["Switch alpha to the emitted modules"],
      },
      {
        name: "a host that nothing is emitted for",
        files: {
          "nixgen.toml": changed(
            { [GID]: `${GID}\nsub_ids = ‹{ start = 100000, count = 65536 }` },
            DEBIAN,
          ),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("pod", "850", "850")}], "subuid": [«{ "name": "pod", "start": 300000, "count": 999 }], "subgid": [{ "name": "pod", "start": 300000, "count": 65536 }]`,
          ),
        },
        messages: [
          "user pod has 999 subordinate ids in /etc/subuid of edge, too few to unpack images that contain files of nobody (65534)",
        ],
      },
    ],
    right: [
      {
        name: "two lines that are enough together",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("pod", "850", "850")}], "subuid": [{ "name": "pod", "start": 300000, "count": 65535 }, { "name": "pod", "start": 400000, "count": 1 }], "subgid": [{ "name": "pod", "start": 300000, "count": 65536 }]`,
          ),
        },
      },
      {
        name: "a host without the container user",
        files: {
          "nixgen.toml": inventory(`${DEBIAN}user = { sub_ids = { start = 1, count = 1 } }`),
        },
      },
    ],
  },
  "linger-off": {
    wrong: [
      {
        name: "only others linger",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts(
            "alpha",
            `${POD.replace('{ "name": "pod", "uid"', '‹{ "name": "pod", "uid"')}, "linger": «["kim"]`,
          ),
        },
        messages: [
          "user pod does not linger on alpha: its containers end with its last session, and none starts at boot",
        ],
        help: ["Switch alpha", "loginctl enable-linger pod"],
      },
      {
        name: "a host that nothing is emitted for",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            `${POD.replace('{ "name": "pod", "uid"', '‹{ "name": "pod", "uid"')}, "linger": «[]`,
          ),
        },
        messages: [
          "user pod does not linger on edge: its containers end with its last session, and none starts at boot",
        ],
        help: ["Run as root on edge: loginctl enable-linger pod"],
      },
    ],
    right: [
      {
        name: "it was not collected",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts("alpha", POD),
        },
      },
      {
        name: "no container runs there",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", "", 'node = "beta"'),
          "facts/alpha.json": facts("alpha", `${POD}, "linger": []`),
        },
      },
    ],
  },
  "user-listed-twice": {
    wrong: [
      {
        name: "with two uids",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "‹850", "850")}, ${user("pod", "«851", "850")}]`,
          ),
        },
        messages: ["/etc/passwd of alpha has two lines for pod, with uid 850 and uid 851"],
        help: [
          "NixOS keeps the last one",
          "ls -ldn /srv/pod/.local/share/containers/storage",
          "vipw",
        ],
      },
      {
        name: "with two homes",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": ‹"/srv/pod" }, { "name": "pod", "uid": 850, "gid": 850, "home": «"/home/pod" }]',
          ),
        },
        messages: [
          "/etc/passwd of alpha has two lines for pod, with home /srv/pod and home /home/pod",
        ],
      },
    ],
    right: [
      {
        name: "the same line twice",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}, ${user("pod", "850", "850")}]`,
          ),
        },
      },
      {
        name: "another user",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}, ${user("kim", "1000")}, ${user("kim", "1001")}]`,
          ),
        },
      },
    ],
  },
  "users-contradict": {
    wrong: [
      {
        name: "[[users]] has the container user with another uid and another range",
        files: {
          "nixgen.toml": changed(
            { [UID]: "uid = ‹850\nsub_ids = ‹{ start = 100000, count = 65536 }" },
            '[[users]]\nname = "pod"\nuid = «851\ngid = 850\nsub_ids = «{ start = 200000, count = 65536 }',
          ),
        },
        messages: [
          "pod has uid 850 and uid 851 on alpha",
          "pod has sub_ids 100000:65536 and sub_ids 200000:65536 on alpha",
        ],
        help: ["[user] and [[nodes]] say what is emitted"],
      },
      {
        name: "or another user twice, on one host",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "kim"\nuid = ‹1001\n[[users]]\nname = "kim"\nuid = «1002\nnodes = ["beta"]\n[[users]]\nname = "kim"\nuid = 1001',
          ),
        },
        messages: ["kim has uid 1001 and uid 1002 on beta"],
        help: ["nodes = [ … ]"],
      },
    ],
    right: [
      {
        name: "the container user again, as it is",
        files: { "nixgen.toml": inventory('[[users]]\nname = "pod"\nuid = 850') },
      },
      {
        name: "a user with a uid of its own on each host",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "kim"\nuid = 1001\nnodes = ["alpha"]\n[[users]]\nname = "kim"\nuid = 1002\nnodes = ["beta"]',
          ),
        },
      },
    ],
  },
  "others-collide": {
    wrong: [
      {
        name: "two uids and two ranges, each said once",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}, ${user("ana", "‹1000")}, ${user("bo", "«1000")}], "subuid": [{ "name": "pod", "start": 2130706432, "count": 65536 }, «{ "name": "kim", "start": 165000, "count": 65536 }, ‹{ "name": "ana", "start": 100000, "count": 65536 }], "subgid": [{ "name": "kim", "start": 165000, "count": 65536 }, { "name": "ana", "start": 100000, "count": 65536 }]`,
          ),
        },
        messages: [
          "ana and bo on alpha have the same uid 1000",
          "the subordinate ids of ana (100000 to 165535) and kim (165000 to 230535) on alpha overlap",
        ],
        help: ["Give one of them another uid on alpha"],
      },
    ],
    right: [
      {
        name: "further names of root, and what the fleet pins",
        files: {
          "nixgen.toml": inventory('[[users]]\nname = "ci"\nuid = 860'),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("root", "0", "0")}, ${user("toor", "0", "0")}, ${user("ci", "860")}, ${user("bo", "860")}]`,
          ),
        },
      },
      {
        name: "ranges that touch, and two of one user",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "ana", "start": 100000, "count": 65536 }, { "name": "bo", "start": 165536, "count": 65536 }, { "name": "bo", "start": 165540, "count": 1 }]',
          ),
        },
      },
    ],
  },
  "subid-moved": {
    wrong: [
      {
        name: "of a user that is not the fleet's",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("ana", "1000")}], "subuid": [‹{ "name": "ana", "start": 231072, "count": 65536 }], "podman": [{ "user": "ana", "file_uids": { "lowest": «100998, "highest": 231073 } }]`,
          ),
        },
        messages: [
          "files in podman's storage of ana on alpha belong to uid 100998, which is not a subordinate id of ana (231072 to 296607)",
        ],
        help: ["begins at 100000", "users.users.ana.subUidRanges"],
      },
      {
        name: "of a user that has two",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("ana", "1000")}], "subuid": [‹{ "name": "1000", "start": 300000, "count": 65536 }, { "name": "ana", "start": 100000, "count": 65536 }], "podman": [{ "user": "ana", "file_uids": { "lowest": 100999, "highest": «200000 } }]`,
          ),
        },
        messages: [
          "files in podman's storage of ana on alpha belong to uid 200000, which is not a subordinate id of ana (300000 to 365535 and 100000 to 165535)",
        ],
      },
    ],
    right: [
      {
        name: "ids of its own, and what root left",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("ana", "1000")}], "subuid": [{ "name": "ana", "start": 100000, "count": 65536 }], "podman": [{ "user": "ana", "file_uids": { "lowest": 0, "highest": 100999 } }]`,
          ),
        },
      },
      {
        name: "a user without a range, and one whose files were not looked at",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("ana", "1000")}], "podman": [{ "user": "ana", "file_uids": { "lowest": 7, "highest": 7 } }, { "user": "bo" }]`,
          ),
        },
      },
    ],
  },
  "subid-misread": {
    wrong: [
      {
        name: "lines that are skipped or octal, and no line break at the end",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"subuid": [{ "name": "ana", "start": 1, "count": 1 }], "sub_ids": { "read_by": "script", "faults": [«{ "file": "subuid", "line": 2, "fault": "fields" }, «{ "file": "subgid", "line": 3, "fault": "number" }, «{ "file": "subgid", "line": 4, "fault": "octal" }, «{ "file": "subuid", "line": 4, "fault": "unterminated" }] }',
          ),
        },
        messages: [
          "line 2 of /etc/subuid on alpha does not have three fields: it is skipped, by some versions of shadow",
          "line 3 of /etc/subgid on alpha has a field that is no number from 1 to 4294967294: it is skipped",
          "line 4 of /etc/subgid on alpha has a number that begins with 0: it is read as octal or hexadecimal",
          "/etc/subuid on alpha does not end with a line break, and shadow 4.20 reads nothing of such a file",
        ],
        help: ["Write NAME:START:COUNT"],
      },
      {
        name: "a file of which nothing is read",
        severity: "error",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"sub_ids": { "read_by": "getsubids", "faults": [«{ "file": "subgid", "line": 4, "fault": "unterminated" }] }',
          ),
        },
        messages: [
          "/etc/subgid on alpha does not end with a line break, and nothing of it is read: no user has subordinate ids",
        ],
        help: ["Run as root on alpha: echo >>/etc/subgid."],
      },
    ],
    right: [
      {
        name: "files that are as they look",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"sub_ids": { "read_by": "getsubids" }'),
        },
      },
      {
        name: "facts that do not have it",
        files: { "nixgen.toml": inventory(), "facts/alpha.json": facts("alpha", '"subuid": []') },
      },
    ],
  },
  "storage-differs": {
    wrong: [
      {
        name: "storage.conf names another folder",
        files: {
          "nixgen.toml": changed({ "[user]": "[«user]" }),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "storage": ‹"/data/pod", "databases": [{ "path": "/data/pod/db.sql", "kind": "sqlite" }] }]',
          ),
        },
        messages: [
          "podman's storage of pod on alpha is /data/pod, and the inventory says /srv/pod/.local/share/containers/storage",
        ],
        help: ['storage = "/data/pod"', '[[nodes]] user = { storage = "/data/pod" }'],
      },
      {
        name: "by the database, in facts of the old format",
        files: {
          "nixgen.toml": changed({ [UID]: `${UID}\nstorage = «"/data/x"` }),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "databases": [{ "path": ‹"/data/pod/libpod/bolt_state.db", "kind": "boltdb" }] }]',
          ),
        },
        messages: ["podman's storage of pod on alpha is /data/pod, and the inventory says /data/x"],
      },
    ],
    right: [
      {
        name: "the same folder, and another user's",
        files: {
          "nixgen.toml": changed({ [UID]: `${UID}\nstorage = "/data//pod"` }),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "storage": "/data/pod", "databases": [{ "path": "/data/pod/db.sql", "kind": "sqlite" }] }, { "user": "ana", "storage": "/home/ana/x", "databases": [{ "path": "/home/ana/x/db.sql", "kind": "sqlite" }] }]',
          ),
        },
      },
      {
        name: "a podman that never ran, and a home that changed",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "storage": "/data/pod" }]',
          ),
          "facts/beta.json": facts(
            "beta",
            '"passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/home/pod" }], "podman": [{ "user": "pod", "databases": [{ "path": "/home/pod/.local/share/containers/storage/db.sql", "kind": "sqlite" }] }]',
          ),
        },
      },
    ],
  },
  "state-in-tmp": {
    wrong: [
      {
        name: "a folder that only the old format knows",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [{ "name": "pod", "uid": ‹850, "gid": 850 }], "podman": ${podman('«"/tmp/storage-run-850"')}`,
          ),
        },
        messages: [
          "podman of pod on alpha keeps its state in /tmp/storage-run-850, where a clean-up of /tmp takes it away from running containers",
        ],
        help: ["No container is lost", "bash /etc/nixgen/recover.sh --cure"],
      },
      {
        name: "another user's, by the roots of the database",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"passwd": [{ "name": "ana", "uid": ‹1000, "gid": 100 }], "podman": [{ "user": "ana", "databases": [{ "path": "/home/ana/db.sql", "kind": "sqlite", "graph_root": "/tmp/x", "run_root": "/run/user/1000/containers", "tmp_dir": «"/var/tmp/ana/libpod/tmp" }] }]',
          ),
        },
        messages: [
          "podman of ana on alpha keeps its state in /var/tmp/ana, where a clean-up of /var/tmp takes it away from running containers",
        ],
        help: ["loginctl enable-linger ana", "tmpfiles.d(5)"],
      },
    ],
    right: [
      {
        name: "the runtime directory",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [{ "name": "pod", "uid": 850, "gid": 850 }], "podman": ${podman('"/run/user/850"').replace('"kind"', '"run_root": "/run/user/850/containers", "tmp_dir": "/run/user/850/libpod/tmp", "kind"')}`,
          ),
        },
      },
      {
        name: "a folder whose name only begins so, and a user that is gone",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [{ "name": "pod", "uid": 850, "gid": 850 }], "podman": [${podman('"/tmpfs/run"').slice(1, -1)}, ${podman('"/tmp/storage-run-9"', "gone").slice(1, -1)}]`,
          ),
        },
      },
    ],
  },
  "stale-runtime-dir": {
    wrong: [
      {
        name: "the incident: the uid was changed from 995 to 850",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "‹850", "850")}], "podman": ${podman('"/run/user/850", «"/run/user/995"')}`,
          ),
        },
        messages: ["podman's database of pod on alpha names /run/user/995, but pod has uid 850"],
        help: [
          "No container is lost",
          "Run as root on alpha: bash /etc/nixgen/recover.sh --cure.",
          "keeps a copy of the old one",
          "do not run podman system reset",
        ],
      },
      {
        name: "the directory is another user's now",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "‹850", "850")}, ${user("kim", "995")}], "runtime_dirs": [{ "path": "/run/user/995", "uid": 995 }], "podman": ${podman('«"/run/user/995"')}`,
          ),
        },
        messages: ["podman's database of pod on alpha names /run/user/995, but pod has uid 850"],
        help: ["recover.sh --cure", "Uid 995 is kim's now: stop the processes of kim first."],
      },
      {
        name: "a link is there, by which containers on a podman network do not start",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "‹850", "850")}], "runtime_dirs": [{ "path": "/run/user/995", "uid": 850 }], "podman": ${podman('«"/run/user/995"')}`,
          ),
        },
        messages: ["podman's database of pod on alpha names /run/user/995, but pod has uid 850"],
        help: ["recover.sh --cure"],
      },
      {
        name: "another user's podman, on a host that is not NixOS",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("kim", "‹1001")}], "podman": ${podman('«"/run/user/1000"', "kim")}`,
          ),
        },
        messages: ["podman's database of kim on edge names /run/user/1000, but kim has uid 1001"],
        help: [
          "Give kim uid 1000 back, or correct the database.",
          "run as kim: sed --in-place 's#/run/user/1000/#/run/user/1001/#g' /srv/pod/.local/share/containers/storage/db.sql.",
        ],
      },
      {
        name: "another user's, where sed would make the file longer",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("kim", "‹1001")}], "podman": ${podman('«"/run/user/995"', "kim")}`,
          ),
        },
        messages: ["podman's database of kim on edge names /run/user/995, but kim has uid 1001"],
        help: ["No container is lost. Give kim uid 995 back."],
      },
    ],
    right: [
      {
        name: "the right directory, and one that is none of /run/user",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("pod", "850", "850")}], "podman": ${podman('"/run/user/850", "/tmp/storage-run-850"')}`,
          ),
        },
      },
      {
        name: "the database of a user that is gone",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", `"podman": ${podman('"/run/user/995"')}`),
        },
      },
    ],
  },
  "srv-ownership": {
    wrong: [
      {
        name: "the folder of a service still belongs to the old uid (the incident's recovery)",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'volumes = [«"/srv/web/:/data"]'),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("sshd", "995")}], "srv": [‹{ "path": "/srv/web", "uid": 995, "gid": 988 }, ‹{ "path": "/srv/web/web.db", "uid": 995, "gid": 988 }, { "path": "/srv/webmail", "uid": 995, "gid": 988 }]`,
          ),
        },
        messages: [
          "/srv/web, which web mounts on alpha, belongs to uid 995 (sshd): neither to pod nor to its subordinate ids",
        ],
        help: [
          "No data has to be deleted",
          "chown -R --from=995 850:850 /srv/web.",
          "podman unshare chown -R UID:GID /srv/web",
        ],
      },
      {
        name: "files in it, of two owners, with the ids that the host really has",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service(
            "web",
            'user = "33:34"\nvolumes = [«"/srv/web:/data", "data:/more"]',
            'node = "edge"',
          ),
          "facts/edge.json": facts(
            "edge",
            `"passwd": [${user("pod", "850", "851")}], "group": [{ "name": "pod", "gid": 850 }], "subuid": [{ "name": "pod", "start": 300000, "count": 65536 }], "subgid": [{ "name": "pod", "start": 300000, "count": 65536 }], "srv": [{ "path": "/srv/web", "uid": 850, "gid": 850 }, ‹{ "path": "/srv/web/a", "uid": 100001, "gid": 0 }, { "path": "/srv/web/b", "uid": 300001, "gid": 0 }, ‹{ "path": "/srv/web/c", "uid": 0, "gid": 0 }, ‹{ "path": "/srv/web/d", "uid": 0, "gid": 0 }]`,
          ),
        },
        messages: [
          "2 paths in /srv/web, which web mounts on edge, belong to uid 0: neither to pod nor to its subordinate ids",
          "a path in /srv/web, which web mounts on edge, belongs to uid 100001: neither to pod nor to its subordinate ids",
        ],
        help: ["chown -R --from=0 850:851 /srv/web.", "podman unshare chown -R 33:34 /srv/web"],
      },
      {
        name: "two components mount it: said once",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `${service("web", 'user = "0:0"\nvolumes = [«"/srv/web:/data"]')}[[components]]\nname = "api"\nimage = "registry.example/web:v1"\nvolumes = ["/srv/web:/data"]\n`,
          "facts/alpha.json": facts(
            "alpha",
            '"srv": [‹{ "path": "/srv/web", "uid": 0, "gid": 0 }]',
          ),
        },
        messages: [
          "/srv/web, which web mounts on alpha, belongs to uid 0: neither to pod nor to its subordinate ids",
        ],
        help: ["That is root inside of web."],
      },
    ],
    right: [
      {
        name: "the user and its subordinate ids, and what nobody mounts",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'volumes = ["/srv/web:/data"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"srv": [{ "path": "/srv/web", "uid": 850, "gid": 850 }, { "path": "/srv/web/lost+found", "uid": 0, "gid": 0 }, { "path": "/srv/web/a", "uid": 2130706432, "gid": 2130706432 }, { "path": "/srv/web/b", "uid": 2130771967, "gid": 0 }, { "path": "/srv", "uid": 0, "gid": 0 }, { "path": "/srv/git", "uid": 995, "gid": 0 }]',
          ),
        },
      },
      {
        name: "it is only read, or thrown away",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'volumes = ["/srv/web:/data:ro", "/srv/web:/tmp:O"]'),
          "facts/alpha.json": facts("alpha", '"srv": [{ "path": "/srv/web", "uid": 0, "gid": 0 }]'),
        },
      },
      {
        name: "the service is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = ["/srv/web:/data"]',
            'node = "alpha"\nactive = false',
          ),
          "facts/alpha.json": facts("alpha", '"srv": [{ "path": "/srv/web", "uid": 0, "gid": 0 }]'),
        },
      },
    ],
  },
  "podman-unanswered": {
    wrong: [
      {
        name: "the uid was changed (the incident)",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "error": «"newuidmap: write to uid_map failed\\n" }]',
          ),
        },
        messages: [
          "the podman of pod on alpha does not answer: newuidmap: write to uid_map failed",
        ],
        help: ["do not run podman system reset"],
      },
      {
        name: "its storage is not there, or somebody else than root looked",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts("alpha", '"podman": «[{ "user": "root", "containers": [] }]'),
        },
        messages: [
          "the facts of alpha have nothing of the podman of pod, which is to have 1 container there",
        ],
        help: ["Collect them as root", "the disk of /srv/pod is mounted"],
      },
    ],
    right: [
      {
        name: "no podman was looked for",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts("alpha", '"linger": ["pod"]'),
        },
      },
      {
        name: "an error of another user's",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"podman": [{ "user": "x", "error": "no" }]'),
        },
      },
      {
        name: "something was said, and it answered",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "error": "a warning", "containers": [] }]',
          ),
        },
      },
    ],
  },
  "boltdb-database": {
    wrong: [
      {
        name: "a database of podman 4",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "databases": [{ "path": "/srv/pod/bolt_state.db", "kind": «"boltdb" }] }]',
          ),
        },
        messages: [
          "the podman of pod on alpha keeps its containers in a BoltDB database, with which podman 6 does not work until a reboot",
        ],
        help: ["nixos-rebuild boot and a reboot, never with switch"],
        severity: "info",
      },
      {
        name: "a release with podman 6 is to come",
        files: {
          "nixgen.toml": changed({ [ALPHA_RELEASE]: ALPHA_RELEASE.replace("25.11", "26.11") }),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "version": "5.4.2", "databases": [{ "path": "/srv/pod/bolt_state.db", "kind": «"boltdb" }] }]',
          ),
        },
        messages: [
          "the podman of pod on alpha keeps its containers in a BoltDB database, with which podman 6 does not work until a reboot",
        ],
      },
      {
        name: "podman 6 is there, and a leftover beside its database",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "version": "6.1.1", "error": "exit status 125", "databases": [{ "path": "/srv/pod/bolt_state.db", "kind": «"boltdb" }, { "path": "/srv/pod/db.sql", "kind": "sqlite" }] }]',
          ),
        },
        messages: [
          "the podman of pod on alpha does not work: it is podman 6, and there is a BoltDB database",
        ],
        help: ["Reboot alpha", "podman system migrate --migrate-db"],
        severity: "error",
      },
    ],
    right: [
      {
        name: "a database of podman 5",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "databases": [{ "path": "/srv/pod/db.sql", "kind": "sqlite" }] }]',
          ),
        },
      },
      {
        name: "somebody else's",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "root", "databases": [{ "path": "/srv/pod/bolt_state.db", "kind": "boltdb" }] }]',
          ),
        },
      },
    ],
  },
  "two-databases": {
    wrong: [
      {
        name: "both, in either order",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "databases": [{ "path": "/srv/pod/bolt_state.db", "kind": ‹"boltdb" }, { "path": "/srv/pod/db.sql", "kind": «"sqlite" }] }]',
          ),
        },
        messages: [
          "the podman of pod on alpha has a BoltDB and an SQLite database, and uses one of them",
        ],
        help: ["DatabaseBackend"],
      },
      {
        name: "of podman 5",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "version": "5.8.6", "databases": [{ "path": "/srv/pod/db.sql", "kind": «"sqlite" }, { "path": "/srv/pod/bolt_state.db", "kind": ‹"boltdb" }] }]',
          ),
        },
        messages: [
          "the podman of pod on alpha has a BoltDB and an SQLite database, and uses one of them",
        ],
      },
    ],
    right: [
      {
        name: "one of them",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "databases": [{ "path": "/srv/pod/db.sql", "kind": "sqlite" }] }]',
          ),
        },
      },
      {
        name: "podman 6, of which boltdb-database says more",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "version": "6.1.1", "databases": [{ "path": "/srv/pod/bolt_state.db", "kind": "boltdb" }, { "path": "/srv/pod/db.sql", "kind": "sqlite" }] }]',
          ),
        },
      },
      {
        name: "none was found",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"podman": [{ "user": "pod", "databases": [] }]'),
        },
      },
    ],
  },
};
