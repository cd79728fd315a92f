import { InputError } from "../../text/input-error.ts";
import { componentsOn, type Fleet, type Host } from "../../fleet/model.ts";
import { suggestion } from "../../text/suggest.ts";
import { type BootGraph, bootGraph } from "../../generate/graph/boot-graph.ts";
import { dotDiagram } from "../../generate/graph/dot.ts";
import { isTooLarge, mermaidDiagram } from "../../generate/graph/mermaid.ts";
import { svgDiagram } from "../../generate/graph/svg.ts";
import { type Command, noPositionals, oneOf, parseOptions } from "../command.ts";
import { loadDespiteErrors } from "../load-fleet.ts";
import { EXIT } from "../io.ts";
import { createProgress } from "../progress.ts";

const help = `Draw the boot order of hosts.

The stages of each host with their containers, whether the next stage starts only if one is healthy,
what depends on what, and which containers are the fleet's DNS and its registry. Errors of lint stop
nothing here.

Usage: nixgen graph [OPTIONS]

Options:
  --config FILE    the inventory (default: nixgen.toml here or in a folder above)
  --host NAME...   only these hosts (default: all that have containers)
  --format FORMAT  mermaid (default), dot or svg
  -h, --help       this text

Exit status: 0 drawn, 2 bad usage or unreadable input, 3 a bug.

Example:
  nixgen graph --format svg > boot.svg
`;

const DIAGRAMS: Readonly<Record<"mermaid" | "dot" | "svg", (graph: BootGraph) => string>> = {
  mermaid: mermaidDiagram,
  dot: dotDiagram,
  svg: svgDiagram,
};

/** `nixgen graph` */
export const graphCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("graph", argv, {
      config: { type: "string" },
      host: { type: "string", multiple: true, default: [] },
      format: { type: "string", default: "mermaid" },
    });
    // --host rift orion and --host rift --host orion mean the same.
    if (values.host.length === 0) noPositionals("graph", positionals);
    const format = oneOf("format", values.format, ["mermaid", "dot", "svg"]);
    const fleet = await loadDespiteErrors(io, values.config);
    if (fleet === undefined) return EXIT.usage;

    const hosts = chooseHosts(fleet, [...values.host, ...positionals]);
    const progress = createProgress(io);
    const graph = bootGraph(fleet, hosts, (done) => {
      progress.report("hosts", done, hosts.length);
    });
    progress.clear();
    const diagram = DIAGRAMS[format](graph);
    // No character is left in it that a terminal would act on.
    io.stdout.write(diagram);
    if (format === "mermaid" && isTooLarge(diagram)) {
      io.stderr.write(
        "mermaid does not draw a diagram of this size: choose hosts with --host, or use --format svg\n",
      );
    }
    return EXIT.ok;
  },
};

/**
 * The hosts to draw, in the order of the inventory: those that were named, or those that have something to
 * start; all of them where none has.
 * @throws {InputError} for a host that is not there.
 */
function chooseHosts(fleet: Fleet, names: readonly string[]): readonly Host[] {
  const known = fleet.hosts.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new InputError(`there is no host ${JSON.stringify(name)}`, suggestion(name, known));
  }
  if (names.length > 0) return fleet.hosts.filter(({ name }) => names.includes(name));
  const busy = fleet.hosts.filter(({ name }) => componentsOn(fleet, name).length > 0);
  return busy.length === 0 ? fleet.hosts : busy;
}
