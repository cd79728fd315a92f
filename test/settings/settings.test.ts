/** Every setting, by the example in its comment, through each of its faces. */
import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { planFleet } from "../support/plan.ts";
import { podmanRun } from "../../src/generate/podman.ts";
import { parseRunCommand } from "../../src/podman/run-command.ts";
import { settings } from "../../src/settings/index.ts";
import { isNone, type Key, type Setting, type Words } from "../../src/settings/setting.ts";
import { nixosOptions, podmanOptions } from "../../src/settings/words.ts";
import { isAccepted } from "../../src/settings/compose-service.ts";
import { loadFiles } from "../support/fleet.ts";
import { printBinding } from "../../src/nix/printer.ts";

const KEYS = Object.keys(settings) as Key[];

/** The example of a setting's comment: its value, and the text. */
function exampleOf(key: Key): { readonly text: string; readonly value: unknown } {
  const file = readFileSync(`src/settings/${key}.ts`, "utf8");
  const [, quoted = ""] = /@example\n \* ```toml\n([\s\S]*?) \* ```\n \*\//.exec(file) ?? [];
  const text = quoted.replaceAll(/^ \* ?/gm, "").trim();
  return { text, value: parse(text)[key] };
}

const INVENTORY = `[fleet]
name = "f"
[user]
name = "pods"
uid = 850
[[nodes]]
name = "box"
os = "nixos"
nixos_release = "26.05"
role = "worker"
addresses = { lan = "192.168.1.2" }
`;

function filesOf(text: string): Record<string, string> {
  return {
    "nixgen.toml": INVENTORY,
    "services/web.toml": `name = "web"
node = "box"
[[components]]
name = "web"
image = "registry.example/web:v1"
${text}
`,
  };
}

describe.each(KEYS)("%s", (key) => {
  const { text, value } = exampleOf(key);
  const setting = settings[key] as unknown as Setting<unknown>;
  const words = { [key]: value } as Words;

  it("has an example that definitions admit", () => {
    expect(value).toBeDefined();
    expect(isAccepted(key, value)).toBe(true);
  });

  it("reaches podman's command, and is read back from it", async () => {
    const [plan] = planFleet(await loadFiles(filesOf(text)));
    const argv = podmanRun(plan?.containers[0] ?? expect.fail("no container"));
    const command = parseRunCommand(argv);
    expect(command?.image).toBe("registry.example/web:v1");
    const options = podmanOptions(words);
    expect(options.length).toBeGreaterThan(0);
    for (const { name, value: said = "true" } of options) {
      expect(command?.options).toContainEqual({ name, value: said });
    }
    if (isNone(setting.command)) {
      expect(setting.command.none).not.toBe("");
      return;
    }
    const { options: names, read } = setting.command;
    const given = command?.options.filter(({ name }) => names.includes(name)) ?? [];
    const left: string[] = [];
    expect(read(given, {}, (option) => void left.push(option))).toEqual(value);
    expect(left).toEqual([]);
  });

  it("reaches the module", () => {
    const { bindings, extraOptions } = nixosOptions(words);
    const nix = [...bindings.map((binding) => printBinding(binding)), ...extraOptions].join("\n");
    for (const { value: said } of podmanOptions(words)) {
      // Each word of what podman is told is in the module, whatever the form.
      for (const word of said?.match(/[A-Za-z0-9./]+/g) ?? []) expect(nix).toContain(word);
    }
    expect(nix).not.toBe("");
  });

  it("has a reason for each face that is none", () => {
    for (const face of Object.values(setting)) {
      if (isNone(face)) expect(face.none.length).toBeGreaterThan(10);
    }
  });
});

describe("podman_args", () => {
  it("refuses every option that has a key of its own", () => {
    const options = KEYS.filter((key) => key !== "podman_args").flatMap((key) => {
      const { command } = settings[key];
      return isNone(command) ? [] : command.options;
    });
    const others = [
      "name",
      "rm",
      "replace",
      "restart",
      "network",
      "cidfile",
      "sdnotify",
      "cgroups",
    ];
    for (const option of [...options, ...others]) {
      expect(isAccepted("podman_args", [`--${option}=x`]), option).toBe(false);
    }
    expect(isAccepted("podman_args", ["--cpuset-cpus=0-1"])).toBe(true);
    expect(isAccepted("podman_args", ["-v=/:/host"])).toBe(false);
    expect(isAccepted("podman_args", ["--cpuset-cpus"])).toBe(false);
  });
});
