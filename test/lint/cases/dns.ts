/** The rules about name resolution. */
import { inventory } from "../../support/fleet.ts";
import {
  type Cases,
  ALPHA_ADDRESSES,
  ALPHA_RELEASE,
  DEBIAN,
  DNS,
  NS,
  changed,
  facts,
  service,
} from "./case.ts";

/** systemd-resolved splits the zone of NS. */
const RESOLVED_INVENTORY = inventory()
  .replaceAll('"25.11"', '"26.05"')
  .replace(DNS, `${DNS}\nzones = ["svc.example"]\nservice = "ns"\nresolver = "resolved"`);

export const CASES: Readonly<Record<string, Cases>> = {
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
          "every name on alpha and beta is resolved through ns (192.168.1.10, 100.64.0.10) and nothing else",
        ],
        help: ['public = ["1.1.1.1", "8.8.8.8"] in [dns]'],
      },
      {
        name: "what is called public is the fleet's own",
        files: {
          "nixgen.toml": changed({ [DNS]: 'public = «["192.168.1.10", "127.0.0.1"]' }),
        },
        messages: ["nothing outside the fleet resolves names for alpha and beta"],
      },
      {
        name: "the fleet's own, as IPv4-mapped addresses",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = «["::ffff:192.168.1.10", "::ffff:c0a8:10b"]',
          }),
        },
        messages: ["nothing outside the fleet resolves names for alpha and beta"],
      },
      {
        name: "no key at all",
        files: { "nixgen.toml": changed({ "[dns]": "[«dns]", [DNS]: "" }) },
        messages: ["nothing outside the fleet resolves names for alpha and beta"],
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
        name: "the same one as IPv4 and IPv4-mapped",
        files: { "nixgen.toml": changed({ [DNS]: 'public = [«"1.1.1.1", "::ffff:1.1.1.1"]' }) },
        messages: ["1.1.1.1 is the only public resolver of every host"],
      },
      {
        name: "the same one in two spellings",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = [«"2606:4700:4700::1111", "2606:4700:4700:0:0:0:0:1111"]',
          }),
        },
        messages: ["2606:4700:4700::1111 is the only public resolver of every host"],
        help: ['public = ["2606:4700:4700::1111", "8.8.8.8"]'],
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
        messages: ["ns must answer svc.example, but publishes port 53/udp on no address of alpha"],
        help: ['ports = ["192.168.1.10:53:53/udp"]'],
      },
      {
        name: "the service publishes port 53 by TCP only",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = «["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": service(
            "ns",
            'ports = ["192.168.1.10:53:53/tcp", "100.64.0.10:53:53"]\nhealth = { kind = "listen" }',
          ).replace('"ns"', '‹"ns"'),
        },
        messages: [
          "ns must answer svc.example, but publishes port 53 by TCP only, and resolvers ask by UDP",
        ],
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
  "dns-fallback-inert": {
    wrong: [
      {
        name: "public servers as a fallback for the fleet's own (the naive fix)",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "resolved": { "dns": ‹["192.168.1.10"], "fallback_dns": «["1.1.1.1", "8.8.8.8"] } }',
          ),
        },
        messages: [
          "alpha asks the fleet's own DNS alone (192.168.1.10), and never 1.1.1.1, 8.8.8.8: FallbackDNS= is not used beside DNS=",
        ],
        help: ["Switch alpha to the emitted modules"],
      },
      {
        name: "a host that nothing is emitted for",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "facts/edge.json": facts(
            "edge",
            '"resolver": { "resolved": { "dns": ‹["192.168.1.10#ns.example", "100.64.0.11"], "fallback_dns": «["192.168.1.10", "8.8.8.8"] } }',
          ),
        },
        messages: [
          "edge asks the fleet's own DNS alone (192.168.1.10#ns.example, 100.64.0.11), and never 8.8.8.8: FallbackDNS= is not used beside DNS=",
        ],
        help: ["Name public resolvers in DNS= instead"],
      },
      {
        name: "servers with ports, interfaces and names",
        files: {
          "nixgen.toml": inventory(DEBIAN.replace("192.168.1.12", "fd00::12")),
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "resolved": { "dns": ‹["192.168.1.10:53", "[fd00:0::12]:53%eth0#ns.example", "::ffff:192.168.1.11"], "fallback_dns": «["9.9.9.9"] } }',
          ),
        },
        messages: [
          "alpha asks the fleet's own DNS alone (192.168.1.10:53, [fd00:0::12]:53%eth0#ns.example, ::ffff:192.168.1.11), and never 9.9.9.9: FallbackDNS= is not used beside DNS=",
        ],
      },
    ],
    right: [
      {
        name: "a fallback alone, which is used",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "resolved": { "fallback_dns": ["1.1.1.1"] } }',
          ),
        },
      },
      {
        name: "another server beside the fleet's own, and systemd's own fallback",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "resolved": { "dns": ["192.168.1.10", "9.9.9.9"], "fallback_dns": ["1.1.1.1#cloudflare-dns.com", "8.8.8.8#dns.google"] } }',
          ),
        },
      },
    ],
  },
  "dns-name-unanswered": {
    wrong: [
      {
        name: "names of a tailnet, a router, a company and mDNS",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES.replace(" }", ', tail = «"alpha.Tail1234.ts.net", home = «"alpha.fritz.box" }')}\nagent = { listen = [«"alpha.corp:9444"] }`,
            "[dns]": '[registry]\nhost = «"nas.local:5000"\n[dns]',
          }),
        },
        messages: [
          "nas.local, the registry, is in the private zone local, which DNS does not answer",
          "alpha.Tail1234.ts.net, the tail address of alpha, is in the private zone tail1234.ts.net, which 1.1.1.1 and 8.8.8.8 of dns.public cannot answer",
          "alpha.fritz.box, the home address of alpha, is in the private zone fritz.box, which 1.1.1.1 and 8.8.8.8 of dns.public cannot answer",
          "alpha.corp, where the agent of alpha listens, is in the private zone corp, which 1.1.1.1 and 8.8.8.8 of dns.public cannot answer",
        ],
      },
      {
        name: "a router beside a public resolver, and mDNS behind a router",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = ["192.168.1.1", "1.1.1.1"]',
            [ALPHA_ADDRESSES]: ALPHA_ADDRESSES.replace(
              " }",
              ', home = «"alpha.fritz.box", mdns = «"alpha.local" }',
            ),
          }),
        },
        messages: [
          "alpha.fritz.box, the home address of alpha, is in the private zone fritz.box, which 1.1.1.1 of dns.public cannot answer",
          "alpha.local, the mdns address of alpha, is in the private zone local, which DNS does not answer",
        ],
        help: ["[[dns.forward]]"],
      },
    ],
    right: [
      {
        name: "a router that answers for the whole house",
        files: {
          "nixgen.toml": changed({
            [DNS]: 'public = ["192.168.1.1", "fd00::1"]',
            [ALPHA_ADDRESSES]: ALPHA_ADDRESSES.replace(" }", ', a = "alpha.fritz.box" }'),
          }),
        },
      },
      {
        name: "the only NixOS host, which only others look up",
        files: {
          "nixgen.toml": `[fleet]\nname = "test"\n[user]\nname = "pod"\nuid = 850\n[dns]\n${DNS}\n[[nodes]]\nname = "alpha"\nos = "nixos"\n${ALPHA_RELEASE}\n${ALPHA_ADDRESSES.replace(" }", ', a = "alpha.fritz.box" }')}\n${DEBIAN}`,
        },
      },
      {
        name: "a zone of its own, one of others, public names and hosts without [dns]",
        files: {
          "nixgen.toml": changed({
            [DNS]: `${DNS}\nzones = ["svc.lan"]\nservice = "ns"\n[[dns.forward]]\nzones = ["TS.net.", "fritz.box"]\nservers = ["100.100.100.100"]`,
            [ALPHA_ADDRESSES]: ALPHA_ADDRESSES.replace(
              " }",
              ', a = "alpha.tail1234.ts.net", b = "alpha.fritz.box", c = "a.svc.lan", d = "alpha.example.org", e = "alpha" }',
            ),
          }),
          "services/ns.toml": NS,
        },
      },
      {
        name: "no [dns]: the hosts' resolvers are not the fleet's affair",
        files: {
          "nixgen.toml": changed({
            "[dns]": "",
            [DNS]: "",
            [ALPHA_ADDRESSES]: ALPHA_ADDRESSES.replace(" }", ', a = "alpha.lan" }'),
          }),
        },
      },
    ],
  },
  "dns-health": {
    wrong: [
      {
        name: "checks that see no zone",
        files: {
          "nixgen.toml": changed(
            {
              [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"\nservices = ["two", "three"]`,
            },
            DEBIAN,
          ),
          "services/ns.toml": NS.concat('health = «{ kind = "listen", port = 853 }\n'),
          "services/two.toml": service(
            "two",
            'ports = ["192.168.1.11:53:53/udp", "100.64.0.11:53:53/udp", "127.0.0.1:8080:8080"]\nhealth = «{ kind = "http", port = 8080 }',
            'node = "beta"',
          ),
          "services/three.toml": service(
            "three",
            'ports = ["192.168.1.12:53:53/udp"]\nhealth = «{ kind = "dns", name = "example.org" }',
            'node = "edge"',
          ),
        },
        messages: [
          "ns must answer svc.example, but its health check only sees that it listens",
          "three must answer svc.example, but its health check asks for example.org, which is in none of dns.zones",
          "two must answer svc.example, but its health check asks for HTTP only",
        ],
        help: ['kind = "dns"'],
      },
    ],
    right: [
      {
        name: "no check of its own, a component without port 53, and a service that hosts do not ask",
        files: {
          "nixgen.toml": changed({
            [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"`,
          }),
          "services/ns.toml": `${NS}\n[[components]]\nname = "web"\nimage = "registry.example/ns-web:v1.0.0"\nports = ["8080:8080"]\nhealth = { kind = "listen", port = 8080 }\n`,
          "services/cache.toml": service(
            "cache",
            'ports = ["192.168.1.11:53:53/udp", "100.64.0.11:53:53/udp"]\nhealth = { kind = "dns", name = "example.org" }',
            'node = "beta"',
          ),
        },
      },
      {
        name: "the zone, a name in it, and a command",
        files: {
          "nixgen.toml": changed(
            {
              [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"\nservices = ["two", "three"]`,
            },
            DEBIAN,
          ),
          "services/ns.toml": NS,
          "services/two.toml": service(
            "two",
            'ports = ["192.168.1.11:53:53/udp", "100.64.0.11:53:53/udp"]\nhealth = { kind = "dns", name = "a.svc.example" }',
            'node = "beta"',
          ),
          "services/three.toml": service(
            "three",
            'ports = ["192.168.1.12:53:53/udp"]\nhealth = { kind = "exec", command = ["check"] }',
            'node = "edge"',
          ),
        },
      },
    ],
  },
  "dns-loop": {
    wrong: [
      {
        name: "pulled at every start",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.Example."]\nservice = "ns"` }),
          "services/ns.toml": NS.replace(
            '"registry.example/ns:v1.0.0"',
            '"registry.svc.example:5000/ns:v1.0.0"\npull = «"always"',
          ),
        },
        messages: [
          "ns on alpha pulls its image whenever it starts, but nothing but ns itself resolves registry.svc.example",
        ],
        help: ['pull = "missing"', "podman pull registry.svc.example:5000/ns:v1.0.0, as pod"],
      },
      {
        name: "a newer one is looked for, from the fleet's own registry",
        severity: "warning",
        files: {
          "nixgen.toml": changed(
            { [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` },
            '[registry]\nhost = "svc.example"\nservice = "ns"',
          ),
          "services/ns.toml": NS.replace(
            '"registry.example/ns:v1.0.0"',
            '"svc.example/ns:v1.0.0"\npull = «"newer"',
          ),
        },
        messages: [
          "ns on alpha looks for a newer image whenever it starts, and waits in vain: nothing but ns itself resolves svc.example",
        ],
      },
      {
        name: "not on the host yet",
        severity: "info",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": NS.replace(
            '"registry.example/ns:v1.0.0"',
            '«"registry.svc.example/ns:v1.0.0"',
          ),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "images": ["registry.svc.example/ns:v0.9.0"] }]',
          ),
        },
        messages: [
          "alpha does not have the image of ns, which cannot be pulled when it starts: nothing but ns itself resolves registry.svc.example",
        ],
        help: ["Then collect the facts again"],
      },
    ],
    right: [
      {
        name: "a registry outside the zones, whose name only looks alike",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": NS.replace(
            '"registry.example/ns:v1.0.0"',
            '"othersvc.example/ns:v1.0.0"\npull = "always"',
          ),
        },
      },
      {
        name: "an image that is on the host, or of which nothing is known",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": `${NS.replace('"registry.example/ns:v1.0.0"', '"registry.svc.example/ns:v1.0.0"')}\n[[components]]\nname = "web"\nimage = "registry.svc.example/ns-web@sha256:${"0".repeat(64)}"\n`,
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "images": ["registry.svc.example/ns:v1.0.0"] }, { "user": "root", "images": [] }]',
          ),
        },
      },
      {
        name: "an image without a registry, and another service",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": NS.replace(
            '"registry.example/ns:v1.0.0"',
            '"svc.example:v1.0.0"\npull = "always"',
          ),
          "services/web.toml": service("web", 'pull = "always"').replace(
            "registry.example",
            "registry.svc.example",
          ),
        },
      },
    ],
  },
  "magicdns-amplifies": {
    wrong: [
      {
        name: "every name",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": NS,
          "facts/beta.json": facts(
            "beta",
            '"resolver": { "links": [{ "interface": "eth0" }, { "interface": "tailscale0", "domains": ["tail1.ts.net", «"~."] }] }',
          ),
        },
        messages: ['beta asks MagicDNS for every name: tailscale0 has the routing domain "~."'],
        help: ["tailscale set --accept-dns=false", "ns (192.168.1.10, 100.64.0.10)"],
      },
    ],
    right: [
      {
        name: "the tailnet's names alone, and another link that takes all",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": NS,
          "facts/beta.json": facts(
            "beta",
            '"resolver": { "links": [{ "interface": "tailscale0", "domains": ["~ts.net"] }, { "interface": "eth0", "domains": ["~."] }] }',
          ),
        },
      },
      {
        name: "a fleet without a DNS of its own",
        files: {
          "nixgen.toml": inventory(),
          "facts/beta.json": facts(
            "beta",
            '"resolver": { "links": [{ "interface": "tailscale0", "domains": ["~."] }] }',
          ),
        },
      },
    ],
  },
  "resolver-differs": {
    wrong: [
      {
        name: "the router's, systemd-resolved's, and one beside dnsmasq",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "nameservers": ["127.0.0.1", «"8.8.8.8"] }',
          ),
          "facts/beta.json": facts("beta", '"resolver": { "nameservers": [«"127.0.0.53"] }'),
        },
        messages: [
          "alpha asks 127.0.0.1 and 8.8.8.8, not its own dnsmasq",
          "beta asks 127.0.0.53, not its own dnsmasq",
        ],
        help: ["nixos-rebuild switch"],
      },
      {
        name: "tailscaled's",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "nameservers": [«"100.100.100.100"], "search": ["tail1234.ts.net"] }',
          ),
        },
        messages: [
          "alpha asks 100.100.100.100, not its own dnsmasq: tailscaled has rewritten /etc/resolv.conf",
        ],
        help: ["tailscale set --accept-dns=false", "[[dns.forward]]"],
      },
      {
        name: "no delegate, one that completes names, and one without a server",
        files: {
          "nixgen.toml": RESOLVED_INVENTORY,
          "services/ns.toml": NS,
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "nameservers": ["127.0.0.53"], "delegates": «[] }',
          ),
          "facts/beta.json": facts(
            "beta",
            '"resolver": { "nameservers": ["127.0.0.53"], "delegates": [{ "name": "own", "dns": «["192.168.1.10", "127.0.0.1:9"], "domains": «["Svc.example"] }] }',
          ),
        },
        messages: [
          "alpha asks the public resolvers for svc.example: systemd-resolved has no delegate of that zone",
          "beta does not ask 100.64.0.10 for svc.example: the delegate own names 192.168.1.10 and 127.0.0.1:9",
          'beta completes names with svc.example, and so do its containers: the delegate own has the zone without "~"',
        ],
      },
    ],
    right: [
      {
        name: "delegates as they are emitted, and facts that do not say",
        files: {
          "nixgen.toml": RESOLVED_INVENTORY,
          "services/ns.toml": NS,
          "facts/alpha.json": facts(
            "alpha",
            '"resolver": { "nameservers": ["127.0.0.53"], "delegates": [{ "name": "svc.example", "dns": ["192.168.1.10", "100.64.0.10", "127.0.0.1:9"], "domains": ["~svc.example"] }] }',
          ),
          "facts/beta.json": facts("beta", '"resolver": { "nameservers": ["127.0.0.53"] }'),
        },
      },
      {
        name: "dnsmasq at both loopback addresses",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"resolver": { "nameservers": ["127.0.0.1", "::1"] }'),
        },
      },
      {
        name: "systemd-resolved where that is wanted",
        files: {
          "nixgen.toml": changed({
            [DNS]: `${DNS}\nresolver = "resolved"`,
            [ALPHA_RELEASE]: ALPHA_RELEASE.replace("25.11", "26.05"),
          }),
          "facts/alpha.json": facts("alpha", '"resolver": { "nameservers": ["127.0.0.53"] }'),
        },
      },
    ],
  },
};
