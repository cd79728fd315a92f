/** The rules about the boot sequence. */
import { inventory } from "../../support/fleet.ts";
import { type Cases, ALPHA_ADDRESSES, DEBIAN, DNS, GID, changed, facts, service } from "./case.ts";

export const CASES: Readonly<Record<string, Cases>> = {
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
        messages: ["boot stage one names the service web twice", "two boot stages are named one"],
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
          "services/web.toml": service("web"),
          "services/db.toml": service("db").replace('"db"', '«"db"'),
        },
        messages: ["there is no boot sequence: nothing orders the start of db and web"],
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
        name: "one service on each host",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "services/db.toml": service("db", "", 'node = "beta"'),
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
            'name = "a"\nnode = "alpha"\n[[components]]\nname = "x"\nimage = "a:v1"\ndepends_on = [«"y", "z"]\n[[components]]\nname = "y"\nimage = "a:v1"\ndepends_on = [‹"x"]\n[[components]]\nname = "z"\nimage = "a:v1"\ndepends_on = ["a/x"]\n',
        },
        messages: [
          "a dependency cycle: a-x -> a-y -> a-x, and 3 components depend on each other in all",
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
  "bootstrap-pull": {
    wrong: [
      {
        name: "the registry itself, and what starts with it or before it",
        files: {
          "nixgen.toml": inventory(
            '[registry]\nhost = "registry.example"\nservice = ‹"registry"\n[[boot.sequence]]\nname = "one"\nservices = ["db"]\n[[boot.sequence]]\nname = "two"\nservices = ["registry", "web"]',
          ),
          "services/db.toml": service("db", 'pull = «"always"'),
          "services/registry.toml": service("registry", 'pull = «"always"'),
          "services/web.toml": service("web", 'pull = «"always"'),
        },
        messages: [
          "db on alpha pulls its image whenever it starts, but registry, which serves registry.example, starts no earlier",
          "registry on alpha pulls its image whenever it starts, but it is itself a part of registry, which serves registry.example",
          "web on alpha pulls its image whenever it starts, but registry, which serves registry.example, starts no earlier",
        ],
        help: ['Set pull = "missing". Have the image on alpha before it is needed'],
      },
      {
        name: "on another host, in an earlier stage",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(
            '[registry]\nhost = "registry.example"\nservice = "registry"\n[[boot.sequence]]\nname = "one"\nservices = ["web"]\n[[boot.sequence]]\nname = "two"\nservices = ["registry", "late"]',
          ),
          "services/registry.toml": service("registry"),
          "services/web.toml": service("web", 'pull = «"always"', 'node = "beta"'),
          "services/late.toml": service("late", 'pull = "always"', 'node = "beta"'),
        },
        messages: [
          "web on beta pulls its image whenever it starts, in an earlier stage than registry on alpha, which serves registry.example",
        ],
        help: ['Set pull = "missing"'],
      },
      {
        name: "a registry in no stage, and a newer image",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(
            '[registry]\nhost = "registry.example"\nservice = ‹"registry"\n[[boot.sequence]]\nname = "one"\nservices = ["web"]',
          ),
          "services/registry.toml": service("registry"),
          "services/web.toml": service("web", 'pull = «"newer"'),
        },
        messages: [
          "web on alpha looks for a newer image whenever it starts, and waits in vain: registry, which serves registry.example, starts no earlier",
        ],
      },
      {
        name: "an image that is not on the host",
        severity: "info",
        files: {
          "nixgen.toml": inventory(
            '[registry]\nhost = "registry.example"\nservice = ‹"registry"\n[[boot.sequence]]\nname = "one"\nservices = ["registry"]',
          ),
          "services/registry.toml": service("registry").replace('image = "', 'image = «"'),
          "facts/alpha.json": facts("alpha", '"podman": [{ "user": "pod", "images": [] }]'),
        },
        messages: [
          "alpha does not have the image of registry, which cannot be pulled when it starts: it is itself a part of registry, which serves registry.example",
        ],
      },
    ],
    right: [
      {
        name: "later stages, other hosts and other registries",
        files: {
          "nixgen.toml": inventory(
            '[registry]\nhost = "registry.example"\nservice = "registry"\n[[boot.sequence]]\nname = "one"\nservices = ["registry", "other", "away"]\n[[boot.sequence]]\nname = "two"\nservices = ["web"]',
          ),
          "services/registry.toml": service("registry"),
          "services/web.toml": service("web", 'pull = "always"'),
          "services/away.toml": service("away", 'pull = "always"', 'node = "beta"'),
          "services/other.toml": service("other", 'pull = "always"').replace(
            "registry.example",
            "registry.example:5000",
          ),
        },
      },
      {
        name: "what waits for the registry, by way of another service",
        files: {
          "nixgen.toml": inventory('[registry]\nhost = "registry.example"\nservice = "registry"'),
          "services/registry.toml": service("registry"),
          "services/proxy.toml": service("proxy", 'depends_on = ["registry"]'),
          "services/web.toml": service("web", 'pull = "newer"\ndepends_on = ["proxy"]'),
        },
      },
      {
        name: "a registry that is not the fleet's",
        files: {
          "nixgen.toml": inventory('[registry]\nhost = "registry.example"'),
          "services/web.toml": service("web", 'pull = "always"'),
        },
      },
    ],
  },
  "unit-name": {
    wrong: [
      {
        name: "targets of systemd, and two services of one name",
        files: {
          "nixgen.toml": changed(
            { 'name = "pod"': 'name = "initrd"' },
            '[[boot.sequence]]\nname = "fs"\nservices = ["web"]',
          ).replace('[[nodes]]\nname = "alpha"', '[[nodes]]\nname = «"alpha"'),
          "services/web.toml": service("web"),
        },
        messages: ["two units on alpha would be named initrd-fs.target"],
      },
      {
        name: "a gate and a container",
        files: {
          "nixgen.toml": changed(
            // In a group of its own it would be root's equal (reserved-user).
            { 'name = "pod"': 'name = "podman"', [GID]: 'group = "users"' },
            '[[boot.sequence]]\nname = "one"\nservices = ["web", "ready"]',
          ).replace('[[nodes]]\nname = "alpha"', '[[nodes]]\nname = «"alpha"'),
          "services/web.toml": service("web"),
          "services/ready.toml": service("ready", "").replace('\nname = "ready"', '\nname = "web"'),
        },
        messages: ["two units on alpha would be named podman-ready-web.service"],
      },
    ],
    right: [
      {
        name: "names that begin like those of systemd",
        files: {
          "nixgen.toml": inventory(
            '[[boot.sequence]]\nname = "network-online"\nservices = ["web"]',
          ),
          "services/web.toml": service("web"),
        },
      },
      {
        name: "what another host has",
        files: {
          "nixgen.toml": changed(
            { 'name = "pod"': 'name = "initrd"' },
            '[[boot.sequence]]\nname = "fs"\nservices = ["web"]',
          ),
          "services/web.toml": service("web", "", 'active = false\nnode = "alpha"'),
        },
      },
    ],
  },
};
