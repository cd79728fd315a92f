/** For every rule: fleets that are wrong, where it must say so, and unusual ones that are right. */
import { inventory } from "../support/fleet.ts";
import type { MarkedFiles } from "./marks.ts";

/** A fleet that yields findings of one rule and no other errors. */
export interface Wrong {
  readonly name: string;
  readonly files: MarkedFiles;
  /** The messages of the rule's findings, in their order. */
  readonly messages: readonly string[];
  /** Parts that the help of the first one must have. */
  readonly help?: readonly string[];
  /** The findings' severity, where it is not the rule's own. */
  readonly severity?: "error" | "warning" | "info";
}

/** A fleet that yields nothing of the rule. */
export interface Right {
  readonly name: string;
  readonly files: MarkedFiles;
}

export interface Cases {
  readonly wrong: readonly Wrong[];
  readonly right: readonly Right[];
}

/** The inventory that lints clean, with some of its text replaced. */
function changed(replacements: Readonly<Record<string, string>>, more = ""): string {
  let text = inventory(more);
  for (const [before, after] of Object.entries(replacements)) {
    if (!text.includes(before)) throw new Error(`the inventory has no ${before}`);
    text = text.replace(before, after);
  }
  return text;
}

/** A service of one component with the same name, on alpha. */
function service(name: string, component = "", top = 'node = "alpha"'): string {
  return `name = "${name}"\n${top}\n\n[[components]]\nname = "${name}"\nimage = "registry.example/${name.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}:v1.0.0"\n${component}\n`;
}

/** Facts of a host; the rest of the object as JSON text. */
function facts(host: string, rest: string): string {
  return `{ "schema": 1, "host": "${host}", ${rest} }`;
}

/** One line of facts.passwd; the uid may have a mark. */
function user(name: string, uid: string, gid = "100"): string {
  return `{ "name": "${name}", "uid": ${uid}, "gid": ${gid} }`;
}

const UID = "uid = 850";
const GID = "gid = 850";
const DNS = 'public = ["1.1.1.1", "8.8.8.8"]';
const ALPHA_RELEASE = 'nixos_release = "25.11"\nrole = "master"';
const ALPHA_ADDRESSES = 'addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }';
const BETA_ADDRESSES = 'addresses = { lan = "192.168.1.11", vpn = "100.64.0.11" }';
const DEBIAN = `
[[nodes]]
name = "edge"
os = "debian"
role = "edge"
addresses = { lan = "192.168.1.12" }
`;

/** The fleet's own DNS, on both of alpha's addresses. */
const NS = service(
  "ns",
  'ports = ["192.168.1.10:53:53/tcp", "192.168.1.10:53:53/udp", "100.64.0.10:53:53/tcp", "100.64.0.10:53:53/udp"]',
);

