/** The small languages inside values: ports, addresses, durations, names, and what was meant. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressesOverlap,
  canonicalIp,
  ipVersion,
  isLoopback,
  isPrivate,
  isWildcard,
  parseEndpoint,
} from "../../src/podman/address.ts";
import { durationSeconds } from "../../src/text/duration.ts";
import { isSafeName, type NameKind } from "../../src/fleet/names.ts";
import { isCovered, parsePublishedPort, rangesOverlap, rangeText } from "../../src/podman/port.ts";
import { nearest, onlyNear, withReplaced, suggestion, vocabulary } from "../../src/text/suggest.ts";
import { holds } from "../support/fuzz.ts";

describe("a published port", () => {
  const range = (first: number, last = first) => ({ first, last });

  it.each([
    ["80", { address: "", host: undefined, container: range(80), protocol: "tcp" }],
    ["8080:80", { address: "", host: range(8080), container: range(80), protocol: "tcp" }],
    ["53:53/udp", { address: "", host: range(53), container: range(53), protocol: "udp" }],
    [
      "9999:9999/sctp",
      { address: "", host: range(9999), container: range(9999), protocol: "sctp" },
    ],
    [
      "127.0.0.1:8080:80",
      { address: "127.0.0.1", host: range(8080), container: range(80), protocol: "tcp" },
    ],
    [
      "127.0.0.1::80",
      { address: "127.0.0.1", host: undefined, container: range(80), protocol: "tcp" },
    ],
    [
      "127.0.0.1::80/udp",
      { address: "127.0.0.1", host: undefined, container: range(80), protocol: "udp" },
    ],
    ["[::1]:8080:80", { address: "::1", host: range(8080), container: range(80), protocol: "tcp" }],
    [
      "[2001:DB8:0:0::1]:53:53/udp",
      { address: "2001:db8::1", host: range(53), container: range(53), protocol: "udp" },
    ],
    ["[::]:53:53", { address: "::", host: range(53), container: range(53), protocol: "tcp" }],
    ["[::1]::80", { address: "::1", host: undefined, container: range(80), protocol: "tcp" }],
    [
      "0.0.0.0:1:65535",
      { address: "0.0.0.0", host: range(1), container: range(65535), protocol: "tcp" },
    ],
    [
      "8000-8010:9000-9010",
      { address: "", host: range(8000, 8010), container: range(9000, 9010), protocol: "tcp" },
    ],
    ["1234-1236", { address: "", host: undefined, container: range(1234, 1236), protocol: "tcp" }],
    [
      "127.0.0.1:7000-7001:7000-7001/udp",
      {
        address: "127.0.0.1",
        host: range(7000, 7001),
        container: range(7000, 7001),
        protocol: "udp",
      },
    ],
  ])("%s", (text, port) => {
    expect(parsePublishedPort(text)).toEqual(port);
  });

  it.each([
    ["", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["/tcp", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["80:", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["80/", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["http", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["80 :80", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    // podman refuses these two as well (4.3.1).
    ["127.0.0.1:80", "after an address stand the host's port and the container's: 127.0.0.1:80:80"],
    ["[::1]:80/udp", "after an address stand the host's port and the container's: [::1]:80:80"],
    ["80:80\n", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["::1:80:80", "write [::1]:80:80, with brackets around the IPv6 address"],
    ["1:2:3:4", "write [[ADDRESS:][HOST]:]PORT[/PROTOCOL]"],
    ["0:80", "0 is not within 1 to 65535"],
    ["80:0", "0 is not within 1 to 65535"],
    ["65536:80", "65536 is not within 1 to 65535"],
    ["80:123456", "123456 is no port"],
    ["-80", "-80 is no port"],
    ["80-", "80- is no port"],
    ["1-2-3", "1-2-3 is no port"],
    ["8010-8000:8010-8000", "8010-8000 ends before it begins"],
    ["8000-8010:80", "8000-8010 and 80 are not the same number of ports"],
    ["80:80/icmp", "icmp is no protocol; write tcp, udp or sctp"],
    ["localhost:80:80", "localhost is no IPv4 address"],
    ["1.2.3:80:80", "1.2.3 is no IPv4 address"],
    ["256.0.0.1:80:80", "256.0.0.1 is no IPv4 address"],
    ["[1.2.3.4]:80:80", "[1.2.3.4] is no IPv6 address"],
    ["[]:80:80", "[] is no IPv6 address"],
    ["[::g]:80:80", "[::g] is no IPv6 address"],
    ["[fe80::1%eth0]:80:80", "[fe80::1%eth0] is no IPv6 address"],
  ])("%j is none", (text, reason) => {
    expect(parsePublishedPort(text)).toBe(reason);
  });

  it("of any text is a port or a reason, and never an exception", async () => {
    await holds(
      fc.property(fc.string({ unit: fc.constantFrom(..."0189:-./[]%ftcpudp \n") }), (text) => {
        const port = parsePublishedPort(text);
        if (typeof port === "string") expect(port).not.toBe("");
        else expect(port.container.first).toBeGreaterThan(0);
      }),
      100,
    );
  });

  it("of several numbers overlaps and is written as a range", () => {
    expect(rangesOverlap(range(1, 5), range(5, 9))).toBe(true);
    expect(rangesOverlap(range(1, 4), range(5, 9))).toBe(false);
    expect(rangesOverlap(range(1, 9), range(3))).toBe(true);
    expect([rangeText(range(53)), rangeText(range(1, 2))]).toEqual(["53", "1-2"]);
  });

  it("is covered by others where each of its ports is in one of them", async () => {
    const some = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 6 }))
      .map(([first, more]) => range(first, first + more));
    await holds(
      fc.property(some, fc.array(some, { maxLength: 5 }), (whole, others) => {
        const ports = Array.from({ length: 20 }, (_, port) => port);
        const isIn = (port: number, { first, last }: typeof whole) => first <= port && port <= last;
        expect(isCovered(whole, others)).toBe(
          ports.every((port) => !isIn(port, whole) || others.some((other) => isIn(port, other))),
        );
      }),
      200,
    );
  });
});

describe("an address", () => {
  it.each<[text: string, version: number]>([
    ["1.2.3.4", 4],
    ["255.255.255.255", 4],
    ["256.1.1.1", 0],
    ["1.2.3", 0],
    ["01.2.3.4", 0],
    ["1.2.3.4 ", 0],
    ["::", 6],
    ["2001:db8::1", 6],
    ["::ffff:1.2.3.4", 6],
    ["1::2::3", 0],
    ["12345::", 0],
    [":", 0],
    ["host", 0],
    ["", 0],
  ])("%j is of version %i", (text, version) => {
    expect(ipVersion(text)).toBe(version);
  });

  it.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::FFFF:102:304", "::ffff:1.2.3.4"],
    ["1.2.3.4", "1.2.3.4"],
    ["host.example", "host.example"],
  ])("%s is canonically %s", (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
    expect(canonicalIp(canonical)).toBe(canonical);
  });

  it.each([
    ["10.0.0.1", true],
    ["172.16.0.1", true],
    ["172.31.255.255", true],
    ["192.168.1.1", true],
    ["169.254.0.1", true],
    ["100.64.0.1", true],
    ["100.127.255.255", true],
    ["fd7a:115c:a1e0::10", true],
    ["FC00::1", true],
    ["fe80::1", true],
    ["febf::1", true],
    ["172.15.0.1", false],
    ["172.32.0.1", false],
    ["192.169.1.1", false],
    ["100.63.0.1", false],
    ["100.128.0.1", false],
    ["1.10.0.1", false],
    ["fc::1", false],
    ["fec0::1", false],
    ["2001:db8::fd00", false],
  ])("%s is private: %s", (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });

  it.each<[a: string, b: string, overlap: boolean]>([
    ["1.2.3.4", "1.2.3.4", true],
    ["1.2.3.4", "1.2.3.5", false],
    ["", "1.2.3.4", true],
    ["*", "::1", true],
    ["0.0.0.0", "1.2.3.4", true],
    ["0.0.0.0", "::1", false],
    ["0.0.0.0", "::", true],
    ["::", "1.2.3.4", true],
    ["::", "2001:db8::1", true],
    ["0.0.0.0", "", true],
    ["::1", "127.0.0.1", false],
  ])("%j and %j overlap: %s", (a, b, overlap) => {
    expect(addressesOverlap(a, b)).toBe(overlap);
    expect(addressesOverlap(b, a)).toBe(overlap);
  });

  it("is every address, or the host's own", () => {
    expect(["", "*", "0.0.0.0", "::", "1.2.3.4", "::1"].filter(isWildcard)).toHaveLength(4);
    expect(
      ["127.0.0.1", "127.8.8.8", "::1", "localhost", "128.0.0.1", "::"].filter(isLoopback),
    ).toHaveLength(4);
  });

  it.each([
    ["192.168.1.2:9444", { address: "192.168.1.2", port: 9444 }],
    ["[2001:DB8::1]:53", { address: "2001:db8::1", port: 53 }],
    [":9444", { address: "", port: 9444 }],
    ["*:9444", { address: "*", port: 9444 }],
    ["rift.example:1", { address: "rift.example", port: 1 }],
    ["192.168.1.2", undefined],
    ["192.168.1.2:0", undefined],
    ["192.168.1.2:65536", undefined],
    ["192.168.1.300:80", undefined],
    ["1.2.3:80", undefined],
    ["2001:db8::1:53", undefined],
    ["[1.2.3.4]:53", undefined],
    ["[::g]:53", undefined],
    ["a b:53", undefined],
    ["host:53\n", undefined],
  ])("and port: %j", (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });
});

describe("a duration", () => {
  it.each([
    ["90s", 90],
    ["2m", 120],
    ["2min", 120],
    ["1h", 3600],
    ["1ms", 1],
    ["1000ms", 1],
    ["1001ms", 2],
  ])("%s is %i seconds", (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(["", "90", "s", "1d", "-1s", "1.5s", "1s "])("%j is none", (text) => {
    expect(() => durationSeconds(text)).toThrow(TypeError);
  });
});

describe("what was meant", () => {
  const known = ["uid", "gid", "sub_ids", "extra_groups", "services", "port", "path", "home"];

  it.each([
    ["uidd", "uid"],
    ["ui", "uid"],
    ["UID", "uid"],
    ["subids", "sub_ids"],
    ["subIds", "sub_ids"],
    ["sub-ids", "sub_ids"],
    ["extraGroups", "extra_groups"],
    ["extra_group", "extra_groups"],
    ["servces", "services"],
    ["sevrices", "services"],
    ["prot", "port"],
    ["por", "port"],
    ["hmoe", "home"],
  ])("by %s is %s", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
    expect(suggestion(word, known)).toBe(`Did you mean "${meant}"?`);
  });

  it.each(["colour", "__proto__", "x", "", "____"])("by %j is nothing", (word) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  it("is the first by name of what is equally near, in any order", () => {
    expect(nearest("cat", ["hat", "bat"])).toBe("bat");
    expect(nearest("cat", ["bat", "hat"])).toBe("bat");
  });

  it("is the same among words that many are compared with, but for those left out and added", () => {
    const words = vocabulary([...known, ...known]);
    const others = withReplaced(words, { without: "port", also: ["sort"] });
    expect(suggestion("prot", words)).toBe('Did you mean "port"?');
    expect(suggestion("prot", others)).toMatch(
      /^Known are .*, path, services, sort, sub_ids, uid\.$/,
    );
    expect(suggestion("sorrt", others)).toBe('Did you mean "sort"?');
    expect(suggestion("colour", words)).toBe(suggestion("colour", known));
    expect([onlyNear("homme", words), onlyNear("homme", others)]).toEqual(["home", "home"]);
    expect(
      onlyNear("patt", withReplaced(words, { without: "uid", also: ["part"] })),
    ).toBeUndefined();
    expect(onlyNear("path", withReplaced(words, { without: "uid", also: ["path"] }))).toBe("path");
  });

  it("is found for the first of very many words, and for all that are among them again", () => {
    const words = vocabulary(Array.from({ length: 10_000 }, (_, index) => `service-${index}`));
    const asked = Array.from({ length: 200 }, (_, index) => `servise-${index}`);
    const found = asked.filter((word) => nearest(word, words) !== undefined);
    expect(found).toEqual(asked.slice(0, 100));
    expect(suggestion("servise-99", words)).toBe('Did you mean "service-99"?');
    expect(suggestion("servise-199", words)).toMatch(/^Known are .* and 9950 more\.$/);
  });

  it("is one of what there is, if there is anything", () => {
    expect(suggestion("zzzzzz", ["b", "a"])).toBe("Known are a, b.");
    expect(suggestion("zzzzzz", [])).toBe("There are none.");
  });
});

describe("a name", () => {
  it.each<[kind: NameKind, name: string, safe: boolean]>([
    ["user", "mcp", true],
    ["user", "_mcp-1", true],
    ["user", "Mcp", false],
    ["user", "1mcp", false],
    ["user", "m".repeat(31), true],
    ["user", "m".repeat(32), false],
    ["group", "systemd-journal", true],
    ["host", "rift", true],
    ["host", "9rift", true],
    ["host", "rift-", false],
    ["host", "rift.example", false],
    ["host", "h".repeat(63), true],
    ["host", "h".repeat(64), false],
    ["service", "mc-proxy", true],
    ["service", "-mc", false],
    ["service", "..", false],
    ["service", "a/b", false],
    ["service", "a b", false],
    ["service", "a\n", false],
    ["service", "$(reboot)", false],
    ["service", "ü", false],
    ["service", "", false],
    ["component", "api_v2", true],
    ["component", "a.b", false],
    ["network", "mcpnet", true],
    ["route", "public", true],
    ["stage", "foundation", true],
    ["stage", "a%i", false],
    ["stage", "s".repeat(64), false],
  ])("of a %s: %j is safe: %s", (kind, name, safe) => {
    expect(isSafeName(kind, name)).toBe(safe);
  });
});
