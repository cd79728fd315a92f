/** The rules about addresses and ports. */
import { inventory } from "../../support/fleet.ts";
import { type Cases, ALPHA_ADDRESSES, DEBIAN, NS, changed, facts, service } from "./case.ts";

export const CASES: Readonly<Record<string, Cases>> = {
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
        name: "the agent of an edge host, which has an open network besides",
        severity: "warning",
        files: {
          "nixgen.toml": inventory(
            '[[nodes]]\nname = "gate"\nos = "debian"\nrole = "edge"\naddresses = { wan = "198.51.100.7", lan = ‹"192.168.9.7", vpn = "100.64.0.7" }\nagent = { listen = [«"100.64.0.7:9444"] }',
          ),
        },
        messages: [
          "the agent of gate listens on 100.64.0.7 only (port 9444/tcp), and gate has 2 private addresses",
        ],
        help: ['add "192.168.9.7:9444".'],
      },
      {
        name: "one of two public addresses",
        severity: "warning",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { wan = "198.51.100.10", wan6 = ‹"2001:db8::10", vpn = "100.64.0.10" }',
          }),
          "services/web.toml": service("web", 'ports = [«"198.51.100.10:443:443"]'),
        },
        messages: [
          "web listens on 198.51.100.10 only (port 443/tcp), and alpha has 2 public addresses",
        ],
        help: ['add "[2001:db8::10]:443:443".'],
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
        name: "an agent in the VPN and a page for the world, on a host with one address for each",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { wan = "198.51.100.10", vpn = "100.64.0.10" }\nagent = { listen = ["100.64.0.10:9444"] }',
          }),
          "services/web.toml": service("web", 'ports = ["198.51.100.10:443:443"]'),
        },
      },
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
        help: ["Use an address of alpha (192.168.1.10, 100.64.0.10), or run web on beta."],
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
      {
        name: "an address that the facts show and the inventory does not have",
        severity: "warning",
        files: {
          "nixgen.toml": changed({ '[[nodes]]\nname = "alpha"': '[[‹nodes]]\nname = "alpha"' }),
          "services/web.toml": service("web", 'ports = [«"[fd09::2]:80:80"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": [{ "interface": "eth1", "address": ‹"FD09:0::2" }]',
          ),
        },
        messages: ["web listens on fd09::2, which alpha has and the inventory does not name"],
        help: ["Add it to addresses of alpha"],
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
              'addresses = { lan = "fd00::10" }\nagent = { listen = [«"[fd00::10]:9444"] }',
          }),
          "services/a.toml": service("a", 'ports = [‹"[FD00::10]:9400-9500:9400-9500"]'),
        },
        messages: ["the agent of alpha and a both want port 9444/tcp of fd00::10 on alpha"],
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
        messages: ["a wants port 8080/tcp on alpha twice"],
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
  "address-missing": {
    wrong: [
      {
        name: "the LAN gave it another one",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: 'addresses = { lan = «"192.168.1.10", vpn = "100.64.0.10" }',
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": ‹[{ "interface": "eth0", "address": "192.168.1.77" }, { "interface": "vpn", "address": "100.64.0.10" }]',
          ),
        },
        messages: ["alpha does not have 192.168.1.10, which the inventory gives it"],
        help: ["It has 192.168.1.77, 100.64.0.10."],
      },
    ],
    right: [
      {
        name: "a router in front of it has the public one, and no link-local ones were collected",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "10.0.0.5", v6 = "FD00:0::10", public = "198.51.100.7", link = "fe80::1", name = "alpha.example" }',
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": [{ "interface": "eth0", "address": "10.0.0.5" }, { "interface": "eth0", "address": "fd00::10" }]',
          ),
        },
      },
      {
        name: "addresses were not collected",
        files: { "nixgen.toml": inventory(), "facts/alpha.json": facts("alpha", '"linger": []') },
      },
    ],
  },
  "host-single-address": {
    wrong: [
      {
        name: "an agent, and nothing known of the host",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { vpn = «"100.64.0.10", name = "alpha.example" }\nagent = { listen = ["100.64.0.10:9444"] }',
          }),
        },
        messages: [
          "alpha has only the address 100.64.0.10: when that network is down, the agent of alpha cannot be reached",
        ],
        help: ["addresses of alpha"],
      },
      {
        name: "the registry, and the host has other addresses",
        severity: "warning",
        files: {
          "nixgen.toml": changed(
            { [ALPHA_ADDRESSES]: 'addresses = { vpn = «"fd00::10" }' },
            '[registry]\nhost = "registry.example"\nservice = "registry"',
          ),
          "services/registry.toml": service("registry").replace("registry.example", "docker.io"),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": [{ "interface": "tailscale0", "address": "FD00:0::10" }, { "interface": "eth0", "address": ‹"192.168.1.10" }, { "interface": "docker0", "address": "172.17.0.1" }]',
          ),
        },
        messages: [
          "alpha has only the address fd00::10: when that network is down, registry cannot be reached",
        ],
        help: ["Add 192.168.1.10 to addresses of alpha"],
      },
      {
        name: "facts that do not know the address",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { vpn = «"100.64.0.10" }\nagent = { listen = ["100.64.0.10:9444"] }',
          }),
          "facts/alpha.json": facts("alpha", '"addresses": []'),
        },
        messages: [
          "alpha has only the address 100.64.0.10: when that network is down, the agent of alpha cannot be reached",
        ],
      },
    ],
    right: [
      {
        name: "a host on one network, as its facts show",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "192.168.1.10" }\nagent = { listen = ["192.168.1.10:9444"] }',
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": [{ "interface": "eth0", "address": "192.168.1.10" }, { "interface": "eth0", "address": "2001:db8::10" }, { "interface": "podman1", "address": "10.89.0.1" }]',
          ),
        },
      },
      {
        name: "an agent in the VPN, on a host whose other address is public, as its facts show",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { vpn = "100.64.0.10" }\nagent = { listen = ["100.64.0.10:9444"] }',
          }),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": [{ "interface": "eth0", "address": "198.51.100.10" }, { "interface": "wg0", "address": "100.64.0.10" }]',
          ),
        },
      },
      {
        name: "an agent for the host itself alone",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "192.168.1.10" }\nagent = { listen = ["127.0.0.1:9444", "localhost:9445"] }',
          }),
        },
      },
      {
        name: "an edge host that is not NixOS",
        files: { "nixgen.toml": inventory(`${DEBIAN}agent = { listen = ["192.168.1.12:9444"] }`) },
      },
      {
        name: "a host that nobody else relies on",
        files: {
          "nixgen.toml": changed({ [ALPHA_ADDRESSES]: 'addresses = { lan = "192.168.1.10" }' }),
          "services/web.toml": service("web", 'ports = ["192.168.1.10:8080:80"]'),
        },
      },
    ],
  },
  "privileged-port": {
    wrong: [
      {
        name: "published, and bound in the host's network",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/a.toml": service(
            "a",
            'ports = «["192.168.1.12:53:53/udp", "192.168.1.12:53:53/tcp", "443:8443", "8080:80"]',
            'node = "edge"',
          ),
          "services/b.toml": service(
            "b",
            'network = "host"\nhealth = «{ kind = "listen", port = 25 }',
            'node = "edge"',
          ),
        },
        messages: [
          "a wants ports 53, 443 of edge, where ports below 1024 are root's",
          "b wants port 25 of edge, where ports below 1024 are root's",
        ],
        help: ["net.ipv4.ip_unprivileged_port_start = 53"],
      },
    ],
    right: [
      {
        name: "on NixOS, where the emitted modules allow it",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["443:8443"]'),
        },
      },
      {
        name: "privileged inside the container only, and what podman chooses",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service("web", 'ports = ["1024:80", "443"]', 'node = "edge"'),
        },
      },
    ],
  },
  "route-and-ports": {
    wrong: [
      {
        name: "the same port published",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = [«"127.0.0.1:8440-8449:8440-8449", "127.0.0.1:9443:9443", "127.0.0.1:8443:8443/udp"]\n[[components.routes]]\nport = ‹8443',
          ),
        },
        messages: [
          "web publishes its port 8440-8449, but its route makes it listen on PORT (10000) instead",
        ],
      },
      {
        name: "variables of one of several routes",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'env = ["PORT=8080", «"PORT_API=9090", "PORT_WEB_=1"]\n[[components.routes]]\nname = "web"\nport = 80\n[[components.routes]]\nname = "api"\nport = ‹81',
          ),
        },
        messages: ["web sets PORT_API, which its route overrides"],
        help: ["Remove PORT_API from env"],
      },
    ],
    right: [
      {
        name: "variables and ports without any route",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'env = ["PORT=8443"]\nports = ["8443:8443"]'),
        },
      },
      {
        name: "other ports beside a route",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'env = ["METRICS_PORT=9090"]\nports = ["8443:9090"]\n[[components.routes]]\nport = 8443',
          ),
        },
      },
    ],
  },
  "wildcard-on-edge": {
    wrong: [
      {
        name: "a container and the agent",
        files: {
          "nixgen.toml": inventory(`${DEBIAN}agent = { listen = [«"[::]:9444"] }`),
          "services/web.toml": service(
            "web",
            'ports = ["443:8443", «"0.0.0.0:8080-8081:80-81", «"[::]:9000:9000/udp"]',
            'node = "edge"',
          ),
        },
        messages: [
          "the agent of edge listens on every address of the edge host edge (port 9444/tcp)",
          "web listens on every address of the edge host edge (port 8080-8081/tcp)",
          "web listens on every address of the edge host edge (port 9000/udp)",
        ],
        help: ["127.0.0.1, 192.168.1.12."],
      },
    ],
    right: [
      {
        name: "what an edge host is for, named addresses, and the host's network",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service(
            "web",
            'ports = ["80:8080", "443:8443/tcp", "443:8443/udp", "192.168.1.12:9000:9000", "[::1]:9001:9001"]\n[[components.routes]]\nport = 1',
            'node = "edge"',
          ),
          "services/proxy.toml": service(
            "proxy",
            'network = "host"\nports = ["9443:9443"]',
            'node = "edge"',
          ),
        },
      },
      {
        name: "a host inside",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["9443:9443"]'),
        },
      },
    ],
  },
  "firewall-closed": {
    wrong: [
      {
        name: "a port at an address whose interface does not open it, a range, and one for everybody",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = ["127.0.0.1:5432:5432", «"192.168.1.10:8443:443", "100.64.0.10:8443:443", «"8000-8002:80-82", "53:53/udp", «"54:54/udp"]',
          ),
          "facts/alpha.json": facts(
            "alpha",
            `"addresses": [
              { "interface": "eth0", "address": "192.168.1.10" },
              { "interface": "tailscale0", "address": "100.64.0.10" }
            ],
            "firewall": {
              "enable": true,
              "open": { "tcp": [22, 8000], "udp_ranges": [{ "from": 50, "to": 53 }] },
              "interfaces": { "tailscale+": { "tcp": [8443] } },
              "trusted": ["lo"]
            }`,
          ),
        },
        messages: [
          "the firewall of alpha closes 8443/tcp at 192.168.1.10, where web listens",
          "the firewall of alpha closes 8001 to 8002/tcp, where web listens",
          "the firewall of alpha closes 54/udp, where web listens",
        ],
        help: ["networking.firewall.interfaces.eth0.allowedTCPPorts = [ 8443 ]", "127.0.0.1"],
      },
      {
        name: "a port at an address that is not up, on a host with rules of its own",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = [«"192.168.1.10:8443:443"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"addresses": [], "firewall": { "enable": true, "open": {}, "rules": true }',
          ),
        },
        messages: ["the firewall of alpha closes 8443/tcp at 192.168.1.10, where web listens"],
        help: ["networking.firewall.allowedTCPPorts = [ 8443 ]", "rules that nixgen does not read"],
      },
    ],
    right: [
      {
        name: "no firewall, and none that is known of",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["192.168.1.10:8443:443"]'),
          "facts/alpha.json": facts("alpha", '"firewall": { "enable": false, "open": {} }'),
          "facts/beta.json": facts("beta", '"addresses": []'),
        },
      },
      {
        name: "an interface that is trusted",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["100.64.0.10:8443:443"]'),
          "facts/alpha.json": facts(
            "alpha",
            `"addresses": [{ "interface": "tailscale0", "address": "100.64.0.10" }],
            "firewall": { "enable": true, "open": {}, "trusted": ["lo", "tailscale0"] }`,
          ),
        },
      },
    ],
  },
  "listener-missing": {
    wrong: [
      {
        name: "one port of a range, one of another protocol, the agent's",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nagent = { listen = [«"192.168.1.10:9444", "100.64.0.10:9444"] }`,
          }),
          "services/web.toml": service(
            "web",
            'ports = [«"127.0.0.1:8080-8081:80-81", «"192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]',
          ),
          "facts/alpha.json": facts(
            "alpha",
            `"listeners": [
              { "protocol": "tcp", "address": "127.0.0.1", "port": 8080 },
              { "protocol": "tcp", "address": "192.168.1.10", "port": 53 },
              { "protocol": "udp", "address": "100.64.0.10", "port": 53 },
              { "protocol": "tcp", "address": "100.64.0.10", "port": 9444 }
            ]`,
          ),
        },
        messages: [
          "nobody listens on 9444/tcp at 192.168.1.10 of alpha, which the agent of alpha is to serve",
          "nobody listens on 8081/tcp at 127.0.0.1 of alpha, which web is to serve",
          "nobody listens on 53/udp at 192.168.1.10 of alpha, which web is to serve",
        ],
        help: ["ss -lntup"],
      },
    ],
    right: [
      {
        name: "a container that does not run, for another rule to say",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["127.0.0.1:8080:80"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"listeners": [], "podman": [{ "user": "pod", "containers": [] }]',
          ),
        },
      },
      {
        name: "a podman that does not answer, for another rule to say",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["127.0.0.1:8080:80"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"listeners": [], "podman": [{ "user": "pod", "error": "Error: no" }]',
          ),
        },
      },
      {
        name: "wildcards, a port that podman chooses, and what was not collected",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["127.0.0.1:8080:80", "9000"]'),
          "services/api.toml": service("api", 'ports = ["127.0.0.1:8080:80"]', 'node = "beta"'),
          "facts/alpha.json": facts(
            "alpha",
            '"listeners": [{ "protocol": "tcp", "address": "*", "port": 8080 }]',
          ),
          "facts/beta.json": facts("beta", '"passwd": []'),
        },
      },
    ],
  },
  "udp-shared": {
    wrong: [
      {
        name: "two containers, and a container beside dnsmasq",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": NS,
          "facts/alpha.json": facts(
            "alpha",
            `"listeners": [
              «{ "protocol": "udp", "address": "192.168.1.10", "port": 53, "process": "pasta.avx2", "sockets": 2 },
              «{ "protocol": "udp", "address": "127.0.0.1", "port": 53, "process": "dnsmasq" },
              ‹{ "protocol": "udp", "address": "127.0.0.1", "port": 53, "process": "pasta" },
              { "protocol": "tcp", "address": "100.64.0.10", "port": 53, "process": "pasta" },
              { "protocol": "tcp", "address": "192.168.1.10", "port": 53, "process": "pasta" },
              { "protocol": "udp", "address": "100.64.0.10", "port": 53, "process": "pasta" }
            ]`,
          ),
        },
        messages: [
          "2 sockets share port 53/udp at 192.168.1.10 of alpha (pasta.avx2): what was started last gets every packet",
          "2 sockets share port 53/udp at 127.0.0.1 of alpha (dnsmasq, pasta): what was started last gets every packet",
        ],
        help: ["ns is defined to have this one", "'sport = :53'"],
      },
    ],
    right: [
      {
        name: "one socket at each address",
        files: {
          "nixgen.toml": inventory(),
          "services/ns.toml": NS,
          "facts/alpha.json": facts(
            "alpha",
            `"listeners": [
              { "protocol": "udp", "address": "192.168.1.10", "port": 53, "process": "pasta" },
              { "protocol": "udp", "address": "100.64.0.10", "port": 53, "process": "pasta" },
              { "protocol": "udp", "address": "127.0.0.1", "port": 53, "process": "dnsmasq" }
            ]`,
          ),
        },
      },
      {
        name: "servers with several sockets, pasta beside a wildcard, TCP",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            `"listeners": [
              { "protocol": "udp", "address": "192.168.1.10", "port": 53, "process": "knotd", "sockets": 8 },
              { "protocol": "udp", "address": "127.0.0.1", "port": 5353, "process": "pasta" },
              { "protocol": "udp", "address": "0.0.0.0", "port": 5353, "process": "avahi-daemon" },
              { "protocol": "tcp", "address": "127.0.0.1", "port": 80, "process": "pasta", "sockets": 2 }
            ]`,
          ),
        },
      },
    ],
  },
  "host-address-unreachable": {
    wrong: [
      {
        name: "loopback, the host's own address, and one in a command",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]: ALPHA_ADDRESSES.replace(" }", ', six = "fd00::10" }').concat(
              '\nagent = { listen = ["192.168.1.10:9444", "100.64.0.10:9444", ‹"[fd00::10]:9444"] }',
            ),
          }),
          "services/db.toml": service("db", 'ports = [‹"127.0.0.1:5432:5432", ‹"8080:80"]'),
          "services/web.toml": service(
            "web",
            'env = ["A=x", «"DATABASE=postgres://u@127.0.0.1:5432/x?y", «"AGENT=[FD00::10]:9444"]\ncmd = ["--api", «"http://192.168.1.10:8080/"]',
          ),
        },
        messages: [
          "web is told to reach db at 127.0.0.1:5432 (DATABASE): in a container that is the container itself",
          "web is told to reach the agent of alpha at [FD00::10]:9444 (AGENT): podman gives that address to containers as their own if the default route of alpha is on its interface",
          "web is told to reach db at 192.168.1.10:8080 (its command): podman gives that address to containers as their own if the default route of alpha is on its interface",
        ],
        help: ["Put both on one podman network"],
      },
      {
        name: "from a podman network to the default one, and to another network on podman 6",
        files: {
          "nixgen.toml": inventory().replaceAll('"25.11"', '"26.11"'),
          "services/db.toml": service(
            "db",
            'network = "back"\nports = [‹"192.168.1.10:5432:5432", "100.64.0.10:5432:5432"]',
          ),
          "services/cache.toml": service(
            "cache",
            'ports = [‹"192.168.1.10:6379:6379", "100.64.0.10:6379:6379"]',
          ),
          "services/web.toml": service(
            "web",
            'network = "front"\nenv = [«"DB=192.168.1.10:5432", «"CACHE=192.168.1.10:6379"]',
          ),
        },
        messages: [
          "web is told to reach db at 192.168.1.10:5432 (DB): podman gives that address to containers as their own if the default route of alpha is on its interface",
          "web is told to reach cache at 192.168.1.10:6379 (CACHE): podman gives that address to containers as their own if the default route of alpha is on its interface",
        ],
        help: ["host.containers.internal:5432, or another address of alpha: 100.64.0.10"],
      },
    ],
    right: [
      {
        name: "a listener of another host, another port, and nobody there",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", 'ports = ["5432:5432"]', 'node = "beta"'),
          "services/web.toml": service(
            "web",
            'env = ["DB=192.168.1.11:5432", "VPN=100.64.0.11:5432", "OLD=192.168.1.10:5432"]',
          ),
        },
      },
      {
        name: "what works, and where a container listens itself",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service(
            "db",
            'network = "back"\nports = ["192.168.1.10:5432:5432", "100.64.0.10:5432:5432"]',
          ),
          "services/lo.toml": service("lo", 'ports = ["127.0.0.1:9000:9000"]'),
          "services/web.toml": service(
            "web",
            'network = "front"\nports = ["127.0.0.1:9001:9000"]\nenv = ["A=192.168.1.10:5432", "B=100.64.0.10:5432", "C=host.containers.internal:5432", "LISTEN=127.0.0.1:9000", "OTHER=192.168.1.11:5432", "VERSION=1.192.168.1.10:5432", "NOBODY=127.0.0.1:1"]',
          ),
          "services/near.toml": service("near", 'network = "back"\nenv = ["A=192.168.1.10:5432"]'),
          "services/host.toml": service("host", 'network = "host"\nenv = ["A=127.0.0.1:9000"]'),
        },
      },
    ],
  },
  "port-taken": {
    wrong: [
      {
        name: "a wildcard on a container's port",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = [«"192.168.1.10:8080:80", "100.64.0.10:8080:80/udp"]',
          ),
          "facts/alpha.json": facts(
            "alpha",
            '"listeners": [‹{ "protocol": "tcp", "address": "0.0.0.0", "port": 8080, "process": "nginx" }]',
          ),
        },
        messages: ["nginx listens on 8080/tcp at 192.168.1.10 of alpha, which web is to publish"],
        help: ["Stop nginx on alpha"],
      },
    ],
    right: [
      {
        name: "podman's own programs, and one that is not known",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["8080:80", "8081:81", "8082:82"]'),
          "facts/alpha.json": facts(
            "alpha",
            `"listeners": [
              { "protocol": "tcp", "address": "*", "port": 8080, "process": "rootlessport" },
              { "protocol": "tcp", "address": "*", "port": 8081, "process": "pasta.avx2" },
              { "protocol": "tcp", "address": "*", "port": 8082 }
            ]`,
          ),
        },
      },
      {
        name: "another address, and containers in the host's network under their own names",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'ports = ["192.168.1.10:53:53", "100.64.0.10:53:53"]',
          ),
          "services/proxy.toml": service("proxy", 'network = "host"\nports = ["443:443"]'),
          "facts/alpha.json": facts(
            "alpha",
            `"listeners": [
              { "protocol": "tcp", "address": "127.0.0.53", "port": 53, "process": "systemd-resolve" },
              { "protocol": "tcp", "address": "*", "port": 443, "process": "mc-proxy" }
            ]`,
          ),
        },
      },
    ],
  },
  "unusable-address": {
    wrong: [
      {
        name: "loopback alone",
        files: {
          "nixgen.toml": changed({ [ALPHA_ADDRESSES]: 'addresses = { lan = «"127.0.0.1" }' }),
        },
        messages: ["alpha has the address 127.0.0.1, which is every host's own (loopback)"],
      },
      {
        name: "each kind",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "192.168.1.10", vpn = "100.64.0.10", a = «"0.0.0.0", b = "127.0.0.1", c = «"fe80::1", d = «"169.254.7.7", e = «"224.0.0.1", f = «"ff02::1", g = «"255.255.255.255" }',
          }),
        },
        messages: [
          "alpha has the address 0.0.0.0, which is every address of a host",
          "alpha has the address fe80::1, which is link-local: it means nothing without an interface",
          "alpha has the address 169.254.7.7, which is link-local: it means nothing without an interface",
          "alpha has the address 224.0.0.1, which is a multicast address",
          "alpha has the address ff02::1, which is a multicast address",
          "alpha has the address 255.255.255.255, which is a broadcast address",
        ],
      },
    ],
    right: [
      {
        name: "no addresses",
        files: { "nixgen.toml": changed({ [ALPHA_ADDRESSES]: "" }) },
      },
      {
        name: "what a host may have, and a name",
        files: {
          "nixgen.toml": changed({
            [ALPHA_ADDRESSES]:
              'addresses = { lan = "192.168.1.10", vpn = "100.64.0.10", v6 = "2001:db8::1", ula = "fd00::1", name = "alpha.example.org" }',
          }),
        },
      },
    ],
  },
};
