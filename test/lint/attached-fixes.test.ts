/** Which findings say how they can be fixed, and which leave it to the reader. */
import type { Edit } from "../../src/document/edit.ts";
import { describe, expect, it } from "vitest";
import { type Files, inventory, lintFiles } from "../support/fleet.ts";
import { ALPHA_ADDRESSES, changed, DNS, facts, NS, service } from "./cases/case.ts";

/** What the findings of a rule would change: each edit as KIND PATH VALUE, the same ones once. */
async function editsOf(id: string, files: Files): Promise<string[]> {
  const findings = (await lintFiles(files)).filter(({ rule }) => rule === id);
  expect(findings).not.toEqual([]);
  return [...new Set(findings.flatMap(({ fix }) => fix?.edits ?? []).map(textOf))];
}

function textOf(edit: Edit): string {
  const value = edit.kind === "append" ? edit.values : edit.kind === "rename" ? [] : edit.value;
  const path = edit.kind === "add" ? [...edit.at.path, edit.key] : edit.at.path;
  return `${edit.kind} ${edit.at.file} ${path.join(".")} ${String(value)}`;
}

describe("public resolvers", () => {
  it("are both added where there is none", async () => {
    const files = { "nixgen.toml": changed({ [DNS]: "" }) };
    expect(await editsOf("dns-no-fallback", files)).toEqual([
      "append nixgen.toml dns.public 1.1.1.1,8.8.8.8",
    ]);
  });

  it.each([
    ["9.9.9.9", "1.1.1.1"],
    ["1.0.0.1", "8.8.8.8"],
    ["2606:4700:4700:0::1111", "8.8.8.8"],
    ["8.8.8.8", "1.1.1.1"],
  ])("beside %s get %s, of another operator", async (one, other) => {
    const files = { "nixgen.toml": changed({ [DNS]: `public = ["${one}"]` }) };
    expect(await editsOf("dns-single-resolver", files)).toEqual([
      `append nixgen.toml dns.public ${other}`,
    ]);
  });
});

describe("a listener on one address", () => {
  const agent = (listen: string, more = ""): Files => ({
    "nixgen.toml": changed({
      [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nagent = { listen = [${listen}] }${more}`,
    }),
  });

  it("gets the others, if it is the agent", async () => {
    expect(await editsOf("single-address-binding", agent('"100.64.0.10:9444"'))).toEqual([
      "append nixgen.toml nodes.0.agent.listen 192.168.1.10:9444",
    ]);
  });

  it("gets them, if it is the fleet's DNS, but not for another port of it", async () => {
    const files = {
      "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["svc.example"]\nservice = "ns"` }),
      "services/ns.toml": service(
        "ns",
        'ports = ["192.168.1.10:53:53/udp", "192.168.1.10:8443:8443"]',
      ),
    };
    expect(await editsOf("single-address-binding", files)).toEqual([
      "append services/ns.toml components.0.ports 100.64.0.10:53:53/udp",
    ]);
  });

  it("is left alone where another service has the port there", async () => {
    const files = {
      ...agent('"100.64.0.10:9444"'),
      "services/web.toml": service("web", 'ports = ["192.168.1.10:9444:80"]'),
    };
    expect(await editsOf("single-address-binding", files)).toEqual([]);
  });

  it("is left alone on an edge host", async () => {
    const files = agent('"100.64.0.10:9444"');
    const edge = String(files["nixgen.toml"]).replace('role = "master"', 'role = "edge"');
    expect(await editsOf("single-address-binding", { "nixgen.toml": edge })).toEqual([]);
  });

  it("is left alone, if it is any other service", async () => {
    const files = {
      "nixgen.toml": inventory(),
      "services/web.toml": service("web", 'ports = ["192.168.1.10:8080:80"]'),
    };
    expect(await editsOf("single-address-binding", files)).toEqual([]);
  });
});

