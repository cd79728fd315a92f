/** The rules about the inventory. */
import { inventory } from "../../support/fleet.ts";
import {
  type Cases,
  ALPHA_ADDRESSES,
  BETA_ADDRESSES,
  DEBIAN,
  DNS,
  NS,
  changed,
  service,
} from "./case.ts";

export const CASES: Readonly<Record<string, Cases>> = {
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
