/** The emitted dnsmasq through the incident's outages: the real one, asked by the real C library. */
import { describe, expect, it } from "vitest";
import { lacks } from "../../support/tools.ts";
import { dnsmasqFiles, planOrion, type Settings } from "./emitted.ts";
import {
  type Answer,
  type Drill,
  runOutages,
  tree,
  expectWhole,
  MCR,
  quick,
  QUICK_MILLISECONDS,
  WORLD,
  zone,
} from "./outages.ts";

/** Runs a script of outages.sh with what is emitted, but for some settings. */
async function drill(script: string, changes: Settings = {}): Promise<Drill> {
  return runOutages(script, dnsmasqFiles(await planOrion((same) => same), changes));
}

/** resolv.conf: one attempt of two seconds at each of 127.0.0.1 and ::1; the rest is a busy machine's. */
const GIVES_UP_MILLISECONDS = 4000 + 1000;

/** Expects that a name was not resolved, and that this did not take for ever. */
function expectGivenUp({ name, address, milliseconds }: Answer): void {
  expect(address, name).toBe("-");
  expect(milliseconds, name).toBeLessThan(GIVES_UP_MILLISECONDS);
}

const missing = tree === undefined || lacks("nix-instantiate");

describe.skipIf(missing)("dnsmasq as it is emitted", () => {
  it("keeps names resolving while MCNS is dead, and forgets the outage when it is back", async () => {
    const answers = await drill(`
networks; start_world; start_mcns 10.0.0.1; start_dnsmasq
phase up;      ask ${MCR} seen.example.com
expire; stop_mcns
phase refused; ask new-1.example.com seen.example.com ${MCR} new-1.$ZONE
start_mcns 10.0.0.2
phase back;    ask new-1.$ZONE new-2.$ZONE ${MCR} ${MCR} new-2.example.com
expire; drop_packets
phase dropped; ask new-3.example.com seen.example.com ${MCR} new-3.$ZONE
pass_packets
phase passed;  ask new-3.$ZONE new-4.$ZONE ${MCR} new-4.example.com
expire; lose_lan
phase half;    ask ${MCR} new-5.$ZONE new-5.example.com
find_lan
phase whole;   ask new-6.$ZONE new-6.example.com
`);
    expect(quick(answers.phase("up"))).toEqual([[MCR, "10.0.0.1"], ["seen.example.com", WORLD]]); // prettier-ignore

    // The container is gone: what was never asked for fails, all else goes on beyond its time to live.
    const refused = answers.phase("refused");
    expect(quick(refused.slice(0, 3))).toEqual([
      ["new-1.example.com", WORLD],
      ["seen.example.com", WORLD],
      [MCR, "10.0.0.1"],
    ]);
    expect(refused).toHaveLength(4);
    refused.slice(3).forEach(expectGivenUp);

    // It is back with new addresses. The failure is not kept; of what was resolved before, the old answer is given
    // once more while the new one is fetched.
    expect(quick(answers.phase("back"))).toEqual([
      [zone("new-1"), "10.0.0.2"],
      [zone("new-2"), "10.0.0.2"],
      [MCR, expect.stringMatching(/^10\.0\.0\.[12]$/)],
      [MCR, "10.0.0.2"],
      ["new-2.example.com", WORLD],
    ]);

    // Its host is gone, and does not even refuse.
    const dropped = answers.phase("dropped");
    expect(quick(dropped.slice(0, 3))).toEqual([
      ["new-3.example.com", WORLD],
      ["seen.example.com", WORLD],
      [MCR, "10.0.0.2"],
    ]);
    expect(dropped).toHaveLength(4);
    dropped.slice(3).forEach(expectGivenUp);
    expect(quick(answers.phase("passed"))).toEqual([
      [zone("new-3"), "10.0.0.2"],
      [zone("new-4"), "10.0.0.2"],
      [MCR, "10.0.0.2"],
      ["new-4.example.com", WORLD],
    ]);

    // One of its addresses is gone: nobody notices.
    expect(quick(answers.phase("half"))).toEqual([
      [MCR, "10.0.0.2"],
      [zone("new-5"), "10.0.0.2"],
      ["new-5.example.com", WORLD],
    ]);
    expectWhole(answers);
  });

  it("shares its host with MCNS, whichever is started first, also where there is no IPv6", async () => {
    const { phase } = await drill(`
networks; start_world
ip address add "$LAN/32" dev lo
mcns() { python3 /sandbox/dns_server.py /sandbox/mcns.log ".=10.0.0.1" "@$LAN" & }
start_dnsmasq; mcns; wait_for "$LAN"
phase dnsmasq; ask ${MCR} new-1.example.com
jobs -p | tail -n 2 | xargs kill; sleep 0.2
no_ipv6
mcns; wait_for "$LAN"; start_dnsmasq
phase mcns;    ask ${MCR} new-2.example.com
`);
    expect(quick(phase("dnsmasq"))).toEqual([[MCR, "10.0.0.1"], ["new-1.example.com", WORLD]]); // prettier-ignore
    expect(quick(phase("mcns"))).toEqual([[MCR, "10.0.0.1"], ["new-2.example.com", WORLD]]); // prettier-ignore
  });
});

/** What people have instead. Each fails where the emitted configuration does not: the outages are real. */
describe.skipIf(missing)("other configurations", () => {
  const internal = ["192.168.88.181", "100.95.252.120"];
  /** Asks for a name while MCNS is dead, and for one before, which must be there. */
  const askInOutage = async (
    name: string,
    changes: Settings,
    before = { name: MCR, address: "10.0.0.1" },
  ): Promise<Answer | undefined> => {
    const { phase } = await drill(
      `
networks; start_world; start_mcns 10.0.0.1; start_dnsmasq
phase up;      ask ${before.name}
expire; stop_mcns
phase refused; ask ${name}
`,
      changes,
    );
    expect(phase("up")).toMatchObject([before]);
    return phase("refused")[0];
  };

  it("MCNS alone, as in the incident: nothing outside is resolved when it is dead", async () => {
    const answer = await askInOutage("new.example.com", { server: internal });
    expect(answer?.address).toBe("-");
  });

  it("without stale answers: what was known is lost when its time to live is over", async () => {
    const answer = await askInOutage(MCR, { "use-stale-cache": false });
    expect(answer?.address).toBe("-");
  });

  it("one list of both: the public servers say that the fleet's names do not exist", async () => {
    const server = [...internal, "1.1.1.1", "8.8.8.8"];
    // Even while all is well it is chance who is first to answer for one of the fleet's names: before the
    // outage another one is asked for, of which all say the same.
    const before = { name: "seen.example.com", address: WORLD };
    const answer = await askInOutage("new.svc.mcp.metacircular.net", { server }, before);
    expect(answer).toMatchObject({ address: "-" });
    expect(answer?.milliseconds).toBeLessThan(QUICK_MILLISECONDS);
  });
});