describe("a name", () => {
  const stages = '[[boot.sequence]]\nname = "core"\nservices = ["proxi"]\n';

  it("of a node is corrected where one alone is near", async () => {
    const files = {
      "nixgen.toml": inventory('[[users]]\nname = "deploy"\nuid = 900\nnodes = ["betaa"]'),
      "services/web.toml": service("web", "", 'node = "aplha"'),
    };
    expect(await editsOf("unknown-node", files)).toEqual([
      "replace nixgen.toml users.0.nodes.0 beta",
      "replace services/web.toml node alpha",
    ]);
  });

  it("of a service is corrected in boot stages, [dns] and depends_on", async () => {
    const files = {
      "nixgen.toml": changed({ [DNS]: `${DNS}\nservice = "proxi"` }, stages),
      "services/proxy.toml": service("proxy"),
      "services/web.toml": service("web", 'depends_on = ["porxy"]'),
    };
    expect(await editsOf("boot-unknown-service", files)).toEqual([
      "replace nixgen.toml boot.sequence.0.services.0 proxy",
    ]);
    expect(await editsOf("unknown-service", files)).toEqual([
      "replace nixgen.toml dns.service proxy",
      "replace services/web.toml components.0.depends_on.0 proxy",
    ]);
  });

  it("is left alone where two are near, it is short, or the near one is in a stage already", async () => {
    const [one, two] = [service("proxy"), service("proxia")];
    expect(
      await editsOf("boot-unknown-service", {
        "nixgen.toml": inventory(stages),
        "services/proxy.toml": one,
        "services/proxia.toml": two,
      }),
    ).toEqual([]);
    expect(
      await editsOf("boot-unknown-service", {
        "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = ["we"]'),
        "services/web.toml": service("web"),
      }),
    ).toEqual([]);
    expect(
      await editsOf("boot-unknown-service", {
        "nixgen.toml": inventory(stages.replace('"proxi"', '"proxi", "proxy"')),
        "services/proxy.toml": one,
      }),
    ).toEqual([]);
  });

  it("that is in a boot stage twice is left there once", async () => {
    const files = {
      "nixgen.toml": inventory(stages.replace('"proxi"', '"web", "proxy", "web"')),
      "services/proxy.toml": service("proxy"),
      "services/web.toml": service("web"),
    };
    expect(await editsOf("boot-duplicate", files)).toEqual([
      "replace nixgen.toml boot.sequence.0.services web,proxy",
    ]);
  });
});

describe("an image that is always pulled", () => {
  it("is pulled when it is missing instead", async () => {
    const files = {
      "nixgen.toml": changed({ [DNS]: `${DNS}\nzones = ["example"]\nservice = "ns"` }),
      "services/ns.toml": `${NS}pull = "always"\n`,
    };
    expect(await editsOf("dns-loop", files)).toEqual([
      "replace services/ns.toml components.0.pull missing",
    ]);
  });
});

describe("facts of a host that is not in the inventory", () => {
  it("are reported and left alone, for the host may have left the fleet", async () => {
    const files = {
      "nixgen.toml": inventory(),
      "facts/alhpa.json": facts("alhpa", '"passwd": []'),
    };
    expect(await editsOf("unknown-node", files)).toEqual([]);
  });
});

describe("a uid that is not pinned", () => {
  const inventoryWith = (gid: string): string => changed({ "uid = 850\ngid = 850\n": gid });
  const has = (host: string, uid: number, gid: number): string =>
    facts(
      host,
      `"passwd": [{ "name": "pod", "uid": ${uid}, "gid": ${gid} }], "group": [{ "name": "pod", "gid": ${gid} }]`,
    );

  it("is pinned in [user] where every host has the same one, with a gid that differs", async () => {
    const files = {
      "nixgen.toml": inventoryWith(""),
      "facts/alpha.json": has("alpha", 995, 988),
      "nixgen.lock": 'version = 1\n[uids]\n"pod@beta" = 995\n[gids]\n"pod@beta" = 988\n',
    };
    expect(await editsOf("uid-unpinned", files)).toEqual([
      "add nixgen.toml user.uid 995",
      "add nixgen.toml user.gid 988",
    ]);
    const same = { ...files, "nixgen.toml": inventoryWith("gid = 988\n") };
    expect(await editsOf("uid-unpinned", same)).toEqual(["add nixgen.toml user.uid 995"]);
  });

  it("is pinned for each host where they differ, with the gid that would else follow", async () => {
    const files = {
      "nixgen.toml": inventoryWith(""),
      "facts/alpha.json": has("alpha", 995, 988),
      "facts/beta.json": has("beta", 994, 994),
    };
    expect(await editsOf("uid-unpinned", files)).toEqual([
      "add nixgen.toml nodes.0.user.uid 995",
      "add nixgen.toml nodes.0.user.gid 988",
      "add nixgen.toml nodes.1.user.uid 994",
    ]);
  });

  it("is left alone where one host's is not known", async () => {
    const files = {
      "nixgen.toml": inventoryWith(""),
      "facts/alpha.json": has("alpha", 995, 995),
    };
    expect(await editsOf("uid-unpinned", files)).toEqual([]);
  });
});

