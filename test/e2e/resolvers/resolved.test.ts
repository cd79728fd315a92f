/** The emitted systemd-resolved through the incident's outages: a real one that knows dns-delegate files. */
import { describe, expect, it } from "vitest";
import { lacks } from "../../support/tools.ts";
import { planOrion, type Resolved, resolvedFiles, withResolved } from "./emitted.ts";
import {
  type Drill,
  expectWhole,
  MCR,
  quick,
  resolved,
  runOutages,
  tree,
  WORLD,
  zone,
} from "./outages.ts";

/** systemd knows dns-delegate files since 258: Debian 13 has none of that. */
const missing =
  tree === undefined ||
  Number.parseInt(tree.versions.get("systemd") ?? "") < 258 ||
  lacks("nix-instantiate");

/** Runs a script of outages.sh with what is emitted, but for some changes. */
async function drill(
  script: string,
  change?: (emitted: Resolved) => Resolved,
  edit: (mcns: string) => string = (same) => same,
): Promise<Drill> {
  const orion = await planOrion((files) => ({
    ...withResolved(files),
    "services/mcns.toml": edit(String(files["services/mcns.toml"])),
  }));
  return runOutages(script, resolvedFiles(orion, change));
}

describe.skipIf(missing)("systemd-resolved as it is emitted", () => {
  it("keeps names resolving while MCNS is dead, and forgets the outage when it is back", async () => {
    const answers = await drill(`
networks; start_world; start_mcns 10.0.0.1; start_resolved
phase up;      ask ${MCR} seen.example.com
expire; stop_mcns
phase refused; ask new-1.example.com seen.example.com ${MCR} new-1.$ZONE
start_mcns 10.0.0.2
phase back;    ask new-1.$ZONE new-2.$ZONE new-2.example.com ${MCR}
expire; drop_packets
phase dropped; ask new-3.example.com seen.example.com ${MCR}
pass_packets
phase passed;  ask new-4.$ZONE ${MCR} new-4.example.com
expire; lose_lan
phase half;    ask ${MCR} new-5.$ZONE new-5.example.com
find_lan
phase whole;   ask new-6.$ZONE new-6.example.com
`);
    expect(quick(answers.phase("up"))).toEqual([[MCR, "10.0.0.1"], ["seen.example.com", WORLD]]); // prettier-ignore

    // The container is gone: what was never asked for fails at once, all else goes on beyond its time to live.
    expect(quick(answers.phase("refused"))).toEqual([
      ["new-1.example.com", WORLD],
      ["seen.example.com", WORLD],
      [MCR, "10.0.0.1"],
      [zone("new-1"), "-"],
    ]);

    // It is back with new addresses: nothing is kept, neither the failure nor the old answer.
    expect(quick(answers.phase("back"))).toEqual([
      [zone("new-1"), "10.0.0.2"],
      [zone("new-2"), "10.0.0.2"],
      ["new-2.example.com", WORLD],
      [MCR, "10.0.0.2"],
    ]);

    // Its host is gone, and does not even refuse: each of its two addresses is waited for, then the old answer
    // is given.
    const dropped = answers.phase("dropped");
    expect(quick(dropped.slice(0, 2))).toEqual([["new-3.example.com", WORLD], ["seen.example.com", WORLD]]); // prettier-ignore
    expect(resolved(dropped.slice(2))).toEqual([[MCR, "10.0.0.2"]]);
    expect(quick(answers.phase("passed"))).toEqual([
      [zone("new-4"), "10.0.0.2"],
      [MCR, "10.0.0.2"],
      ["new-4.example.com", WORLD],
    ]);

    // One of its addresses is gone.
    expect(resolved(answers.phase("half"))).toEqual([
      [MCR, "10.0.0.2"],
      [zone("new-5"), "10.0.0.2"],
      ["new-5.example.com", WORLD],
    ]);
    expectWhole(answers);
  });

  /** MCNS as a service that publishes port 53 at one address. */
  const oneAddress = (mcns: string): string => mcns.replaceAll(/.*100\.95\.252\.120.*\n/g, "");
  const ONE_REFUSES = `
networks; start_world; start_mcns 10.0.0.1; start_resolved
phase up;      ask ${MCR}
expire; stop_mcns
phase refused; ask ${MCR}
`;

  it("keeps what was asked before if MCNS has one address", async () => {
    const { phase } = await drill(ONE_REFUSES, undefined, oneAddress);
    expect(quick(phase("up"))).toEqual([[MCR, "10.0.0.1"]]);
    expect(quick(phase("refused"))).toEqual([[MCR, "10.0.0.1"]]);
  });

  it("loses it without a second server", async () => {
    const alone = ({ nameservers, etc }: Resolved): Resolved => ({
      nameservers,
      etc: Object.fromEntries(
        Object.entries(etc).map(([path, text]) => [path, text.replace("DNS=127.0.0.1:9\n", "")]),
      ),
    });
    const { phase } = await drill(ONE_REFUSES, alone, oneAddress);
    expect(resolved(phase("up"))).toEqual([[MCR, "10.0.0.1"]]);
    expect(resolved(phase("refused"))).toEqual([[MCR, "-"]]);
  });

  /** The search domains that programs and containers take from resolv.conf. */
  const SEARCH = `
networks; start_world; start_mcns 10.0.0.1; start_resolved
phase search; lookup() { sed -n 's/^search //p' "/run/systemd/resolve/$1"; }
ask stub-resolv.conf resolv.conf
`;

  it("completes no name with the zones", async () => {
    const { phase } = await drill(SEARCH);
    expect(resolved(phase("search"))).toEqual([["stub-resolv.conf", "."], ["resolv.conf", "."]]); // prettier-ignore
  });

  it("does so without the ~ before them", async () => {
    const { phase } = await drill(SEARCH, ({ nameservers, etc }) => ({
      nameservers,
      etc: Object.fromEntries(
        Object.entries(etc).map(([path, text]) => [path, text.replaceAll("Domains=~", "Domains=")]),
      ),
    }));
    const zones = "svc.mcp.metacircular.net mcp.metacircular.net";
    expect(resolved(phase("search"))).toEqual([["stub-resolv.conf", zones], ["resolv.conf", zones]]); // prettier-ignore
  });
});

