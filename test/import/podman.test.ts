/** From `podman inspect` to a definition and back: the containers stay what they are. */
import { observeContainer } from "../../src/settings/observe.ts";
import { compareText } from "../../src/text/order.ts";
import { describe, expect, it } from "vitest";
import type { Fleet } from "../../src/fleet/model.ts";
import { type Inspect, isInfra } from "../../src/podman/inspect.ts";
import { parseRunCommand } from "../../src/podman/run-command.ts";
import { planContainers } from "../../src/plan/plan.ts";
import { podmanRun } from "../../src/generate/podman.ts";
import { chooseServices } from "../../src/import/grouping.ts";
import { importPodman } from "../../src/import/podman.ts";
import { serviceText } from "../../src/import/service-text.ts";
import { type Files, inventory, loadFiles } from "../support/fleet.ts";
import { inspected, PODMAN_VERSIONS, withoutCommand } from "../support/inspected.ts";

function importAll(inspects: readonly Inspect[]) {
  const text = JSON.stringify(inspects);
  return importPodman([{ file: "x.json", text }], { node: "alpha", services: [] });
}

/** A fleet of what was imported. */
async function fleetOf(inspects: readonly Inspect[]): Promise<Fleet> {
  const files: Files = Object.fromEntries(
    importAll(inspects).services.map((service) => [
      `services/${service.name}.toml`,
      serviceText(service),
    ]),
  );
  return loadFiles({ "nixgen.toml": inventory(), ...files });
}

/** The command of `nixgen podman` for every container, by its name. */
function commandsOf(fleet: Fleet): ReadonlyMap<string, string[]> {
  const [alpha] = fleet.hosts;
  if (alpha === undefined) throw new Error("no host");
  const plans = planContainers(fleet, alpha, fleet.services);
  return new Map(plans.map((plan) => [plan.name, podmanRun(plan)]));
}

/** A container that differs from another one only in the command that made it. */
function madeBy(inspect: Inspect, argv: readonly string[]): Inspect {
  const config = inspect["Config"] as Record<string, unknown>;
  return { ...inspect, Config: { ...config, CreateCommand: argv } };
}

describe.each(PODMAN_VERSIONS)("containers of podman %s", (version) => {
  const all = [...inspected(version).values()];
  const containers = all.filter((inspect) => !isInfra(inspect));

  it("are made again, each under its name and as it was made", async () => {
    const commands = commandsOf(await fleetOf(all));
    const names = containers.map((inspect) => String(inspect["Name"]));
    expect([...commands.keys()].sort(compareText)).toEqual(names.sort(compareText));
    for (const inspect of containers) {
      const before = observeContainer(inspect);
      const argv = commands.get(before.name) ?? [];
      const after = observeContainer(madeBy(inspect, argv));
      expect(after.exact, before.name).toBe(true);
      expect(parseRunCommand(argv)?.options).toContainEqual({ name: "name", value: before.name });
      expect(parseRunCommand(argv)?.options).toContainEqual({
        name: "restart",
        value: before.restart ?? "unless-stopped",
      });
      expect({ ...after, leftovers: [], exact: true }, before.name).toEqual({
        ...before,
        leftovers: [],
        exact: true,
      });
    }
  });

  it("have everything else as comments", () => {
    const { services, leftOut } = importAll(all);
    const notes = services.flatMap(({ components }) => components.flatMap((one) => one.notes));
    const leftovers = containers.flatMap((inspect) => observeContainer(inspect).leftovers);
    expect(notes).toHaveLength(leftovers.length);
    for (const { option, value } of leftovers) {
      expect(notes).toContain(value === "" ? `--${option}` : `--${option} ${value}`);
    }
    expect(leftOut).toHaveLength(all.length - containers.length);
  });

  it("are imported from their data alone, which is said", async () => {
    const bare = containers.map(withoutCommand);
    const commands = commandsOf(await fleetOf(bare));
    expect(commands.size).toBe(containers.length);
    expect(importAll(bare).remarks).toHaveLength(containers.length);
  });
});

describe("services", () => {
  const choose = (containers: readonly string[], fleet?: Fleet): Record<string, string> =>
    Object.fromEntries(
      [...chooseServices(containers, fleet?.services ?? [])].map(
        ([name, { service, component }]) => [name, `${service}/${component}`],
      ),
    );

  it("have the containers whose names begin alike, and a lone one is a service", () => {
    expect(choose(["mcr-api", "mcr-web", "mc-proxy", "mcns"])).toEqual({
      "mcr-api": "mcr/api",
      "mcr-web": "mcr/web",
      "mc-proxy": "mc-proxy/mc-proxy",
      mcns: "mcns/mcns",
    });
  });

  it("have a container of their own name, too", () => {
    expect(choose(["two", "two-job"])).toEqual({ two: "two/two", "two-job": "two/job" });
  });

  it("never give a container another name", () => {
    expect(choose(["a-a", "a-b", "a-c", "-x", "b-", "b-x"])).toEqual({
      "a-a": "a-a/a-a",
      "a-b": "a/b",
      "a-c": "a/c",
      "-x": "-x/-x",
      "b-": "b-/b-",
      "b-x": "b-x/b-x",
    });
  });

  it("are those of the fleet at hand, the longest name first", async () => {
    const component = (name: string) => `[[components]]\nname = "${name}"\nimage = "e/x:1"\n`;
    const fleet = await loadFiles({
      "nixgen.toml": inventory(),
      "services/mc.toml": `name = "mc"\nnode = "alpha"\n${component("api-v2")}`,
      "services/mc-x.toml": `name = "mc-x"\nnode = "alpha"\n${component("mc-x")}`,
    });
    expect(
      choose(["mc-api-v2", "mc-x", "mc-x-new", "mc-other", "mc-new-v2", "a-api-v2"], fleet),
    ).toEqual({
      "mc-api-v2": "mc/api-v2",
      "mc-x": "mc-x/mc-x",
      "mc-x-new": "mc-x/new",
      "mc-other": "mc/other",
      "mc-new-v2": "mc/new-v2",
      "a-api-v2": "a-api-v2/a-api-v2",
    });
  });
});

describe("a container in the network of another one", () => {
  const inspect = (name: string, id: string, mode: string, more: object = {}): Inspect => ({
    Id: id,
    Name: name,
    ImageName: "registry.example/x:v1",
    Config: { Image: "registry.example/x:v1", ...more },
    HostConfig: { NetworkMode: mode },
  });
  const vpn = inspect("vpn", "a".repeat(64), "pasta");

  it.each([
    ["by its id", inspect("web", "b", `container:${"a".repeat(64)}`)],
    [
      "by the command that made it",
      inspect("web", "b", `container:${"a".repeat(64)}`, {
        CreateCommand: [
          ...["podman", "run", "--name", "web", "--network", "container:vpn"],
          "registry.example/x:v1",
        ],
      }),
    ],
  ])("is defined as that, %s", async (_, web) => {
    const fleet = await fleetOf([vpn, web]);
    const definitions = fleet.services.flatMap(({ components }) => components);
    expect(definitions.find(({ container }) => container === "web")?.definition.network).toBe(
      "container:vpn",
    );
    expect(commandsOf(fleet).get("web")?.join(" ")).toContain("--network container:vpn");
  });

  it("is noted where that one is not imported", () => {
    const { services } = importAll([inspect("web", "b", `container:${"c".repeat(64)}`)]);
    const [web] = services.flatMap(({ components }) => components);
    expect(web).toMatchObject({
      network: undefined,
      notes: [`--network container:${"c".repeat(64)}`],
    });
  });
});