export const CASES: Readonly<Record<string, Cases>> = {
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
        messages: [
          "uid 65534 on alpha belongs to nobody, but is pinned for user pod",
          "uid 65534 on beta belongs to nobody, but is pinned for user pod",
        ],
        help: ["give pod another uid"],
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
        messages: [
          "gid 30000 on alpha belongs to nixbld, but is pinned for group pod",
          "gid 30000 on beta belongs to nixbld, but is pinned for group pod",
        ],
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
        help: ["Keep uid 995", "[[nodes]] user = { uid = 995 }"],
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
        name: "the lock has the new one, the host still the old one: the host is right",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹850\n',
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹995", "850")}]`),
        },
        messages: ["user pod on alpha has uid 995, which must not become 850"],
        help: ['Correct "pod@alpha" in nixgen.lock'],
      },
      {
        name: "the lock has one, the host another one: the host is right",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹900\n',
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹995", "850")}]`),
        },
        messages: ["user pod on alpha has uid 995, which must not become 850"],
        help: ["the host never had uid 900"],
      },
      {
        name: "the host has the new one, the lock the old one: it does not say that it has 995",
        files: {
          "nixgen.toml": changed({ [UID]: "uid = «850" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = ‹995\n',
          "facts/alpha.json": facts("alpha", `"passwd": [${user("pod", "‹850", "850")}]`),
        },
        messages: ["user pod on alpha was locked to uid 995, which must not become 850"],
        help: ["alpha already has uid 850", '"pod@alpha" = 850 into nixgen.lock'],
      },
    ],
    right: [
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
        messages: ["user pod has no uid on alpha, beta"],
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
        messages: ["user pod has no uid on beta"],
        help: ["Add uid = 995 to [user]: that is the uid pod has on beta."],
      },
      {
        name: "the hosts have different ones, one by its facts and one by the lock",
        files: {
          "nixgen.toml": changed({ "[user]": "[«user]", "uid = 850\ngid = 850\n": "" }),
          "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = 850\n',
          "facts/beta.json": facts("beta", `"passwd": [${user("pod", "995", "995")}]`),
        },
        messages: ["user pod has no uid on alpha, beta"],
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
        help: ["start = 100000, 165536"],
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
      },
      {
        name: "the range contains real ids, said once for all of them",
        files: {
          "nixgen.toml": changed({
            [GID]: `${GID}\nsub_ids = «{ start = 900, count = 200 }`,
          }),
          "facts/alpha.json": facts(
            "alpha",
            `"passwd": [${user("kim", "‹1000")}], "group": [{ "name": "docker", "gid": ‹998 }]`,
          ),
        },
        messages: [
          "the subordinate ids of pod on alpha (900 to 1099) contain 1000, which is user kim, and 1 more",
        ],
        help: ["100000"],
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
  "dns-no-fallback": {
    wrong: [
      {
        name: "the fleet's own DNS and nothing else (the incident)",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = «[]\nzones = ["svc.example"]\nservice = "ns"',
          }),
          "services/ns.toml": NS.replace('"ns"', '‹"ns"'),
        },
        messages: [
          "alpha resolves every name through ns (192.168.1.10, 100.64.0.10) and nothing else",
          "beta resolves every name through ns (192.168.1.10, 100.64.0.10) and nothing else",
        ],
        help: ['public = ["1.1.1.1", "8.8.8.8"] in [dns]'],
      },
      {
        name: "what is called public is the fleet's own",
        files: {
          "nixgen.toml": changed({ [DNS]: 'public = «["192.168.1.10", "127.0.0.1"]' }),
        },
        messages: [
          "alpha has no resolver outside the fleet",
          "beta has no resolver outside the fleet",
        ],
      },
      {
        name: "no key at all",
        files: { "nixgen.toml": changed({ "[dns]": "[«dns]", [DNS]: "" }) },
        messages: [
          "alpha has no resolver outside the fleet",
          "beta has no resolver outside the fleet",
        ],
      },
    ],
    right: [
      {
        name: "resolvers by IPv6",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = ["2606:4700:4700::1111", "2001:4860:4860::8888"]',
          }),
        },
      },
      {
        name: "two addresses, one of them the router's, and the fleet's own DNS",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = ["192.168.1.1", "9.9.9.9"]\nzones = ["svc.example"]\nservice = "ns"',
          }),
          "services/ns.toml": NS,
        },
      },
      {
        name: "no [dns]: the hosts' resolvers are not the fleet's affair",
        files: { "nixgen.toml": changed({ "[dns]": "", [DNS]: "" }) },
      },
      {
        name: "no host runs NixOS",
        files: {
          "nixgen.toml": `[fleet]\nname = "test"\n[user]\nname = "pod"\n[dns]\npublic = []\n${DEBIAN}`,
        },
      },
    ],
  },
  "dns-single-resolver": {
    wrong: [
      {
        name: "one",
        files: { "nixgen.toml": changed({ [DNS]: 'public = [«"1.1.1.1"]' }) },
        messages: ["1.1.1.1 is the only public resolver of every host"],
        help: ['["1.1.1.1", "8.8.8.8"]'],
      },
      {
        name: "the same one in two spellings",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = [«"2606:4700:4700::1111", "2606:4700:4700:0:0:0:0:1111"]',
          }),
        },
        messages: ["2606:4700:4700::1111 is the only public resolver of every host"],
      },
      {
        name: "the other one is the fleet's own",
        files: { "nixgen.toml": changed({ [DNS]: 'public = ["192.168.1.11", «"1.1.1.1"]' }) },
        messages: ["1.1.1.1 is the only public resolver of every host"],
      },
    ],
    right: [
      {
        name: "one by IPv4 and one by IPv6",
        files: { "nixgen.toml": changed({ [DNS]: 'public = ["1.1.1.1", "2620:fe::fe"]' }) },
      },
      {
        name: "none, which is for dns-no-fallback to say",
        files: { "nixgen.toml": changed({ [DNS]: "public = []" }) },
      },
    ],
  },
  "dns-unsplit": {
    wrong: [
      {
        name: "resolved on a release that cannot split",
        files: {
          "nixgen.toml": changed({
            [DNS]: `${DNS}\nresolver = «"resolved"\nzones = ["svc.example"]\nservice = "ns"`,
            [ALPHA_RELEASE]: ALPHA_RELEASE.replace('"25.11"', '‹"25.11"'),
            'nixos_release = "25.11"\nrole = "worker"': 'nixos_release = "26.05"\nrole = "worker"',
          }),
          "services/ns.toml": NS,
        },
        messages: [
          "resolved cannot keep internal and public names apart on alpha: NixOS 25.11 reads no dns-delegate files",
        ],
        help: ['resolver = "dnsmasq"'],
      },
    ],
    right: [
      {
        name: "resolved without zones of its own",
        files: { "nixgen.toml": changed({ [DNS]: `${DNS}\nresolver = "resolved"` }) },
      },
      {
        name: "dnsmasq on every release",
        files: {
          "nixgen.toml": changed({
            [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"`,
            [ALPHA_RELEASE]: ALPHA_RELEASE.replace("25.11", "25.05"),
          }),
          "services/ns.toml": NS,
        },
      },
      {
        name: "resolved on NixOS 26.05 beside a host that is not NixOS",
        files: {
          "nixgen.toml": inventory(DEBIAN)
            .replaceAll("25.11", "26.05")
            .replace(DNS, `${DNS}\nresolver = "resolved"\nzones = ["svc.example"]\nservice = "ns"`),
          "services/ns.toml": NS,
        },
      },
    ],
  },
  "dns-unanswered": {
    wrong: [
      {
        name: "zones without a service",
        files: { "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = «["svc.example"]` }) },
        messages: ["no service answers svc.example"],
        help: ['service = "…" in [dns]'],
      },
      {
        name: "the service publishes port 53 on loopback only",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = «["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": service("ns", 'ports = ["127.0.0.2:53:53/udp"]').replace(
            '"ns"',
            '‹"ns"',
          ),
        },
        messages: ["ns is to answer svc.example, but publishes port 53 on no address of alpha"],
        help: ['ports = ["192.168.1.10:53:53/udp"]'],
      },
    ],
    right: [
      {
        name: "a DNS service in the host's network",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": service("ns", 'network = "host"'),
        },
      },
      {
        name: "by IPv6, on a host that is not NixOS",
        files: {
          "nixgen.toml": changed(
            { [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` },
            DEBIAN.replace("192.168.1.12", "fd00::12"),
          ),
          "services/ns.toml": service("ns", 'ports = ["[fd00::12]:53:53/udp"]', 'node = "edge"'),
        },
      },
    ],
  },
  "dns-port-conflict": {
    wrong: [
      {
        name: "every address",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": service("ns", 'ports = [«"53:53/udp", «"[::]:53:53/tcp"]'),
        },
        messages: [
          "ns publishes port 53 on every address of alpha, where the host's own resolver listens too",
          "ns publishes port 53 on every address of alpha, where the host's own resolver listens too",
        ],
        help: ['"192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"'],
      },
      {
        name: "the loopback address of dnsmasq, in a range",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": service("ns", 'ports = [«"127.0.0.1:50-60:50-60/udp"]'),
        },
        messages: [
          "ns publishes port 53 on 127.0.0.1 of alpha, where the dnsmasq that nixgen sets up listens",
        ],
      },
      {
        name: "the stub of resolved",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nresolver = "resolved"` }),
          "services/ns.toml": service("ns", 'ports = [«"127.0.0.53:53:53/udp"]'),
        },
        messages: ["ns publishes port 53 on 127.0.0.53 of alpha, where systemd-resolved listens"],
      },
      {
        name: "the host's network (the incident, recovery, step 2)",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": service("ns", 'network = «"host"'),
        },
        messages: [
          "ns shares the network of alpha, whose own resolver has port 53 on a loopback address",
        ],
        help: ['"192.168.1.10:53:53/udp"'],
      },
      {
        name: "every address of a host whose resolver is not nixgen's affair",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(DEBIAN.replace(/addresses = .*\n/, "")),
          "services/ns.toml": service("ns", 'ports = [«"53:53/udp"]', 'node = "edge"'),
        },
        messages: [
          "ns publishes port 53 on every address of edge, where the host's own resolver may listen too",
        ],
        help: ["addresses of edge"],
      },
    ],
    right: [
      {
        name: "the host's own addresses, udp and tcp, and another loopback address",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": NS.replace("ports = [", 'ports = ["127.0.0.2:53:53/udp", '),
        },
      },
      {
        name: "resolved's stub address beside dnsmasq, and port 53 of the container only",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": service(
            "ns",
            'ports = ["127.0.0.53:53:53/udp", "5353:53/udp", "53"]',
          ),
        },
      },
      {
        name: "a service in the host's network that has nothing to do with DNS",
        files: {
          "nixgen.toml": inventory(),
          "services/proxy.toml": service("proxy", 'network = "host"\nports = ["443"]'),
        },
      },
      {
        name: "not active",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": service(
            "ns",
            'ports = ["53:53/udp"]',
            'node = "alpha"\nactive = false',
          ),
        },
      },
    ],
  },
  "single-address-binding": {
    wrong: [
      {
        name: "the agent (the incident)",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = ‹"192.168.1.10", vpn = "100.64.0.10" }\nagent = { listen = [«"100.64.0.10:9444"] }',
          }),
        },
        messages: [
          "the agent of alpha listens on 100.64.0.10 only (port 9444/tcp), and alpha has 2 addresses",
        ],
        help: ['add "192.168.1.10:9444".'],
      },
      {
        name: "the agent, by IPv6",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "fd00::10", vpn = ‹"fd7a:115c:a1e0::10" }\nagent = { listen = [«"[FD00:0::10]:9444"] }',
          }),
        },
        messages: [
          "the agent of alpha listens on fd00::10 only (port 9444/tcp), and alpha has 2 addresses",
        ],
        help: ['add "[fd7a:115c:a1e0::10]:9444".'],
      },
      {
        name: "a container",
        severity: "warning",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: 'addresses = { lan = "192.168.1.10", vpn = ‹"100.64.0.10" }',
          }),
          "services/web.toml": service("web", 'ports = [«"192.168.1.10:8443:443"]'),
        },
        messages: ["web listens on 192.168.1.10 only (port 8443/tcp), and alpha has 2 addresses"],
        help: ['add "100.64.0.10:8443:443".'],
      },
      {
        name: "udp on one address and tcp on both, and one port of a range",
        severity: "warning",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: 'addresses = { lan = "192.168.1.10", vpn = ‹"100.64.0.10" }',
          }),
          "services/web.toml": service(
            "web",
            'ports = ["192.168.1.10:443:443/tcp", "100.64.0.10:443:443/tcp", «"192.168.1.10:443:443/udp",\n  «"192.168.1.10:8000-8001:8000-8001", "100.64.0.10:8000:8000"]',
          ),
        },
        messages: [
          "web listens on 192.168.1.10 only (port 443/udp), and alpha has 2 addresses",
          "web listens on 192.168.1.10 only (port 8000-8001/tcp), and alpha has 2 addresses",
        ],
        help: ['"100.64.0.10:443:443/udp"'],
      },
    ],
    right: [
      {
        name: "a range on one address and its ports one by one on the other",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = ["192.168.1.10:8000-8001:8000-8001", "100.64.0.10:8000:8000", "100.64.0.10:8001:8001"]',
          ),
        },
      },
      {
        name: "another host port on the other address",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = ["192.168.1.10:443:8443", "100.64.0.10:8443:8443"]',
          ),
        },
      },
      {
        name: "wildcards, loopback, host networking and a host name",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nagent = { listen = ["alpha.example:9444", "*:9445", "[::]:9446", "localhost:9447"] }`,
          }),
          "services/a.toml": service("a", 'ports = ["80:80", "0.0.0.0:81:80", "127.0.0.1:82:80"]'),
          "services/b.toml": service("b", 'network = "host"\nports = ["192.168.1.10:90:90"]'),
        },
      },
      {
        name: "a host whose other addresses are loopback or a name",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "192.168.1.10", lo = "127.0.0.1", name = "alpha.example" }\nagent = { listen = ["192.168.1.10:9444"] }',
          }),
        },
      },
      {
        name: "not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = ["192.168.1.10:80:80"]',
            'node = "alpha"\nactive = false',
          ),
        },
      },
    ],
  },
  "unknown-bind-address": {
    wrong: [
      {
        name: "an address of another host",
        files: {
          "nixgen.toml": changed({ '[[nodes]]\nname = "alpha"': '[[‹nodes]]\nname = "alpha"' }),
          "services/web.toml": service("web", 'ports = [«"192.168.1.11:80:80"]'),
        },
        messages: ["web listens on 192.168.1.11, which is no address of alpha but of beta"],
        help: ["192.168.1.10, 100.64.0.10"],
      },
      {
        name: "the agent, at an IPv6 address that nobody has",
        files: {
          "nixgen.toml": changed({
            '[[nodes]]\nname = "alpha"': '[[‹nodes]]\nname = "alpha"',
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nagent = { listen = [«"[fd00::99]:9444"] }`,
          }),
        },
        messages: ["the agent of alpha listens on fd00::99, which is no address of alpha"],
      },
      {
        name: "a host without addresses",
        files: {
          "nixgen.toml": changed({
            '[[nodes]]\nname = "alpha"': '[[‹nodes]]\nname = "alpha"',
            [ALPHA_ADDRESSES]: "",
          }),
          "services/web.toml": service("web", 'ports = [«"10.0.0.1:80:80"]'),
        },
        messages: ["web listens on 10.0.0.1, which is no address of alpha"],
        help: ["Add the address to addresses of alpha."],
      },
    ],
    right: [
      {
        name: "another spelling of an IPv6 address",
        files: {
          "nixgen.toml": changed({ [ALPHA_ADDRESSES]: 'addresses = { lan = "fd00:0:0::10" }' }),
          "services/web.toml": service("web", 'ports = ["[FD00::0010]:80:80"]'),
        },
      },
      {
        name: "wildcards, loopback and a name; host networking ignores the address",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nagent = { listen = ["localhost:9444", ":9445", "other.example:9446"] }`,
          }),
          "services/a.toml": service(
            "a",
            'ports = ["0.0.0.0:80:80", "[::1]:81:80", "127.9.9.9:82:80"]',
          ),
          "services/b.toml": service("b", 'network = "host"\nports = ["10.0.0.1:90:90"]'),
        },
      },
    ],
  },
  "port-conflict": {
    wrong: [
      {
        name: "a wildcard and an address",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'ports = [‹"8080:80"]'),
          "services/b.toml": service("b", 'ports = [«"127.0.0.1:8080:80"]'),
        },
        messages: ["b and a both want port 8080/tcp of 127.0.0.1 on alpha"],
        help: ["another port"],
      },
      {
        name: "a range, the agent and IPv6",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "fd00::10" }\nagent = { listen = [‹"[fd00::10]:9444"] }',
          }),
          "services/a.toml": service("a", 'ports = [«"[FD00::10]:9400-9500:9400-9500"]'),
        },
        messages: ["a and the agent of alpha both want port 9400-9500/tcp of fd00::10 on alpha"],
      },
      {
        name: "the agent at localhost",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nagent = { listen = [‹"localhost:9444"] }`,
          }),
          "services/a.toml": service("a", 'ports = [«"127.0.0.1:9444:80"]'),
        },
        messages: ["a and the agent of alpha both want port 9444/tcp of 127.0.0.1 on alpha"],
      },
      {
        name: "a component and itself",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'ports = [‹"8080:80", «"8080:81"]'),
        },
        messages: ["a and itself both want port 8080/tcp on alpha"],
      },
      {
        name: "host networking, whose port the health check gives away beside udp on the same",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'ports = [‹"8443:443"]'),
          "services/b.toml": service(
            "b",
            'network = "host"\nports = ["8443/udp"]\nhealth = { kind = "listen", port = «8443 }',
          ),
        },
        messages: ["b and a both want port 8443/tcp on alpha"],
      },
    ],
    right: [
      {
        name: "udp and tcp on one port, and one port on two addresses",
        files: { "nixgen.toml": inventory(), "services/ns.toml": NS },
      },
      {
        name: "host networking: only the container's own port counts",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'network = "host"\nports = ["8080:80"]'),
          "services/b.toml": service("b", 'ports = ["8080:80"]'),
        },
      },
      {
        name: "ports that podman chooses, ranges side by side, other hosts and inactive services",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'ports = ["80", "8000-8009:8000-8009"]'),
          "services/b.toml": service("b", 'ports = ["80", "8010-8019:8000-8009"]'),
          "services/c.toml": service("c", 'ports = ["8000:80"]', 'node = "beta"'),
          "services/d.toml": service("d", 'ports = ["8000:80"]', 'node = "alpha"\nactive = false'),
        },
      },
      {
        name: "routes, which get ports of their own",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", "[[components.routes]]\nport = 443"),
          "services/b.toml": service(
            "b",
            'ports = ["10000:80"]\n[[components.routes]]\nport = 443',
          ),
        },
      },
    ],
  },
  "boot-unknown-service": {
    wrong: [
      {
        name: "a typing error",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web", «"webb"]'),
          "services/web.toml": service("web"),
        },
        messages: ["boot stage core names the service webb, which is not defined"],
        help: ['Did you mean "web"?'],
      },
    ],
    right: [
      {
        name: "a service that is not active",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web"]'),
          "services/web.toml": service("web", "", 'node = "alpha"\nactive = false'),
        },
      },
      {
        name: "an empty stage, and a service on a host that is not NixOS",
        files: {
          "nixgen.toml": inventory(
            `${DEBIAN}[[boot.sequence]]\nname = "none"\nservices = []\n[[boot.sequence]]\nname = "core"\nservices = ["web"]`,
          ),
          "services/web.toml": service("web", "", 'node = "edge"'),
        },
      },
    ],
  },
  "boot-duplicate": {
    wrong: [
      {
        name: "a service in two stages",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "one"\nservices = [‹"web"]\n[[boot.sequence]]\nname = "two"\nservices = [«"web"]',
          ),
          "services/web.toml": service("web"),
        },
        messages: ["service web is in boot stage two and already in one"],
      },
      {
        name: "a service twice in one stage, and two stages of one name",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = ‹"one"\nservices = [‹"web", «"web"]\n[[boot.sequence]]\nname = «"one"\nservices = []',
          ),
          "services/web.toml": service("web"),
        },
        messages: [
          "service web is in boot stage one and already in one",
          "two boot stages are named one",
        ],
      },
    ],
    right: [
      {
        name: "names that differ in case, and a stage named like a service",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "web"\nservices = ["web"]\n[[boot.sequence]]\nname = "Web"\nservices = ["db"]',
          ),
          "services/web.toml": service("web"),
          "services/db.toml": service("db"),
        },
      },
      {
        name: "several services in a stage",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "one"\nservices = ["web", "db"]'),
          "services/web.toml": service("web"),
          "services/db.toml": service("db", "", 'node = "beta"'),
        },
      },
    ],
  },
  "boot-unstaged": {
    wrong: [
      {
        name: "in no stage",
        severity: "info",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["db"]'),
          "services/web.toml": service("web").replace('"web"', '«"web"'),
          "services/db.toml": service("db"),
        },
        messages: ["service web is in no boot stage: it starts after core, the last one"],
      },
      {
        name: "no stages at all (the incident)",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web").replace('"web"', '«"web"'),
          "services/db.toml": service("db").replace('"db"', '«"db"'),
        },
        messages: [
          "service db starts in no particular order: there is no boot sequence",
          "service web starts in no particular order: there is no boot sequence",
        ],
        help: ["[[boot.sequence]]"],
      },
    ],
    right: [
      {
        name: "a single service, and one that is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "services/db.toml": service("db", "", 'node = "alpha"\nactive = false'),
        },
      },
      {
        name: "services that depends_on orders",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'depends_on = ["db"]'),
          "services/db.toml": service("db"),
        },
      },
      {
        name: "services of a host that is not NixOS, which has no stages",
        files: {
          "nixgen.toml": inventory(`${DEBIAN}[[boot.sequence]]\nname = "core"\nservices = ["db"]`),
          "services/web.toml": service("web", "", 'node = "edge"'),
          "services/db.toml": service("db"),
        },
      },
    ],
  },
  "boot-order": {
    wrong: [
      {
        name: "a later stage",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "one"\nservices = ‹["web"]\n[[boot.sequence]]\nname = "two"\nservices = ["db"]',
          ),
          "services/web.toml": service("web", 'depends_on = [«"db"]'),
          "services/db.toml": service("db"),
        },
        messages: ["web starts in boot stage one, but depends on db, which starts later, in two"],
        help: ["Move db into one or an earlier stage, or web into a later one."],
      },
      {
        name: "a component of a service that is in no stage",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "one"\nservices = ‹["web"]'),
          "services/web.toml": service("web", 'depends_on = [«"db/db"]'),
          "services/db.toml": service("db"),
        },
        messages: [
          "web starts in boot stage one, but depends on db, which starts after the last stage",
        ],
      },
    ],
    right: [
      {
        name: "the same stage, an earlier one, and a component of the same service",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "one"\nservices = ["db"]\n[[boot.sequence]]\nname = "two"\nservices = ["web", "cache"]',
          ),
          "services/web.toml":
            'name = "web"\nnode = "alpha"\n[[components]]\nname = "api"\nimage = "a:v1"\ndepends_on = ["db", "cache/cache", "ui"]\n[[components]]\nname = "ui"\nimage = "a:v1"\n',
          "services/db.toml": service("db"),
          "services/cache.toml": service("cache"),
        },
      },
      {
        name: "an unstaged service that depends on staged and unstaged ones",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "one"\nservices = ["db"]'),
          "services/web.toml": service("web", 'depends_on = ["db", "cache"]'),
          "services/db.toml": service("db"),
          "services/cache.toml": service("cache"),
        },
      },
      {
        name: "a service that is not active, and no stages",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "one"\nservices = ["web"]\n[[boot.sequence]]\nname = "two"\nservices = ["db"]',
          ),
          "services/web.toml": service(
            "web",
            'depends_on = ["db"]',
            'node = "alpha"\nactive = false',
          ),
          "services/db.toml": service("db"),
        },
      },
      {
        name: "a dependency on another host, which unknown-service reports",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "one"\nservices = ["web"]\n[[boot.sequence]]\nname = "two"\nservices = ["db"]',
          ),
          "services/web.toml": service("web", 'depends_on = ["db"]'),
          "services/db.toml": service("db", "", 'node = "beta"'),
        },
      },
    ],
  },
  "boot-cycle": {
    wrong: [
      {
        name: "components of two services",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'depends_on = [«"b"]'),
          "services/b.toml": service("b", 'depends_on = [‹"c/c"]'),
          "services/c.toml": service("c", 'depends_on = [‹"a"]'),
        },
        messages: ["a dependency cycle: a -> b -> c -> a"],
        help: ["earlier boot stage"],
      },
      {
        name: "components of one service, and two circles that share one",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = "x"\nimage = "a:v1"\ndepends_on = [«"y", «"z"]\n[[components]]\nname = "y"\nimage = "a:v1"\ndepends_on = [‹"x"]\n[[components]]\nname = "z"\nimage = "a:v1"\ndepends_on = [‹"a/x"]\n',
        },
        messages: [
          "a dependency cycle: a-x -> a-y -> a-x",
          "a dependency cycle: a-x -> a-z -> a-x",
        ],
      },
      {
        name: "a component and itself",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'depends_on = [«"a/a"]'),
        },
        messages: ["a dependency cycle: a -> a"],
      },
    ],
    right: [
      {
        name: "two ways to one component",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'depends_on = ["b", "c"]'),
          "services/b.toml": service("b", 'depends_on = ["d"]'),
          "services/c.toml": service("c", 'depends_on = ["d"]'),
          "services/d.toml": service("d"),
        },
      },
      {
        name: "services that depend on each other, by different components",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = "db"\nimage = "a:v1"\n[[components]]\nname = "api"\nimage = "a:v1"\ndepends_on = ["b"]\n',
          "services/b.toml": service("b", 'depends_on = ["a/db"]'),
        },
      },
      {
        name: "a circle of services that are not active",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'depends_on = ["b"]', 'node = "alpha"\nactive = false'),
          "services/b.toml": service("b", 'depends_on = ["a"]', 'node = "alpha"\nactive = false'),
        },
      },
    ],
  },
  "health-unprobeable": {
    wrong: [
      {
        name: "no port and no health check",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web"]'),
          "services/web.toml": service("web", 'ports = ["514:514/udp"]').replace("[[", "[[«"),
        },
        messages: ["boot stage core cannot tell whether web is healthy, only that it runs"],
        help: ['kind = "listen", port = …'],
      },
      {
        name: "a port to ask that is not published",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web"]'),
          "services/web.toml": service(
            "web",
            'ports = ["80:80"]\nhealth = { kind = "http", port = 8080 }',
          ).replace("[[", "[[«"),
        },
        messages: ["boot stage core cannot tell whether web is healthy, only that it runs"],
        help: ["publish port 8080"],
      },
      {
        name: "a DNS query that nobody could be asked",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web"]'),
          "services/web.toml": service("web", 'health = { kind = "dns" }').replace("[[", "[[«"),
        },
        messages: ["boot stage core cannot tell whether web is healthy, only that it runs"],
        help: ["Publish port 53"],
      },
    ],
    right: [
      {
        name: "exec, listen inside, a route, a range and IPv6",
        files: {
          "nixgen.toml": changed(
            { [ALPHA_ADDRESSES]: 'addresses = { lan = "fd00::10" }' },
            '[[boot.sequence]]\nname = "core"\nservices = ["a", "b", "c", "d", "e"]',
          ),
          "services/a.toml": service("a", 'health = { kind = "exec", command = ["true"] }'),
          "services/b.toml": service(
            "b",
            'network = "host"\nhealth = { kind = "listen", port = 80 }',
          ),
          "services/c.toml": service("c", "[[components.routes]]\nport = 443"),
          "services/d.toml": service(
            "d",
            'ports = ["8000-8009:8000-8009"]\nhealth = { kind = "http", port = 8005 }',
          ),
          "services/e.toml": service(
            "e",
            'ports = ["[fd00::10]:80:80"]\nhealth = { kind = "grpc" }',
          ),
        },
      },
      {
        name: "unstaged, inactive, and on a host that is not NixOS",
        files: {
          "nixgen.toml": inventory(
            `${DEBIAN}[[boot.sequence]]\nname = "core"\nservices = ["off", "edge"]`,
          ),
          "services/free.toml": service("free"),
          "services/off.toml": service("off", "", 'node = "alpha"\nactive = false'),
          "services/edge.toml": service("edge", "", 'node = "edge"'),
        },
      },
      {
        name: "the DNS service, which is asked for its zone, over udp only",
        files: {
          "nixgen.toml": changed(
            { [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` },
            '[[boot.sequence]]\nname = "core"\nservices = ["ns"]',
          ),
          "services/ns.toml": service("ns", 'ports = ["192.168.1.10:53:53/udp"]'),
        },
      },
    ],
  },
  "image-unpinned": {
    wrong: [
      {
        name: "a port of the registry is no tag",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = "web"\nnode = "alpha"\n[[components]]\nname = "api"\nimage = «"registry.example:5000/team/web"\n',
        },
        messages: [
          "the image of web-api has neither a tag nor a digest: registry.example:5000/team/web",
        ],
        help: ['"registry.example:5000/team/web:v1.0.0"'],
      },
    ],
    right: [
      {
        name: "a digest, with and without a tag",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "a"\nimage = "registry.example:5000/web@sha256:${"0".repeat(64)}"\n[[components]]\nname = "b"\nimage = "web:v1@sha256:${"0".repeat(64)}"\n`,
        },
      },
      {
        name: "a service that is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = "web"\nactive = false\n[[components]]\nname = "web"\nimage = "web"\n',
        },
      },
    ],
  },
  "name-not-safe": {
    wrong: [
      {
        name: "a service, a component, a network and a route",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = «"../web"\nnode = "alpha"\n[[components]]\nname = «"a b"\nimage = "web:v1"\nnetwork = «"$(id)"\n[[components.routes]]\nname = «"x/y"\nport = 1\n',
        },
        messages: [
          '"../web" is no safe name for a service',
          '"a b" is no safe name for a component',
          '"$(id)" is no safe name for a network',
          '"x/y" is no safe name for a route',
        ],
        help: ["letters, digits, - and _"],
      },
      {
        name: "users, groups, hosts and stages",
        files: {
          "nixgen.toml": changed(
            {
              'name = "pod"': 'name = «"Pod"\nextra_groups = ["wheel", «"a,b"]',
              'name = "beta"': 'name = «"beta.example"',
            },
            '[[users]]\nname = «"0day"\nuid = 1\n[[boot.sequence]]\nname = «"Stage 1"\nservices = []',
          ),
        },
        messages: [
          '"Pod" is no safe name for a user',
          '"a,b" is no safe name for a group',
          '"beta.example" is no safe name for a host',
          '"0day" is no safe name for a user',
          '"Stage 1" is no safe name for a stage',
        ],
      },
    ],
    right: [
      {
        name: "letters, digits, - and _, in any case, and of the greatest length",
        files: {
          "nixgen.toml": inventory('[[users]]\nname = "_x-1"\nuid = 900'),
          "services/web.toml": service("Web_1-x".padEnd(63, "x")),
        },
      },
      {
        name: "podman's own networks",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'network = "host"'),
          "services/b.toml": service("b", 'network = "none"'),
        },
      },
    ],
  },
  "duplicate-service": {
    wrong: [
      {
        name: "a copied file, without noise about ports or containers",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("web", 'ports = ["80:80"]').replace('"web"', '‹"web"'),
          "services/b.toml": service("web", 'ports = ["80:80"]').replace('"web"', '«"web"'),
        },
        messages: ["service web is defined in services/b.toml and in services/a.toml"],
      },
    ],
    right: [
      {
        name: "a file that is not named like its service",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("web"),
          "services/web.toml": service("db"),
        },
      },
      {
        name: "names that differ in case",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("web"),
          "services/b.toml": service("Web"),
        },
      },
    ],
  },
  "duplicate-container": {
    wrong: [
      {
        name: "two services whose names and components meet",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = ‹"b-c"\nimage = "a:v1"\n',
          "services/b.toml":
            'name = "a-b"\nnode = "alpha"\n[[components]]\nname = «"c"\nimage = "a:v1"\n',
        },
        messages: ["two components on alpha make a container named a-b-c"],
        help: ["Rename one of the components"],
      },
      {
        name: "two components of one name, and a component named like another one's container",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = ‹"b"\nimage = "a:v1"\n[[components]]\nname = «"b"\nimage = "a:v1"\n',
        },
        messages: ["two components on alpha make a container named a-b"],
      },
      {
        name: "two routes of one variable",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service(
            "a",
            '[[components.routes]]\nname = ‹"a-b"\nport = 1\n[[components.routes]]\nname = «"a_b"\nport = 2',
          ),
        },
        messages: ["two routes of a both get the variable PORT_A_B"],
      },
    ],
    right: [
      {
        name: "on different hosts",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = "b-c"\nimage = "a:v1"\n',
          "services/b.toml":
            'name = "a-b"\nnode = "beta"\n[[components]]\nname = "c"\nimage = "a:v1"\n',
        },
      },
      {
        name: "one of them is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\nactive = false\n[[components]]\nname = "b-c"\nimage = "a:v1"\n',
          "services/b.toml":
            'name = "a-b"\nnode = "alpha"\n[[components]]\nname = "c"\nimage = "a:v1"\n',
        },
      },
      {
        name: "several unnamed routes",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service(
            "a",
            "[[components.routes]]\nport = 1\n[[components.routes]]\nport = 2",
          ),
        },
      },
    ],
  },
  "duplicate-host": {
    wrong: [
      {
        name: "two of one name",
        files: {
          "nixgen.toml": changed({
            'name = "alpha"': 'name = ‹"alpha"',
            'name = "beta"': 'name = «"alpha"',
          }),
        },
        messages: ["two hosts are named alpha"],
      },
      {
        name: "one address in two spellings",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: 'addresses = { lan = ‹"fd00::10" }',
            [BETA_ADDRESSES]: 'addresses = { lan = «"FD00:0::10" }',
          }),
        },
        messages: ["beta and alpha both have the address fd00::10"],
      },
    ],
    right: [
      {
        name: "one host has one address under two names",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: 'addresses = { lan = "192.168.1.10", office = "192.168.1.10" }',
          }),
        },
      },
      {
        name: "loopback addresses, which every host has, and a shared host name",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: 'addresses = { lo = "127.0.0.1", lo6 = "::1", name = "x.example" }',
            [BETA_ADDRESSES]: 'addresses = { lo = "127.0.0.1", lo6 = "::1", name = "x.example" }',
          }),
        },
      },
    ],
  },
  "unknown-node": {
    wrong: [
      {
        name: "a node that is not there",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", "", 'node = «"alpa"'),
        },
        messages: ["service web is on node alpa, which is not in the inventory"],
        help: ['Did you mean "alpha"?'],
      },
      {
        name: "a tier that no node is for",
        files: {
          "nixgen.toml": inventory().replace('role = "worker"', 'role = "edge"'),
          "services/web.toml": service("web", "", 'tier = «"worker"'),
        },
        messages: ["service web has tier worker, but no node has role worker"],
        help: ['role = "worker"'],
      },
      {
        name: "neither, and a pinned user's node",
        files: {
          "nixgen.toml": inventory(
            '[[users]]\nname = "ci"\nuid = 900\nnodes = ["alpha", «"gamma"]',
          ),
          "services/web.toml": service("web", "", "").replace('"web"', '«"web"'),
        },
        messages: [
          "user ci is on node gamma, which is not in the inventory",
          "service web has neither a node nor a tier",
        ],
        help: ["Known are alpha, beta."],
      },
    ],
    right: [
      {
        name: "a service that is not active, on a node that is gone",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", "", 'node = "gamma"\nactive = false'),
        },
      },
      {
        name: "tiers, also where a node is not NixOS and the lock names a node that is gone",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "nixgen.lock": 'version = 1\n[placement]\nb = "gamma"\n',
          "services/a.toml": service("a", "", 'tier = "core"'),
          "services/b.toml": service("b", "", 'tier = "worker"'),
          "services/c.toml": service("c", "", 'node = "edge"'),
        },
      },
    ],
  },
  "unknown-service": {
    wrong: [
      {
        name: "the fleet's DNS",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = «"nss"` }),
          "services/ns.toml": NS,
        },
        messages: ["[dns] names the service nss, which is not defined"],
        help: ['Did you mean "ns"?'],
      },
      {
        name: "a registry that is not active",
        files: {
          "nixgen.toml": inventory('[registry]\nhost = "reg.example:5000"\nservice = «"reg"'),
          "services/reg.toml": service("reg", "", 'node = "alpha"\nactive = ‹false'),
        },
        messages: ["[registry] names the service reg, which is not active"],
        help: ["active = true in services/reg.toml"],
      },
      {
        name: "dependencies that are not defined, and one that is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'depends_on = [«"dbb", «"db/x", «"old"]'),
          "services/db.toml": service("db"),
          "services/old.toml": service("old", "", 'node = "alpha"\nactive = ‹false'),
        },
        messages: [
          "web depends on dbb, which is not defined",
          "web depends on db/x, which is not defined",
          "web depends on old, which is not active",
        ],
        help: ['Did you mean "db"?'],
      },
      {
        name: "a dependency on another host",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'depends_on = [«"db"]'),
          "services/db.toml": service("db", "", 'node = "beta"').replace(
            '[[components]]\nname = "db"',
            '[[components]]\nname = ‹"db"',
          ),
        },
        messages: ["web depends on db, which is on beta and not on alpha"],
      },
      {
        name: "a component itself, and the service that it is a part of",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = "web"\nnode = "alpha"\n[[components]]\nname = "api"\nimage = "a:v1"\ndepends_on = [«"api", «"web"]\n[[components]]\nname = "ui"\nimage = "a:v1"\n',
        },
        messages: [
          "web-api depends on api, which it is itself",
          "web-api depends on web, which it is a part of",
        ],
        help: ["another component of web (ui)"],
      },
    ],
    right: [
      {
        name: "components, services, and components of services",
        files: {
          "nixgen.toml": inventory('[registry]\nhost = "reg.example"\nservice = "db"'),
          "services/web.toml":
            'name = "web"\nnode = "alpha"\n[[components]]\nname = "api"\nimage = "a:v1"\ndepends_on = ["ui", "db", "db/db"]\n[[components]]\nname = "ui"\nimage = "a:v1"\n',
          "services/db.toml": service("db"),
        },
      },
      {
        name: "a component that is named like another service",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = "web"\nnode = "alpha"\n[[components]]\nname = "db"\nimage = "a:v1"\n[[components]]\nname = "api"\nimage = "a:v1"\ndepends_on = ["db"]\n',
          "services/db.toml": service("db", "", 'node = "beta"'),
        },
      },
      {
        name: "a service that is not active may depend on what is gone",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'depends_on = ["gone"]',
            'node = "alpha"\nactive = false',
          ),
        },
      },
      {
        name: "a dependency on a service without a host, which unknown-node reports",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'depends_on = ["db"]'),
          "services/db.toml": service("db", "", 'node = "gamma"'),
        },
      },
    ],
  },
};
