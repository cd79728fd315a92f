/** The rules about containers. */
import { inventory } from "../../support/fleet.ts";
import {
  ALPHA_RELEASE,
  type Cases,
  DEBIAN,
  DNS,
  NS,
  UID,
  changed,
  facts,
  service,
} from "./case.ts";

/** As podman has the ports of NS. */
const NS_BINDINGS =
  '[{ "HostIp": "192.168.1.10", "HostPort": "53" }, { "HostIp": "100.64.0.10", "HostPort": "53" }]';

const HEALTH = 'health = { kind = "exec", command = ["true"] }';

/** A component; the key that has the finding, if any, is marked. */
function part(name: string, keys: string, marked?: string): string {
  const text = marked === undefined ? keys : keys.replace(`${marked} = `, `${marked} = «`);
  return `[[components]]\nname = "${name}"\nimage = "registry.example/${name}:v1.0.0"\n${text}`;
}

export const CASES: Readonly<Record<string, Cases>> = {
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
  "namespace-shared": {
    wrong: [
      {
        name: "the container of a sibling by its component's name, itself, a slip, and what no container is called",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": [
            'name = "media"\nnode = "alpha"',
            part("vpn", HEALTH),
            part("own", `network = "container:vpn"\n${HEALTH}`, "network"),
            part("self", `pid = "container:media-self"\n${HEALTH}`, "pid"),
            part("slip", `ipc = "container:media-vpm"\n${HEALTH}`, "ipc"),
            part("odd", `network = "container:elsewhere"\n${HEALTH}`, "network"),
          ].join("\n"),
          // Of its name on another host.
          "services/b.toml": service("elsewhere", 'ports = ["127.0.0.1:80:80"]', 'node = "beta"'),
        },
        messages: [
          "media-own runs in the network namespace of vpn, which is no container of alpha",
          "media-self runs in the pid namespace of itself",
          "media-slip runs in the ipc namespace of media-vpm, which is no container of alpha",
          "media-odd runs in the network namespace of elsewhere, which is no container of alpha",
        ],
        help: ['Did you mean "container:media-vpn"?'],
      },
      {
        name: "ports, a route, and what podman refuses beside the network of another container",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": [
            'name = "media"\nnode = "alpha"',
            part("vpn", HEALTH),
            part(
              "torrent",
              'network = ‹"container:media-vpn"\nports = «["127.0.0.1:8080:8080"]\ndns = «["9.9.9.9"]\ndns_search = «["example.org"]\ndns_option = «["ndots:2"]\nextra_hosts = «["a.b:10.0.0.1"]',
            ),
            part(
              "web",
              `network = ‹"container:media-vpn"\n${HEALTH}\n[[«components.routes]]\nport = 443`,
            ),
          ].join("\n"),
        },
        messages: [
          "media-torrent publishes ports, but is in the network of media-vpn: podman publishes none of them",
          "media-torrent has dns, but is in the network of media-vpn: podman makes no such container",
          "media-torrent has dns_search, but is in the network of media-vpn: podman makes no such container",
          "media-torrent has dns_option, but is in the network of media-vpn: podman makes no such container",
          "media-torrent has extra_hosts, but is in the network of media-vpn: podman makes no such container",
          "media-web has a route, but is in the network of media-vpn: podman does not publish its port",
        ],
      },
    ],
    right: [
      {
        name: "every namespace of a container of the same host, in another service",
        files: {
          "nixgen.toml": inventory(),
          "services/vpn.toml": service("vpn", 'ports = ["127.0.0.1:8080:8080"]'),
          "services/a.toml": service(
            "torrent",
            `network = "container:vpn"\npid = "container:vpn"\nipc = "container:vpn"\nhostname = "t"\ndns = []\n${HEALTH}`,
          ),
        },
      },
      {
        name: "ports and resolvers beside other namespaces of a container",
        files: {
          "nixgen.toml": inventory(),
          "services/vpn.toml": service("vpn", HEALTH),
          "services/a.toml": service(
            "web",
            'pid = "container:vpn"\nports = ["127.0.0.1:8080:80"]\ndns = ["9.9.9.9"]',
          ),
        },
      },
    ],
  },
  "reserved-container": {
    wrong: [
      {
        name: "a folder of the system below /run",
        files: {
          "nixgen.toml": inventory(),
          "services/user.toml": service("user").replace('\nname = "user"', '\nname = «"user"'),
        },
        messages: ["alpha cannot have a container named user: its unit would take over /run/user"],
        help: ["the container is named <service>-<component>"],
      },
      {
        name: "a folder that many hosts have",
        files: {
          "nixgen.toml": inventory(),
          "services/secrets.toml": service("secrets").replace(
            '\nname = "secrets"',
            '\nname = «"secrets"',
          ),
        },
        messages: [
          "alpha should not have a container named secrets: its unit would take over /run/secrets, if something else has that",
        ],
        severity: "warning",
      },
      {
        name: "a unit of podman's own, by the names of service and component",
        files: {
          "nixgen.toml": inventory(),
          "services/auto.toml":
            'name = "auto"\nnode = "alpha"\n[[components]]\nname = «"update"\nimage = "a:v1"\n',
        },
        messages: [
          "alpha cannot have a container named auto-update: podman-auto-update.service is podman's own",
        ],
      },
    ],
    right: [
      {
        name: "the service alone has the name, or it is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/user.toml":
            'name = "user"\nnode = "alpha"\n[[components]]\nname = "api"\nimage = "a:v1"\n',
          "services/log.toml": service("log", "", "active = false"),
        },
      },
      {
        name: "a host without NixOS has no such folders for containers",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/log.toml": service("log", "", 'node = "edge"'),
        },
      },
    ],
  },
  "secret-in-env": {
    wrong: [
      {
        name: "by the names of the variables, and a password in an address",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'env = [«"DB_PASSWORD=hunter2", «"token=abc", «"S3_SECRET_ACCESS_KEY=x=y", «"DB_URL=postgres://web:hunter2@db:5432/web"]',
          ),
        },
        messages: ["DB_PASSWORD", "token", "S3_SECRET_ACCESS_KEY", "DB_URL"].map(
          (name) =>
            `web has ${name} with its value: whoever can read the definition, out/ or the Nix store has the secret`,
        ),
        help: ['env_files = ["/srv/web/secrets.env"]'],
      },
      {
        name: "by the names that people use",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'env = [«"MONGO_PASS=unifi1234", «"ADMIN_PW=qwe123rty", «"WEBPASSWORD=x1", «"PGPASSWORD=x2", «"SECRET_KEY_BASE=4f6c", «"APP_KEY=base64:x", «"TS_AUTHKEY=tskey-1", «"spring.datasource.password=x3", «"PIN_PASS=4711"]',
          ),
        },
        messages: [
          ...["MONGO_PASS", "ADMIN_PW", "WEBPASSWORD", "PGPASSWORD", "SECRET_KEY_BASE", "APP_KEY"],
          ...["TS_AUTHKEY", "spring.datasource.password", "PIN_PASS"],
        ].map(
          (name) =>
            `web has ${name} with its value: whoever can read the definition, out/ or the Nix store has the secret`,
        ),
      },
      {
        name: "in command lines and health commands, also within a script",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            `cmd = ["--requirepass", «"hunter2", «"--admin-token=abc", «"--db=postgres://web:hunter2@db/web", «"PGPASSWORD=x psql -c 'SELECT 1'"]\n[components.health]\nkind = "exec"\ncommand = ["redis-cli", "-a", «"hunter2", "ping"]`,
          ),
          "services/db.toml": service(
            "db",
            `[components.health]\nkind = "exec"\ncommand = ["sh", "-c", «"mysqladmin ping -phunter2 || exit 1"]`,
          ),
          "services/api.toml": service(
            "api",
            `[components.health]\nkind = "exec"\ncommand = ["/usr/bin/curl", "-u", «"admin:hunter2", "-H", «"Authorization: Bearer abc", "http://localhost/"]`,
          ),
        },
        messages: [
          "the health command of api has a secret, after -u: whoever can read the definition, out/, the Nix store or the host's processes has it",
          "the health command of api has a secret, after the name of a header: whoever can read the definition, out/, the Nix store or the host's processes has it",
          "the health command of db has a secret, after -p: whoever can read the definition, out/, the Nix store or the host's processes has it",
          ...["--requirepass", "admin-token", "the user of an address", "PGPASSWORD"].map(
            (name) =>
              `web has a secret in cmd, after ${name}: whoever can read the definition, out/, the Nix store or the host's processes has it`,
          ),
          "the health command of web has a secret, after -a: whoever can read the definition, out/, the Nix store or the host's processes has it",
        ],
      },
    ],
    right: [
      {
        name: "commands that say where the secret is",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            `cmd = ["--password-file", "/run/pw", "--token", "/run/token", "--ask-pass", "--reset-token=true", "sh", "-c", "psql --password=$PGPASSWORD postgres://web:$PW@db/"]\n[components.health]\nkind = "exec"\ncommand = ["sh", "-c", 'redis-cli -a "$REDIS_PASSWORD" ping && curl --user "admin:$PW" -H "Authorization: Bearer $TOKEN" http://a/ && mysqladmin -p"$PW" ping']`,
          ),
          "services/db.toml": service(
            "db",
            'env = ["BYPASS=abc", "COMPASS=north", "PASSENGERS=4x", "KEYMAP=us", "MAX_TOKENS=4096", "DB_PASS=$DB_PASS"]\ncmd = ["-a", "x", "-p80", "-u", "a:b"]',
          ),
        },
      },
      {
        name: "what is about a secret, or says where one is",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'env = ["DB_PASSWORD_FILE=/run/secrets/db", "TLS_PRIVATE_KEY=/srv/web/key.pem", "TOKEN=", "TOKEN_LIFETIME=60", "RESET_PASSWORD=true", "KEYBOARD=us", "DB_URL=postgres://web@db:5432/web", "PROXY=http://[fd00::1]:3128/a@b"]',
          ),
        },
      },
      {
        name: "a service that is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'env = ["TOKEN=x"]', "active = false"),
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
  "image-latest": {
    wrong: [
      {
        name: "beside a port of the registry",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web").replace(
            '"registry.example/web:v1.0.0"',
            '«"registry.example:5000/web:latest"',
          ),
        },
        messages: [
          "the image of web is whatever registry.example:5000/web:latest means when it is pulled",
        ],
        help: ['"registry.example:5000/web:v1.0.0"'],
      },
    ],
    right: [
      {
        name: "with a digest",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web").replace(
            ":v1.0.0",
            `:latest@sha256:${"0".repeat(64)}`,
          ),
        },
      },
      {
        name: "tags and names that only look alike",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a").replace(":v1.0.0", ":v1-latest"),
          "services/b.toml": service("b").replace("/b:", "/latest:"),
        },
      },
    ],
  },
  "volume-outside-srv": {
    wrong: [
      {
        name: "elsewhere, and by way of ..",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = ["/srv/web:/data", «"/var/lib/web:/state:z", «"/srv/../opt/web:/opt"]',
          ),
        },
        messages: [
          "web keeps data in /var/lib/web on alpha, which nothing makes there",
          "web keeps data in /opt/web on alpha, which nothing makes there",
        ],
        help: ["Use /srv/web, which is made for pod"],
      },
    ],
    right: [
      {
        name: "read-only, sockets, the system's folders and podman's volumes",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = ["/mnt/media:/media:z,ro", "/run/user/850/podman/podman.sock:/podman.sock", "/var/lib/db/db.sock:/db.sock", "/etc/localtime:/etc/localtime", "/dev/shm:/dev/shm", "cache:/cache", "/opt/base:/base:O"]',
          ),
        },
      },
      {
        name: "the user's home, and a host that nothing is emitted for",
        files: {
          "nixgen.toml": changed({ [UID]: `${UID}\nhome = "/home/pod/"` }, DEBIAN),
          "services/web.toml": service("web", 'volumes = ["/home/pod/web:/data"]'),
          "services/db.toml": service("db", 'volumes = ["/var/lib/db:/data"]', 'node = "edge"'),
        },
      },
    ],
  },
  "volume-shared-rw": {
    wrong: [
      {
        name: "one folder, twice",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'volumes = [‹"/srv/a:/data"]'),
          "services/b.toml": service("b", 'volumes = [«"/srv//a/:/data"]'),
          "services/c.toml": service("c", 'volumes = [«"/srv/a:/data:Z"]'),
        },
        messages: [
          "b and a on alpha both write to /srv/a",
          "c and a on alpha both write to /srv/a",
        ],
      },
      {
        name: "a folder in another one, whichever comes first",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'volumes = [«"/srv/b/a/data:/data"]'),
          "services/b.toml": service("b", 'volumes = [‹"/srv/b:/data"]'),
        },
        messages: [
          "a and b on alpha write to /srv/b/a/data and to /srv/b, one of which is in the other",
        ],
      },
      {
        name: "a volume of podman's",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'volumes = [‹"data:/data"]'),
          "services/b.toml": service("b", 'volumes = [«"data:/data"]'),
        },
        messages: ["b and a on alpha both write to data"],
      },
    ],
    right: [
      {
        name: "components of one service",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": `${service("a", 'volumes = ["/srv/a:/data"]')}[[components]]\nname = "web"\nimage = "a:v1"\nvolumes = ["/srv/a:/data", "/srv/a/web:/web"]\n`,
        },
      },
      {
        name: "one that only reads, another host, and a name that begins alike",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'volumes = ["/srv/a:/data", "/run/x.sock:/x.sock"]'),
          "services/b.toml": service("b", 'volumes = ["/srv/a:/data:ro", "/run/x.sock:/x.sock"]'),
          "services/c.toml": service("c", 'volumes = ["/srv/a:/data"]', 'node = "beta"'),
          "services/d.toml": service("d", 'volumes = ["/srv/ab:/data"]'),
          "services/e.toml": service(
            "e",
            'volumes = ["/srv/a:/data"]',
            'node = "alpha"\nactive = false',
          ),
        },
      },
    ],
  },
  "volume-relative": {
    wrong: [
      {
        name: "in every form",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = [«"./data:/a", «"../up/data:/b", «"data/sub:/c", «"~/data:/d", «".:/e", «"..:/f"]',
          ),
        },
        messages: [
          'web mounts "./data", which is neither an absolute path nor the name of a volume',
          'web mounts "../up/data", which is neither an absolute path nor the name of a volume',
          'web mounts "data/sub", which is neither an absolute path nor the name of a volume',
          'web mounts "~/data", which is neither an absolute path nor the name of a volume',
          'web mounts ".", which is neither an absolute path nor the name of a volume',
          'web mounts "..", which is neither an absolute path nor the name of a volume',
        ],
        help: ["/srv/web/data."],
      },
      {
        name: "a folder above",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'volumes = [«"..:/f"]'),
        },
        messages: ['web mounts "..", which is neither an absolute path nor the name of a volume'],
        help: ["e.g. /srv/web."],
      },
    ],
    right: [
      {
        name: "absolute paths and volumes of podman's",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = ["/srv/web:/a", "cache:/b", "c_1.v-2:/c"]',
          ),
        },
      },
      {
        name: "not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = ["./data:/a"]',
            'node = "alpha"\nactive = false',
          ),
        },
      },
    ],
  },
  "user-needs-mapping": {
    wrong: [
      {
        name: "beyond the subordinate ids, as a uid and as a gid",
        files: {
          "nixgen.toml": changed({ [UID]: `${UID}\nsub_ids = ‹{ start = 100000, count = 1000 }` }),
          "services/a.toml": service("a", 'user = «"1001"'),
          "services/b.toml": service("b", 'user = «"0:1001"'),
        },
        messages: [
          "a runs as 1001 inside the container, but alpha maps only 0 to 1000",
          "b runs as 1001 inside the container, but alpha maps only 0 to 1000",
        ],
      },
      {
        name: "a folder that was made for the container user",
        severity: "info",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'user = «"1000:1000"\nvolumes = ["/srv/web:/data"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"srv": [{ "path": "/srv/web", "uid": 850, "gid": 850 }]',
          ),
        },
        messages: [
          "web runs as uid 1000 inside the container, but /srv/web on alpha is made for pod, who is uid 0 in it",
        ],
        help: ["podman unshare chown -R 1000:1000 /srv/web"],
      },
    ],
    right: [
      {
        name: "the last id that is mapped, root and a name",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'user = "65536:65536"'),
          "services/b.toml": service("b", 'user = "0:0"\nvolumes = ["/srv/b:/data"]'),
          "services/c.toml": service("c", 'user = "nginx"\nvolumes = ["/srv/c:/data"]'),
        },
      },
      {
        name: "a folder that was given away, is only read, or that podman gives away",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'user = "1000"\nvolumes = ["/srv/a/:/data"]'),
          "services/b.toml": service("b", 'user = "1000"\nvolumes = ["/srv/b:/data:z,U"]'),
          "services/c.toml": service(
            "c",
            'user = "1000"\nvolumes = ["/srv/c:/data:ro", "data:/x"]',
          ),
          "facts/alpha.json": facts(
            "alpha",
            '"srv": [{ "path": "/srv/a", "uid": 100999, "gid": 100999 }]',
          ),
        },
      },
    ],
  },
  "restart-vs-systemd": {
    wrong: [
      {
        name: "never, in a boot stage",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web"]'),
          "services/web.toml": service("web", 'ports = ["127.0.0.1:8080:80"]\nrestart = «"no"'),
        },
        messages: [
          "web is never restarted, but boot stage core waits for it: one failed start fails the stage",
        ],
      },
      {
        name: "a number of times",
        severity: "info",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'restart = «"on-failure:3"'),
        },
        messages: ["web is to be restarted 3 times at most, but systemd does it without end"],
      },
    ],
    right: [
      {
        name: "what systemd has too, and a job in no stage",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service("a", 'restart = "unless-stopped"'),
          "services/b.toml": service("b", 'restart = "always"'),
          "services/c.toml": service("c", 'restart = "on-failure"'),
          "services/d.toml": service("d", 'restart = "no"'),
        },
      },
      {
        name: "a job that a stage waits for",
        files: {
          "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["web"]'),
          "services/web.toml": service("web", 'restart = "no"'),
        },
      },
      {
        name: "a host that has no units of ours",
        files: {
          "nixgen.toml": inventory(`${DEBIAN}[[boot.sequence]]\nname = "core"\nservices = ["web"]`),
          "services/web.toml": service("web", 'restart = "no"', 'node = "edge"'),
          "services/db.toml": service("db", 'restart = "on-failure:3"', 'node = "edge"'),
        },
      },
    ],
  },
  "runtime-drift": {
    wrong: [
      {
        name: "everything that is compared",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'network = "front"\nuser = "1000:1000"\nports = ["127.0.0.1:8080-8081:80-81", "[::1]:5353:53/udp"]\nvolumes = ["/srv/web:/data:ro", "cache:/cache"]\nenv = ["MODE=new", "LEVEL=3"]\ncmd = ["serve", "--fast"]',
          ).replace("image = ", "image = «"),
          "facts/alpha.json": facts(
            "alpha",
            `"podman": [{ "user": "pod", "containers": [{
              "Name": "web",
              "ImageName": ‹"registry.example/web:v0.9.0",
              "State": { "Status": "running" },
              "Config": { "User": ‹"0:0", "Cmd": ‹["serve"], "Env": ‹["MODE=old", "PATH=/bin"] },
              "Mounts": ‹[
                { "Type": "bind", "Source": "/srv/web", "Destination": "/data", "RW": true },
                { "Type": "bind", "Source": "/srv/more", "Destination": "/more", "RW": true }
              ],
              "NetworkSettings": { "Networks": { "back": {} } },
              "HostConfig": {
                "NetworkMode": ‹"bridge",
                "PortBindings": ‹{
                  "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }],
                  "9090/tcp": [{ "HostIp": "", "HostPort": "9090" }]
                }
              }
            }] }]`,
          ),
        },
        messages: [
          'web on alpha is not what its definition says: it has image registry.example/web:v0.9.0, is in network back, runs as user 0:0, does not publish 127.0.0.1:8081:81/tcp, does not publish [::1]:5353:53/udp, publishes 9090:9090/tcp, mounts /data writable, does not mount /cache, mounts /srv/more at /more, lacks the variable LEVEL, has another value of the variable MODE, runs ["serve"]',
        ],
        help: ["Deploy the definition", "services/web.toml"],
      },
      {
        name: "a variable that is missing where only names were collected, and the port of a route",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'env = ["KEY=new"]\n[[components.routes]]\nport = 443',
          ).replace("[[components]]", "[[«components]]"),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "env": "names", "containers": [{ "Name": "web", "Config": { "Env": ‹["KEYS"] }, "HostConfig": { "PortBindings": ‹{} } }] }]',
          ),
        },
        messages: [
          "web on alpha is not what its definition says: it does not publish 127.0.0.1:10000:10000/tcp, lacks the variable KEY, lacks the variable PORT",
        ],
      },
      {
        name: "the resolvers that podman chose, and the host's for a container in its network",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", 'network = "host"').replace("[[", "[[«"),
          "services/web.toml": service("web").replace("[[", "[[«"),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "containers": [{ "Name": "web", "HostConfig": { "Dns": ‹null } }, { "Name": "db", "HostConfig": { "Dns": ‹["169.254.1.1"], "NetworkMode": "host" } }] }]',
          ),
        },
        messages: [
          "db on alpha is not what its definition says: it asks the resolver 169.254.1.1, not those that podman chooses",
          "web on alpha is not what its definition says: it asks the resolvers that podman chose, not 169.254.1.1",
        ],
      },
      {
        name: "names and addresses on networks",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'networks = «["back:alias=api,ip=10.89.1.5", "front:alias=www"]',
          ),
          "facts/alpha.json": facts(
            "alpha",
            `"podman": [{ "user": "pod", "containers": [{
              "Name": "web",
              "HostConfig": { "NetworkMode": "bridge" },
              "NetworkSettings": { "Networks": {
                "back": ‹{ "Aliases": ["web", "0123456789ab", "db"], "IPAddress": "10.89.1.6" },
                "front": { "Aliases": ["www"], "IPAddress": "10.89.2.2" }
              } }
            }] }]`,
          ),
        },
        messages: [
          "web on alpha is not what its definition says: it has no alias api on the network back, has the alias db on the network back, has the address 10.89.1.6 on the network back, not 10.89.1.5",
        ],
      },
      {
        name: "one network of two",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'networks = «["back", "front"]'),
          "facts/alpha.json": facts(
            "alpha",
            `"podman": [{ "user": "pod", "containers": [{
              "Name": "web",
              "HostConfig": { "NetworkMode": ‹"bridge" },
              "NetworkSettings": { "Networks": { "back": {} } }
            }] }]`,
          ),
        },
        messages: ["web on alpha is not what its definition says: it is in network back"],
      },
      {
        name: "the network of another container, and of one that was made again since",
        files: {
          "nixgen.toml": inventory(),
          "services/vpn.toml": service("vpn"),
          "services/a.toml": service("a", 'network = «"container:vpn"'),
          "services/b.toml": service("b", 'network = «"container:vpn"'),
          "services/c.toml": service("c", 'network = "container:vpn"'),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "containers": [{ "Name": "vpn", "Id": "1234" }, { "Name": "a", "HostConfig": { "NetworkMode": ‹"container:0123" } }, { "Name": "b", "HostConfig": { "NetworkMode": ‹"pasta" } }, { "Name": "c", "HostConfig": { "NetworkMode": "container:1234" } }] }]',
          ),
        },
        messages: [
          "a on alpha is not what its definition says: it is in the network of another container than vpn, which was made again",
          "b on alpha is not what its definition says: it is in network pasta",
        ],
      },
      {
        name: "the host's resolver for what that one asks",
        files: {
          "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
          "services/ns.toml": NS.replace("[[", "[[«"),
          "facts/alpha.json": facts(
            "alpha",
            `"podman": [{ "user": "pod", "containers": [{ "Name": "ns", "HostConfig": { "Dns": ‹["169.254.1.1"], "PortBindings": { "53/tcp": ${NS_BINDINGS}, "53/udp": ${NS_BINDINGS} } } }] }]`,
          ),
        },
        messages: [
          "ns on alpha is not what its definition says: it asks the resolver 169.254.1.1, not 1.1.1.1 and 8.8.8.8",
        ],
      },
    ],
    right: [
      {
        name: "the host's resolver, public ones for what that one asks, and none on a host that is not set up",
        files: {
          "nixgen.toml": changed(
            { [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` },
            DEBIAN,
          ),
          "services/ns.toml": NS,
          "services/web.toml": service("web"),
          "services/relay.toml": service("relay", "", 'node = "edge"'),
          "facts/alpha.json": facts(
            "alpha",
            `"podman": [{ "user": "pod", "containers": [{ "Name": "web", "HostConfig": { "Dns": ["169.254.1.1"] } }, { "Name": "ns", "HostConfig": { "Dns": ["1.1.1.1", "8.8.8.8"], "PortBindings": { "53/tcp": ${NS_BINDINGS}, "53/udp": ${NS_BINDINGS} } } }] }]`,
          ),
          "facts/edge.json": facts(
            "edge",
            '"podman": [{ "user": "pod", "containers": [{ "Name": "relay", "HostConfig": { "Dns": [] } }] }]',
          ),
        },
      },
      {
        name: "the same container, however it is written",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "web"\nrestart = "unless-stopped"\nports = ["0.0.0.0:8080:80/tcp", "[0:0::1]:5353:53/udp", "9000"]\nvolumes = ["/srv/web/:/data/", "cache:/cache:rw,U", "/srv/web:/over:O"]\nenv = ["KEY=a=b"]\n`,
          "facts/alpha.json": facts(
            "alpha",
            `"podman": [{ "user": "pod", "env": "digest", "containers": [{
              "Name": "web",
              "ImageName": "docker.io/library/web:latest",
              "Config": { "User": "1000", "Cmd": ["serve"], "Env": ["KEY=sha256:0000", "IMAGE=sha256:1234"] },
              "Mounts": [
                { "Type": "bind", "Source": "/srv/web", "Destination": "/data", "RW": true },
                { "Type": "volume", "Name": "cache", "Source": "/x/_data", "Destination": "/cache", "RW": true },
                { "Type": "bind", "Source": "/x/merge", "Destination": "/over", "RW": false },
                { "Type": "volume", "Name": "${"0".repeat(64)}", "Source": "/x/_data", "Destination": "/image", "RW": true }
              ],
              "NetworkSettings": { "Networks": { "pasta": {} } },
              "HostConfig": {
                "NetworkMode": "pasta",
                "RestartPolicy": { "Name": "no" },
                "PortBindings": {
                  "80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "8080" }],
                  "53/udp": [{ "HostIp": "::1", "HostPort": "5353" }],
                  "9000/tcp": [{ "HostIp": "", "HostPort": "41234" }],
                  "99/tcp": null
                }
              }
            }] }]`,
          ),
        },
      },
      {
        name: "a command and values that were not collected",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'env = ["PIN=1234"]\ncmd = ["serve"]'),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "env": "names", "containers": [{ "Name": "web", "Config": { "User": "", "Env": ["PATH", "PIN"] } }] }]',
          ),
        },
      },
      {
        name: "a container that does not run, one of another user, and one of which little is known",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'ports = ["8080:80"]'),
          "services/api.toml": service("api", 'network = "host"\ncmd = ["x"]').replace(
            'cmd = ["x"]\n',
            "",
          ),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "root", "containers": [{ "Name": "api", "ImageName": "other:v1" }] }, { "user": "pod", "containers": [{ "Name": "web", "State": { "Status": "exited" } }, { "Name": "api" }] }]',
          ),
        },
      },
    ],
  },
  "undefined-container": {
    wrong: [
      {
        name: "no definition, one that is not active, and one for another host",
        files: {
          "nixgen.toml": inventory(),
          "services/old.toml": service("old", "", 'node = "alpha"\nactive = false').replace(
            /(?<=\]\]\nname = )/,
            "‹",
          ),
          "services/web.toml": service("web", "", 'node = "beta"').replace(
            /(?<=\]\]\nname = )/,
            "‹",
          ),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "containers": [{ "Name": «"debug" },\n{ "Name": «"old" },\n{ "Name": «"web" }] }]',
          ),
        },
        messages: [
          "alpha has a container debug that no definition has",
          "alpha has a container old that belongs to old, which is not active",
          "alpha has a container web that is defined for beta",
        ],
        help: ["podman inspect debug", "nixgen import podman --node alpha -", "podman rm debug"],
      },
    ],
    right: [
      {
        name: "containers of other users, of pods, and names of external storage",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "root", "containers": [{ "Name": "theirs" }] }, { "user": "pod", "external": ["junk"], "containers": [{ "Name": "d1e22ede0029-infra" }, { "Name": "pod-x", "IsInfra": true }] }]',
          ),
        },
      },
      {
        name: "a podman that did not answer",
        files: {
          "nixgen.toml": inventory(),
          "facts/alpha.json": facts("alpha", '"podman": [{ "user": "pod", "error": "no" }]'),
        },
      },
    ],
  },
  "missing-container": {
    wrong: [
      {
        name: "one that is not there, and one that has ended",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web").replace(/(?<=\]\]\nname = )/, "«"),
          "services/api.toml": service("api").replace(/(?<=\]\]\nname = )/, "«"),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "containers": [{ "Name": "web", "State": { "Status": ‹"exited" } }] }]',
          ),
        },
        messages: [
          "alpha does not have the container api",
          "web on alpha does not run: it is exited",
        ],
        help: ["Look at journalctl -u podman-api on alpha;", "recover.sh"],
      },
      {
        name: "a job that failed, one that was never made, and a service that ended with status 0",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/job.toml": service("job", 'restart = "no"').replace(/(?<=\]\]\nname = )/, "«"),
          "services/late.toml": service("late", 'restart = "no"', 'node = "edge"').replace(
            /(?<=\]\]\nname = )/,
            "«",
          ),
          "services/web.toml": service("web").replace(/(?<=\]\]\nname = )/, "«"),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "containers": [{ "Name": "job", "State": { "Status": ‹"exited", "ExitCode": 3 } }, { "Name": "web", "State": { "Status": ‹"exited", "ExitCode": 0 } }] }]',
          ),
          "facts/edge.json": facts("edge", '"podman": [{ "user": "pod", "containers": [] }]'),
        },
        messages: [
          "job on alpha does not run: it is exited",
          "edge does not have the container late",
          "web on alpha does not run: it is exited",
        ],
      },
    ],
    right: [
      {
        name: "jobs that are done: one that is still there, and one that its unit has removed",
        files: {
          "nixgen.toml": inventory(),
          "services/job.toml": service("job", 'restart = "no"'),
          "services/gone.toml": service("gone", 'restart = "no"'),
          "facts/alpha.json": facts(
            "alpha",
            '"podman": [{ "user": "pod", "containers": [{ "Name": "job", "State": { "Status": "exited", "ExitCode": 0 } }] }]',
          ),
        },
      },
      {
        name: "a service that is not active, and one of another host",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", "", 'node = "alpha"\nactive = false'),
          "services/api.toml": service("api", "", 'node = "beta"'),
          "facts/alpha.json": facts("alpha", '"podman": [{ "user": "pod", "containers": [] }]'),
        },
      },
      {
        name: "nothing was collected",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web"),
          "facts/alpha.json": facts("alpha", '"podman": [{ "user": "pod" }]'),
        },
      },
    ],
  },
  "mount-conflict": {
    wrong: [
      {
        name: "a path that is written in two ways, and a named volume",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "registry.example/web:v1.0.0"\nports = ["127.0.0.1:8080:80"]\nvolumes = [‹"/srv/web/a:/data", «"/srv/web/b:/data/", «"cache:/x/../data"]\n`,
        },
        messages: [
          "web mounts both /srv/web/a and /srv/web/b at /data",
          "web mounts both /srv/web/a and cache at /data",
        ],
        help: ["Remove one of them, or mount it at another path."],
      },
      {
        name: "a tmpfs",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = [‹"/srv/web/a:/tmp"]\ntmpfs = ["/run", «"/tmp/:size=1m"]',
          ),
        },
        messages: ["web mounts both /srv/web/a and a tmpfs at /tmp"],
      },
    ],
    right: [
      {
        name: "no volumes",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", ""),
        },
      },
      {
        name: "the very same volume twice, and one inside of another",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "registry.example/web:v1.0.0"\nports = ["127.0.0.1:8080:80"]\nvolumes = ["/srv/web/a:/data", "/srv/web/a:/data", "/srv/web/b:/data/b"]\n`,
        },
      },
    ],
  },
  "volume-option": {
    wrong: [
      {
        name: "unknown, empty, and two that exclude each other",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "registry.example/web:v1.0.0"\nports = ["127.0.0.1:8080:80"]\nvolumes = [«"/srv/web/a:/a:readonly", «"/srv/web/b:/b:", «"/srv/web/c:/c:ro,rw"]\n`,
        },
        messages: [
          'web: the volume at /a has the option "readonly", which podman does not know',
          "web: the volume at /b has an empty option",
          "web: the volume at /c has the options ro and rw, of which podman takes one",
        ],
      },
    ],
    right: [
      {
        name: "no options",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'volumes = ["/srv/web:/data", "cache:/cache"]'),
        },
      },
      {
        name: "what podman takes",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "registry.example/web:v1.0.0"\nports = ["127.0.0.1:8080:80"]\nvolumes = ["/srv/web/a:/a:ro,Z,U,noexec,nodev,nosuid,rslave", "/srv/web/b:/b:O,upperdir=/srv/u,workdir=/srv/w", "c:/c:nocopy", "/srv/web/d:/d:idmap=uids=0-1-10"]\n`,
        },
      },
    ],
  },
  "docker-socket": {
    wrong: [
      {
        name: "by each of its paths",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "registry.example/web:v1.0.0"\nports = ["127.0.0.1:8080:80"]\nvolumes = [«"/var/run/docker.sock:/a", «"/run/docker.sock:/b:ro", «"/run/podman//podman.sock:/c"]\n`,
        },
        messages: [
          "web mounts /var/run/docker.sock, which pod cannot use on alpha",
          "web mounts /run/docker.sock, which pod cannot use on alpha",
          "web mounts /run/podman//podman.sock, which pod cannot use on alpha",
        ],
        help: ["/run/user/850/podman/podman.sock"],
      },
    ],
    right: [
      {
        name: "another socket",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service(
            "web",
            'volumes = ["/run/mysqld/mysqld.sock:/run/mysqld.sock"]',
          ),
        },
      },
      {
        name: "the user's own socket",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "registry.example/web:v1.0.0"\nports = ["127.0.0.1:8080:80"]\nvolumes = ["/run/user/850/podman/podman.sock:/var/run/docker.sock"]\n`,
        },
      },
    ],
  },
  "slirp4netns-removed": {
    wrong: [
      {
        name: "on NixOS, whatever its release",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'network = «"slirp4netns"'),
        },
        messages: ["web cannot start on alpha: NixOS does not have slirp4netns"],
        help: ["pasta"],
      },
      {
        name: "where podman 6 is",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/web.toml": service("web", 'network = «"slirp4netns"', 'node = "edge"'),
          "facts/edge.json": facts(
            "edge",
            '"podman": [{ "user": "pod", "version": "6.1.1", "databases": [] }]',
          ),
        },
        messages: ["web cannot start on edge: podman 6 does not have slirp4netns"],
      },
    ],
    right: [
      {
        name: "podman 5 elsewhere, and a podman that is not known",
        files: {
          "nixgen.toml": inventory(
            DEBIAN + DEBIAN.replace('name = "edge"', 'name = "far"').replace("1.12", "1.13"),
          ),
          "services/web.toml": service("web", 'network = "slirp4netns"', 'node = "edge"'),
          "services/api.toml": service("api", 'network = "slirp4netns"', 'node = "far"'),
          "facts/edge.json": facts(
            "edge",
            '"podman": [{ "user": "pod", "version": "5.8.6", "databases": [] }]',
          ),
        },
      },
      {
        name: "other networks",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": service("web", 'network = "pasta"'),
          "services/api.toml": service("api", 'network = "host"'),
          "services/db.toml": service("db"),
        },
      },
    ],
  },
  "name-unresolved": {
    wrong: [
      {
        name: "to and from podman's default network, to the host's, and an alias of another network",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", `networks = [‹"back:alias=sql", "front"]\n${HEALTH}`),
          "services/logs.toml": service("logs", HEALTH).replace("\nname = ", "\nname = ‹"),
          "services/proxy.toml": service("proxy", `network = ‹"host"\n${HEALTH}`),
          "services/a.toml": service(
            "a",
            `env = [«"DB=postgres://web@db/web", "DB_HOST=db"]\n${HEALTH}`,
          ),
          "services/b.toml": service(
            "b",
            `network = "front"\nenv = [«"LOGS=logs:514", «"VIA=http://proxy:80", «"SQL=sql:5432"]\n${HEALTH}`,
          ),
        },
        messages: [
          "a on alpha names in DB db, but is on podman's default network, where podman knows no names",
          "b on alpha names in LOGS logs, which is on podman's default network, where podman knows no names",
          "b on alpha names in VIA proxy, which is on the host's network, where podman knows no names",
          "b on alpha names in SQL sql, an alias of db, which has that name on another network",
        ],
        help: ["Give both the same network"],
      },
      {
        name: "what is in the network of another container, from there and from outside",
        files: {
          "nixgen.toml": inventory(),
          "services/vpn.toml": service("vpn", `network = "back"\n${HEALTH}`),
          "services/a.toml": service(
            "torrent",
            `network = ‹"container:vpn"\nenv = ["VPN=http://vpn:8000"]\n${HEALTH}`,
          ),
          "services/client.toml": service(
            "client",
            `network = "container:torrent"\nenv = [«"TORRENT=http://torrent:8080"]\n${HEALTH}`,
          ),
          "services/b.toml": service(
            "web",
            `network = "back"\nenv = [«"TORRENT=http://torrent:8080", "VPN=vpn:8000"]\n${HEALTH}`,
          ),
        },
        messages: [
          "web on alpha names in TORRENT torrent, which is in the network of vpn and has no name of its own",
          "client on alpha names in TORRENT torrent, which is in the same network namespace and has no name there",
        ],
      },
    ],
    right: [
      {
        name: "a common network, an alias, the network of another one, itself, and a line of /etc/hosts",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", `networks = ["back:alias=sql"]\n${HEALTH}`),
          "services/vpn.toml": service("vpn", `network = "back"\n${HEALTH}`),
          "services/a.toml": service(
            "a",
            `network = "container:vpn"\nenv = ["A=db:5432", "B=sql:5432", "C=localhost:80"]\n${HEALTH}`,
          ),
          "services/b.toml": service(
            "b",
            `hostname = "vpn"\nextra_hosts = ["db:10.0.0.1"]\nenv = ["A=db:5432", "B=http://b:80", "C=http://vpn"]\n${HEALTH}`,
          ),
          "services/c.toml": service("c", `network = "host"\nenv = ["A=db:5432"]\n${HEALTH}`),
        },
      },
      {
        name: "podman networks apart, words that are no machines, and containers of another host",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", `network = "back"\n${HEALTH}`),
          "services/far.toml": service("far", HEALTH, 'node = "beta"'),
          "services/a.toml": service("a", `network = "front"\nenv = ["DB=db:5432"]\n${HEALTH}`),
          "services/b.toml": service("b", `env = ["DB_NAME=db", "A=/db", "B=far:80"]\n${HEALTH}`),
        },
      },
    ],
  },
  "network-isolated": {
    wrong: [
      {
        name: "by alias, and from the network of another container",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", `networks = [‹"back:alias=sql"]\n${HEALTH}`),
          "services/vpn.toml": service("vpn", `network = "front"\n${HEALTH}`),
          "services/web.toml": service(
            "web",
            `network = "container:vpn"\nenv = [«"DB=sql:5432"]\n${HEALTH}`,
          ),
        },
        messages: ["web on alpha names in DB db, which is on the network back and not on front"],
      },
      {
        name: "by name, which no podman resolves",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", 'network = ‹"back"'),
          "services/web.toml": service(
            "web",
            'network = "front"\nenv = ["DB_PASSWORD_FILE=/db", «"DB=postgres://web@db/web", "DB_HOST=db"]',
          ),
        },
        messages: ["web on alpha names in DB db, which is on the network back and not on front"],
        help: ["Give both the same network", "host.containers.internal"],
      },
      {
        name: "by address and by depends_on, with podman 6",
        files: {
          "nixgen.toml": changed({ [ALPHA_RELEASE]: ALPHA_RELEASE.replace("25.11", "26.11") }),
          "services/db.toml": service(
            "db",
            'network = ‹"back"\nports = ["192.168.1.10:5432:5432"]',
          ),
          "services/logs.toml": service(
            "logs",
            'network = ‹"bridge"\nports = ["100.64.0.10:514:514"]',
          ),
          "services/web.toml": service(
            "web",
            'network = "front"\nenv = [«"DB=192.168.1.10:5432,10.0.0.1:5432"]\ndepends_on = ["db", «"logs"]',
          ),
        },
        messages: [
          "web on alpha has in DB the address of db, which is on the network back and not on front",
          "web on alpha depends on logs, which is on the network podman and not on front",
        ],
      },
      {
        name: "information where podman is not known",
        files: {
          "nixgen.toml": inventory(DEBIAN),
          "services/db.toml": service("db", 'network = ‹"back"', 'node = "edge"'),
          "services/web.toml": service(
            "web",
            'network = "front"\ndepends_on = [«"db"]',
            'node = "edge"',
          ),
        },
        messages: ["web on edge depends on db, which is on the network back and not on front"],
        severity: "info",
      },
    ],
    right: [
      {
        name: "networks that are not isolated",
        files: {
          "nixgen.toml": changed({ [ALPHA_RELEASE]: 'nixos_release = "26.11"\nrole = "master"' }),
          "services/db.toml": service(
            "db",
            'network = "back"\nports = ["192.168.1.10:5432:5432"]',
          ).replace(
            "[[components]]",
            '[[networks]]\nname = "back"\nisolate = false\n[[networks]]\nname = "front"\nisolate = false\n$&',
          ),
          "services/web.toml": service(
            "web",
            'network = "front"\nenv = ["DB=192.168.1.10:5432"]\ndepends_on = ["db"]',
          ),
        },
      },
      {
        name: "one common network of several",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service("db", 'networks = ["back", "backup"]'),
          "services/web.toml": service(
            "web",
            'networks = ["front", "back"]\nenv = ["DB=postgres://web@db/web"]',
          ),
        },
      },
      {
        name: "podman 5, names that are no machines, and ports of other addresses",
        files: {
          "nixgen.toml": inventory(),
          "services/db.toml": service(
            "db",
            'network = "back"\nports = ["192.168.1.10:5432:5432", "80"]',
          ),
          "services/web.toml": service(
            "web",
            'network = "front"\nenv = ["DB_NAME=db", "A=192.168.1.10:5432", "PATH=/db:/x", "DB=db,db"]\ndepends_on = ["db"]',
          ),
        },
      },
      {
        name: "the same network, none, and the host's",
        files: {
          "nixgen.toml": changed({ [ALPHA_RELEASE]: ALPHA_RELEASE.replace("25.11", "26.11") }),
          "services/db.toml": service(
            "db",
            'network = "back"\nports = ["192.168.1.11:5432:5432", "5433:5432"]',
          ),
          "services/logs.toml": service("logs", 'network = "other"'),
          "services/web.toml": service(
            "web",
            'network = "back"\nenv = ["DB_HOST=db"]\ndepends_on = ["db"]',
          ),
          "services/api.toml": service(
            "api",
            'env = ["DB=192.168.1.10:5433", "DB_HOST=db"]\ndepends_on = ["db"]',
          ),
          "services/top.toml": service("top", 'network = "host"\nenv = ["DB=192.168.1.10:5433"]'),
          "services/far.toml": service(
            "far",
            'network = "other"\nenv = ["DB=192.168.1.10:5432", "B=192.168.1.11:5432"]',
          ),
        },
      },
    ],
  },
};
