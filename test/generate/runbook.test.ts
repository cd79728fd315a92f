/** RUNBOOK.md of every golden host: formatted, complete, and its commands are shell. */
import { spawnSync } from "node:child_process";
import { readdirSync, existsSync } from "node:fs";
import * as prettier from "prettier";
import { describe, expect, it } from "vitest";
import { loadFleet } from "../../src/fleet/load.ts";
import type { HostPlan } from "../../src/plan/plan.ts";
import { recoveryCommand } from "../../src/generate/recover.ts";
import { runbook } from "../../src/generate/runbook/runbook.ts";
import { resolve } from "node:path";
import { code } from "../../src/text/markdown.ts";
import { lacks } from "../support/tools.ts";
import { planFleet, wholeText } from "../support/plan.ts";

async function plansOf(folder: string): Promise<HostPlan[]> {
  const { fleet } = await loadFleet(resolve(folder, "nixgen.toml"));
  if (fleet === undefined) throw new Error(`${folder} has no fleet`);
  return planFleet(fleet);
}

const PLANS = (
  await Promise.all(
    readdirSync("test/golden")
      .filter((name) => existsSync(`test/golden/${name}/expected/out`))
      .map(async (name) =>
        (await plansOf(`test/golden/${name}/fleet`)).map((plan) => ({
          name: `${name}: ${plan.host}`,
          plan,
          text: wholeText(runbook(plan)),
        })),
      ),
  )
).flat();

/** The blocks of code of a language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^(`{3,})(\w+)\n([\s\S]*?)^\1$/gm)]
    .filter(([, , found]) => found === language)
    .map(([, , , body]) => body ?? "");
}

describe.each(PLANS)("the runbook of $name", ({ plan, text }) => {
  it("is left alone by prettier", async () => {
    // A carriage return in a value stays one; prettier takes it for the end of a line.
    const plain = text.replaceAll("\r", "");
    expect(await prettier.format(plain, { parser: "markdown" })).toBe(plain);
  });

  it("has every command, in the order of the boot", () => {
    const places = plan.containers.map((container) => text.indexOf(recoveryCommand(container)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it("has links that lead somewhere", () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });

  it("is without holes", () => {
    expect(text).not.toMatch(/undefined|(?<!\/dev\/)null\b|NaN|\[object/);
  });

  it.skipIf(lacks("bash"))("has commands that are shell", () => {
    const consoles = blocks(text, "console").flatMap((block) =>
      [...block.matchAll(/^[#$] (.*)$/gm)].map(([, command = ""]) => command),
    );
    for (const script of [...blocks(text, "sh"), ...consoles]) {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
      expect({ status, stderr, script }).toMatchObject({ status: 0, stderr: "" });
    }
  });
});

describe("a block of code", () => {
  it("cannot be ended by what is in it", () => {
    expect(code("sh", "a\n```\n````\n")).toBe("`````sh\na\n```\n````\n`````");
  });
});
