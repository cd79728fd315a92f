/** `recover.sh`: brings the containers of one host up again, with nothing but bash and podman there. */
import { recoverFrame } from "../generated/recover.js";
import { endedCondition, healthConditions, healthGoal, LISTENS } from "../plan/health.ts";
import type { ContainerPlan, HostPlan, StagePlan } from "../plan/plan.ts";
import { continued, podmanLines } from "./podman.ts";
import { shellCommand, shellQuote } from "../text/shell.ts";
import { identityData, scriptTitle, shellArray } from "./host-check.ts";

/** A stage with its containers; those in no stage come last, in one of their own. */
export interface RecoveryStage extends Pick<StagePlan, "name" | "onFailure" | "timeoutSeconds"> {
  readonly containers: readonly ContainerPlan[];
}

/** What stands for a stage's name where there is none; no stage can be called so. */
const NO_STAGE = "-";
const NO_STAGE_TIMEOUT_SECONDS = 60;

/** The stages of a host, in the order in which they are brought up. */
export function recoveryStages({ stages, containers }: HostPlan): RecoveryStage[] {
  const staged = stages.map((stage) => ({
    ...stage,
    containers: containers.filter((container) => container.stage === stage.target),
  }));
  const others = containers.filter(({ stage }) => stage === undefined);
  if (others.length === 0) return staged;
  const last: RecoveryStage = {
    name: NO_STAGE,
    onFailure: "proceed",
    timeoutSeconds: NO_STAGE_TIMEOUT_SECONDS,
    containers: others,
  };
  return [...staged, last];
}

/**
 * The command that makes a container while others are still missing: an image that only the host's own
 * registry has is not asked for before that is up.
 */
export function recoveryCommand(container: ContainerPlan, indent?: string): string {
  const lines =
    made.get(container) ?? podmanLines(container, container.beforeRegistry ? "never" : undefined);
  made.set(container, lines);
  return continued(lines, indent);
}

/** The runbook has the same commands as the script: their words are quoted once. */
const made = new WeakMap<ContainerPlan, readonly string[]>();

/** The whole script of a host, in pieces. */
export function* recoverScript(plan: HostPlan): Generator<string> {
  const [above = "", below = ""] = recoverFrame.split("#@data\n");
  yield above.replace("#@title", () => scriptTitle(plan));
  yield* data(plan);
  yield below;
}

function* data(plan: HostPlan): Generator<string> {
  const { networks, containers } = plan;
  yield identityData(plan);
  yield lines(
    "# podman networks that they are attached to.",
    shellArray(
      "NETWORKS",
      networks.map(({ name }) => name),
    ),
    "# What podman is told when it makes them, if anything.",
    `declare -A NETWORK_OPTIONS=(${networks
      .filter(({ options }) => options !== "")
      .map(({ name, options }) => `[${name}]=${shellQuote(options)}`)
      .join(" ")})`,
    "",
    "# The containers, in the order in which they start.",
    "#   stage NAME SECONDS FAILURE: how long each of its containers may take until it is healthy,",
    "#     and whether one that fails stops the later stages (block) or not (proceed)",
    "#   container NAME SERVICE/COMPONENT HEALTHY COMMAND...: the command makes the container",
    "containers() {",
  );
  const stages = recoveryStages(plan);
  if (stages.length === 0) yield lines("  :");
  for (const stage of stages) yield* stageCalls(stage);
  yield lines(
    "}",
    "",
    "# How to tell that a container works: the same that a boot waits for, asked once.",
  );
  if (containers.some(({ probe }) => probe.kind === "listen")) yield lines(LISTENS);
  for (const [index, container] of containers.entries()) {
    yield (index === 0 ? "" : "\n") + healthFunction(container);
  }
}

function lines(...texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}

function* stageCalls(stage: RecoveryStage): Generator<string> {
  const { name, timeoutSeconds, onFailure, containers } = stage;
  yield lines(`  stage ${shellCommand([name, String(timeoutSeconds), onFailure])}`);
  for (const container of containers) {
    const goal = healthGoal(container.probe);
    const words = [container.name, `${container.service}/${container.component}`, goal];
    yield `\n  container ${shellCommand(words)} \\\n    ${recoveryCommand(container, "    ")}\n`;
  }
  yield "\n";
}

/** A job that has ended with status 0 is well, whatever its probe would say of it. */
function healthFunction({ name, probe, restart }: ContainerPlan): string {
  const conditions = healthConditions(probe, name).join(" &&\n    ");
  const ended = restart === "no" && probe.kind !== "done" ? `${endedCondition(name)} ||\n    ` : "";
  const body = ended === "" ? conditions : `${ended}{ ${conditions}; }`;
  return `healthy_${name}() {\n  ${body}\n}\n`;
}