describe("too few subordinate ids", () => {
  const files = {
    "nixgen.toml": changed({ "gid = 850": "sub_ids = { start = 100000, count = 9 }" }),
  };

  it("become enough", async () => {
    expect(await editsOf("subid-too-small", files)).toEqual([
      "replace nixgen.toml user.sub_ids.count 65536",
    ]);
  });

  it("are left alone where the next ones are another user's on one of the hosts", async () => {
    const taken = facts("beta", '"subgid": [{ "name": "kim", "start": 165535, "count": 1 }]');
    expect(await editsOf("subid-too-small", { ...files, "facts/beta.json": taken })).toEqual([]);
  });
});

describe("subordinate ids that the host may hand out", () => {
  const text = changed({ "gid = 850": "gid = 850\nsub_ids = { start = 100000, count = 65536 }" });
  const files = { "nixgen.toml": text };
  const kim = '"subuid": [{ "name": "kim", "start": 100000, "count": 65536 }]';

  it("move to where nothing does, past the ranges of others", async () => {
    const moved = "replace nixgen.toml user.sub_ids.start";
    expect(await editsOf("subid-in-allocation-path", files)).toEqual([`${moved} 2130706432`]);
    const taken = facts("beta", '"subgid": [{ "name": "kim", "start": 2130771967, "count": 2 }]');
    expect(
      await editsOf("subid-in-allocation-path", { ...files, "facts/beta.json": taken }),
    ).toEqual([`${moved} 2130837504`]);
    expect(
      await editsOf("subid-overlap", { ...files, "facts/alpha.json": facts("alpha", kim) }),
    ).toEqual([`${moved} 2130706432`]);
  });

  it("stay once the lock or the facts of a host have them: files belong to them", async () => {
    const lock = 'version = 2\n[identities.beta]\nname = "pod"\nsub_ids = "100000:65536"\n';
    const there = facts("beta", '"subuid": [{ "name": "pod", "start": 100000, "count": 65536 }]');
    for (const used of [{ "nixgen.lock": lock }, { "facts/beta.json": there }]) {
      expect(await editsOf("subid-in-allocation-path", { ...files, ...used })).toEqual([]);
      const both = { ...files, ...used, "facts/alpha.json": facts("alpha", kim) };
      expect(await editsOf("subid-overlap", both)).toEqual([]);
    }
  });

  it("are not moved away from a third range, but back to the one that is locked", async () => {
    const findings = await lintFiles({
      ...files,
      "nixgen.lock": 'version = 2\n[identities.alpha]\nname = "pod"\nsub_ids = "200000:65536"\n',
      "facts/alpha.json": facts("alpha", kim),
    });
    const overlap = findings.find(({ rule }) => rule === "subid-overlap");
    expect(overlap?.fix).toBeUndefined();
    expect(overlap?.help).toBe("Write back the range that pod had (subid-changed).");
  });

  it("of a host alone move whatever other hosts have", async () => {
    const own = changed({
      [ALPHA_ADDRESSES]: `${ALPHA_ADDRESSES}\nuser = { sub_ids = { start = 100000, count = 131072 } }`,
    });
    const lock = 'version = 2\n[identities.beta]\nname = "pod"\nsub_ids = "165536:65536"\n';
    expect(
      await editsOf("subid-in-allocation-path", { "nixgen.toml": own, "nixgen.lock": lock }),
    ).toEqual(["replace nixgen.toml nodes.0.user.sub_ids.start 2130706432"]);
  });
});
