/** The rules about the inventory. */
import { inventory } from "../../support/fleet.ts";
import {
  facts,
  type Cases,
  ALPHA_ADDRESSES,
  ALPHA_RELEASE,
  BETA_ADDRESSES,
  DEBIAN,
  DNS,
  NS,
  UID,
  changed,
  service,
} from "./case.ts";

/** What dns-single-resolver says. */
const SINGLE = "1.1.1.1 is the only public resolver of every host";

export const CASES: Readonly<Record<string, Cases>> = {
  "release-differs": {
    wrong: [
      {
        name: "another release",
        files: {
          "nixgen.toml": changed({ [ALPHA_RELEASE]: ALPHA_RELEASE.replace('"', '‹"') }),
          "facts/alpha.json": facts("alpha", '"system": «{ "id": "nixos", "version": "25.05" }'),
        },
        messages: ["alpha runs NixOS 25.05, but the inventory says 25.11"],
        help: ["Set nixos_release of alpha"],
      },
      {
        name: "a release before D-Bus and podman changed",
        files: {
          "nixgen.toml": changed({
            [ALPHA_RELEASE]: ALPHA_RELEASE.replace('"25.11"', '‹"26.11"'),
          }),
          "facts/alpha.json": facts("alpha", '"system": «{ "id": "nixos", "version": "25.11" }'),
        },
        messages: ["alpha runs NixOS 25.11, but the inventory says 26.11"],
        help: [
          "use nixos-rebuild boot and reboot, because D-Bus changes from dbus-daemon to dbus-broker and podman changes from 5 to 6",
          "docs/upgrading.md",
        ],
      },
      {
        name: "no NixOS at all",
        files: {
          "nixgen.toml": changed({ 'os = "nixos"': 'os = ‹"nixos"' }),
          "facts/alpha.json": facts("alpha", '"system": «{ "id": "debian", "version": "12" }'),
        },
        messages: ["alpha runs debian, but the inventory says nixos"],
        help: ["Correct os of alpha"],
      },
      {
        name: "NixOS where there is to be none",
        files: {
          "nixgen.toml": inventory(DEBIAN.replace('"debian"', '‹"debian"')),
          "facts/edge.json": facts("edge", '"system": «{ "id": "nixos" }'),
        },
        messages: ["edge runs nixos, but the inventory says debian"],
      },
    ],
    right: [
      {
        name: "what is said, and another system that is none of NixOS either",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/alpha.json": facts("alpha", '"system": { "id": "nixos", "version": "25.11" }'),
          "facts/edge.json": facts("edge", '"system": { "id": "raspbian", "version": "12" }'),
        },
      },
      {
        name: "facts that do not say it",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"system": { "id": "nixos" }'),
          "facts/beta.json": facts("beta", '"linger": []'),
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
      {
        name: "facts of a host that is not there",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"passwd": []'),
          "facts/alhpa.json": facts("alhpa", '"passwd": []').replace('"alhpa"', '«"alhpa"'),
        },
        messages: ["facts/alhpa.json has the facts of alhpa, which is not in the inventory"],
        help: ["remove the file", 'Did you mean "alpha"?'],
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
        name: "a dependency on a service without components",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'depends_on = [«"nas"]'),
          "services/nas.toml": 'name = ‹"nas"\nnode = "alpha"\n',
        },
        messages: ["web depends on nas, which has no components to wait for"],
        help: ["Remove it, or define the components of nas in services/nas.toml."],
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
        name: "a component that its service does not have",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'depends_on = [«"db/dbb"]'),
          "services/db.toml": service("db"),
        },
        messages: ["web depends on db/dbb, which is not defined"],
        help: ['Did you mean "db/db"?'],
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

  "ignore-without-reason": {
    wrong: [
      {
        name: "the finding counts, and the comment is one more",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = ["1.1.1.1"] «# nixgen: ignore[dns-single-resolver]',
          }),
        },
        messages: ["this comment does not say why, so it suppresses nothing"],
        help: ["# nixgen: ignore[RULE] REASON"],
      },
      {
        name: "once for a comment of several rules, above the line, with nothing but a colon",
        files: {
          "nixgen.toml": changed({
            [DNS]: `«# nixgen: ignore[dns-single-resolver, dns-no-fallback]: \n${DNS}`,
          }),
        },
        messages: ["this comment does not say why, so it suppresses nothing"],
      },
    ],
    right: [
      {
        name: "a reason behind the bracket, a colon or a dash",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver]: it is two machines',
          }),
        },
      },
      {
        name: "a text, and a comment that only speaks of it",
        files: {
          "nixgen.toml": inventory("# see nixgen: ignore[x]"),
          "services/web.toml": service("web", 'env = ["A=# nixgen: ignore[image-unpinned]"]'),
        },
      },
    ],
  },
  "unused-ignore": {
    wrong: [
      {
        name: "comments above and beside a line that has no such finding",
        files: {
          "nixgen.toml": changed({
            [DNS]: `«# nixgen: ignore[dns-no-fallback] x\n${DNS} «# nixgen: ignore[dns-unsplit] y`,
          }),
        },
        messages: [
          "this comment ignores nothing: dns-no-fallback finds nothing in the line that it is about",
          "this comment ignores nothing: dns-unsplit finds nothing in the line that it is about",
        ],
        help: ["Remove it, or move it"],
      },
      {
        name: "one rule of several, and a comment two lines above",
        files: {
          "nixgen.toml": changed({
            [DNS]:
              '«# nixgen: ignore[dns-single-resolver] too far\n\n«# nixgen: ignore[dns-single-resolver, dns-no-fallback] it is two\npublic = ["1.1.1.1"]',
          }),
        },
        messages: [
          "this comment ignores nothing: dns-single-resolver finds nothing in the line that it is about",
          "this comment ignores nothing: dns-no-fallback finds nothing in the line that it is about",
        ],
      },
      {
        name: "entries of [[lint.ignore]]: another file, another message",
        files: {
          "nixgen.toml": changed(
            { [DNS]: 'public = ["1.1.1.1"]' },
            `[[lint.ignore]]
rule = «"dns-single-resolver"
path = "services/**"
reason = "r"
[[lint.ignore]]
rule = «"dns-single-resolver"
path = "nixgen.toml"
message = "gamma"
reason = "r"`,
          ),
        },
        messages: [
          "this ignores nothing: dns-single-resolver finds nothing there",
          "this ignores nothing: dns-single-resolver finds nothing there",
        ],
      },
      {
        name: "a rule about ignores",
        files: { "nixgen.toml": inventory("«# nixgen: ignore[unused-ignore] later") },
        messages: [
          "this comment ignores nothing: unused-ignore finds nothing in the line that it is about",
        ],
        help: ["set to off in [lint.rules]"],
      },
      {
        name: "comments that are none",
        files: {
          "nixgen.toml": inventory(
            "«# nixgen: ignore dns-unsplit because\n«# nixgen:ignore[]\n«#nixgen: disable",
          ),
        },
        messages: [
          "this comment is meant for nixgen, but not of the form that suppresses something",
          "this comment is meant for nixgen, but not of the form that suppresses something",
          "this comment is meant for nixgen, but not of the form that suppresses something",
        ],
        help: ["# nixgen: ignore[RULE] REASON"],
      },
    ],
    right: [
      {
        name: "an element of an array of several lines, with another comment between, and a header",
        files: {
          "nixgen.toml": changed({
            [DNS]:
              'public = [\n  # nixgen: ignore[dns-single-resolver] it is two\n  # behind one address\n  "1.1.1.1",\n]',
            "[user]": "# nixgen: ignore[uid-unpinned] a laboratory\n[user]",
            "uid = 850\ngid = 850\n": "",
          }),
        },
      },
      {
        name: "[[lint.ignore]] by pattern and message",
        files: {
          "nixgen.toml": changed(
            { [DNS]: 'public = ["1.1.1.1"]' },
            '[[lint.ignore]]\nrule = "dns-single-resolver"\npath = "**/*.toml"\nmessage = "1.1.1.1"\nreason = "r"',
          ),
        },
      },
      {
        name: "a rule that is switched off",
        files: {
          "nixgen.toml": changed(
            { [DNS]: 'public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver] it is two' },
            '[lint.rules]\ndns-single-resolver = "off"',
          ),
        },
      },
    ],
  },
  "unknown-rule": {
    wrong: [
      {
        name: "in [lint.rules], [[lint.ignore]] and a comment",
        files: {
          "nixgen.toml": changed(
            { [DNS]: `${DNS} «# nixgen: ignore[dns-unsplitt] y` },
            '[lint.rules]\n«uid-colision = "off"\n[[lint.ignore]]\nrule = «"boot_order"\npath = "nixgen.toml"\nreason = "r"',
          ),
        },
        messages: [
          'there is no rule "dns-unsplitt"',
          'there is no rule "uid-colision"',
          'there is no rule "boot_order"',
        ],
        help: ['Did you mean "dns-unsplit"?'],
      },
      {
        name: "a word of every object",
        files: { "nixgen.toml": inventory('[lint.rules]\n«constructor = "off"') },
        messages: ['there is no rule "constructor"'],
        help: ["Known are "],
      },
    ],
    right: [
      {
        name: "every severity",
        files: {
          "nixgen.toml": inventory(
            '[lint.rules]\nboot-unstaged = "error"\nboot-order = "info"\ndns-unsplit = "warning"\nunused-ignore = "off"',
          ),
        },
      },
      {
        name: "a problem of reading cannot be ignored, and is none of a rule that runs",
        files: { "nixgen.toml": inventory("# ignore[schema] is not for nixgen") },
      },
    ],
  },
  "ignore-not-allowed": {
    wrong: [
      {
        name: "by a comment, [[lint.ignore]], [lint.rules] and the baseline",
        files: {
          "nixgen.toml": changed(
            { [UID]: `${UID} «# nixgen: ignore[uid-changed] we know` },
            '[lint.rules]\nuid-changed = «"off"\n[[lint.ignore]]\nrule = «"uid-changed"\npath = "**"\nreason = "r"',
          ),
          "nixgen.baseline.json":
            '{ "version": 1, "findings": [\n«{ "rule": "uid-changed", "file": "f", "message": "m" }\n] }',
        },
        messages: [
          "uid-changed cannot be accepted by a baseline",
          "uid-changed cannot be ignored",
          "uid-changed is always an error, and not off",
          "uid-changed cannot be ignored",
        ],
        help: ["nixgen lock accept"],
      },
    ],
    right: [
      {
        name: "to say that it is the error that it is",
        files: { "nixgen.toml": inventory('[lint.rules]\nuid-changed = "error"') },
      },
      {
        name: "other errors",
        files: {
          "nixgen.toml": changed(
            { [UID]: "uid = 0 # nixgen: ignore[uid-collision] a test" },
            '[lint.rules]\nuid-unpinned = "warning"',
          ),
        },
      },
    ],
  },
  "stale-baseline": {
    wrong: [
      {
        name: "one that was corrected, one of two, one of a rule that is gone",
        files: {
          "nixgen.toml": changed({ [DNS]: 'public = ["1.1.1.1"]' }),
          "nixgen.baseline.json": `{ "version": 1, "findings": [
  «{ "rule": "dns-no-fallback", "file": "nixgen.toml", "message": "m" },
  ‹{ "rule": "dns-single-resolver", "file": "nixgen.toml", "message": "${SINGLE}", "count": 2 },
  ‹{ "rule": "gone", "file": "nixgen.toml", "message": "m" }
] }`,
        },
        messages: ["3 entries of nixgen.baseline.json are not found any more"],
        help: ["accepts all that is new as well"],
      },
      {
        name: "one",
        files: {
          "nixgen.toml": inventory(),
          "nixgen.baseline.json":
            '{ "version": 1, "findings": [«{ "rule": "dns-unsplit", "file": "f", "message": "m" }] }',
        },
        messages: ["an entry of nixgen.baseline.json is not found any more"],
      },
    ],
    right: [
      {
        name: "what is there, in two entries after a merge",
        files: {
          "nixgen.toml": changed({ [DNS]: 'public = ["1.1.1.1"]' }),
          "nixgen.baseline.json": `{ "version": 1, "findings": [
  { "rule": "dns-single-resolver", "file": "nixgen.toml", "message": "${SINGLE}" }
] }`,
        },
      },
      {
        name: "of a rule that is switched off",
        files: {
          "nixgen.toml": inventory('[lint.rules]\ndns-unsplit = "off"'),
          "nixgen.baseline.json":
            '{ "version": 1, "findings": [{ "rule": "dns-unsplit", "file": "f", "message": "m" }] }',
        },
      },
    ],
  },
  "route-port-shared": {
    wrong: [
      {
        name: "two branches that were merged",
        files: {
          "nixgen.toml": inventory(),
          "services/aa.toml": service("aa", 'routes = [{ name = "r", port = 443 }]'),
          "services/bb.toml": service("bb", 'routes = [{ name = "r", port = 8443 }]'),
          "nixgen.lock":
            'version = 1\n[ports]\n"alpha/aa/aa/r" = ‹10001\n"alpha/bb/bb/r" = «10001\n',
        },
        messages: [
          "nixgen.lock gives port 10001 of alpha to the routes alpha/aa/aa/r and alpha/bb/bb/r",
        ],
        help: ["it chooses another port for that route and moves no other"],
      },
    ],
    right: [
      {
        name: "two ports",
        files: {
          "nixgen.toml": inventory(),
          "services/aa.toml": service("aa", 'routes = [{ name = "r", port = 443 }]'),
          "nixgen.lock": 'version = 1\n[ports]\n"alpha/aa/aa/r" = 10001\n"alpha/aa/aa/s" = 10002\n',
        },
      },
      {
        name: "one port on two hosts",
        files: {
          "nixgen.toml": inventory(),
          "services/aa.toml": service("aa", 'routes = [{ name = "r", port = 443 }]'),
          "services/bb.toml": service(
            "bb",
            'routes = [{ name = "r", port = 8443 }]',
            'node = "beta"',
          ),
          "nixgen.lock": 'version = 1\n[ports]\n"alpha/aa/aa/r" = 10001\n"beta/bb/bb/r" = 10001\n',
        },
      },
    ],
  },
};