/** What people have instead. */
describe.skipIf(missing)("systemd-resolved otherwise", () => {
  const MCNS = "192.168.88.181 100.95.252.120";

  it("MCNS with FallbackDNS=: nothing outside is resolved when it is dead", async () => {
    const { phase } = await drill(
      `
networks; start_world; start_mcns 10.0.0.1; start_resolved
phase up;      ask seen.example.com
stop_mcns
phase refused; ask new.example.com
`,
      () => ({
        nameservers: [MCNS],
        etc: {
          "systemd/resolved.conf.d/fallback.conf": "[Resolve]\nFallbackDNS=1.1.1.1 8.8.8.8\n",
        },
      }),
    );
    expect(resolved(phase("up"))).toEqual([["seen.example.com", WORLD]]);
    expect(resolved(phase("refused"))).toEqual([["new.example.com", "-"]]);
  });

  it("one list of both: once MCNS was dead, the fleet's names are gone for good", async () => {
    const { phase } = await drill(
      `
networks; start_world; start_mcns 10.0.0.1; start_resolved
phase up;      ask ${MCR}
expire; stop_mcns
phase refused; ask new.example.com
start_mcns 10.0.0.1; sleep 3
phase back;    ask ${MCR}
`,
      ({ nameservers }) => ({ nameservers: [MCNS, ...nameservers], etc: {} }),
    );
    expect(resolved(phase("up"))).toEqual([[MCR, "10.0.0.1"]]);
    expect(resolved(phase("refused"))).toEqual([["new.example.com", WORLD]]);
    expect(resolved(phase("back"))).toEqual([[MCR, "-"]]);
  });

  it("without stale answers: what was known is lost when its time to live is over", async () => {
    const { phase } = await drill(
      `
networks; start_world; start_mcns 10.0.0.1; start_resolved
phase up;      ask ${MCR}
expire; stop_mcns
phase refused; ask ${MCR}
`,
      ({ nameservers, etc }) => ({
        nameservers,
        etc: Object.fromEntries(Object.entries(etc).filter(([path]) => !path.endsWith(".conf"))),
      }),
    );
    expect(resolved(phase("up"))).toEqual([[MCR, "10.0.0.1"]]);
    expect(resolved(phase("refused"))).toEqual([[MCR, "-"]]);
  });
});
