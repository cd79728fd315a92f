/** The text of imported services: it reads like one that a person wrote, and says what was meant. */
import fc from "fast-check";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseToml } from "../../src/document/source.ts";
import { validate } from "../../src/fleet/validate.ts";
import {
  type ImportedComponent,
  type ImportedService,
  serviceText,
} from "../../src/import/service-text.ts";
import { servicesText, writeServices } from "../../src/import/write-services.ts";
import { temporaryFolder } from "../support/fleet.ts";
import { holds } from "../support/fuzz.ts";

const NOTHING = {
  ports: [],
  volumes: [],
  cmd: [],
  env: [],
  env_files: [],
  depends_on: [],
  notes: [],
} as const;

/** A service with one component of the same name. */
function service(name: string, more: Partial<ImportedComponent> = {}): ImportedService {
  const component = { ...NOTHING, name, image: `example/${name}:1`, ...more };
  return { name, node: undefined, components: [component] };
}

describe("the text of a service", () => {
  it.each(["mcns", "mcr"])("is that of a person: %s of the example", async (name) => {
    const text = readFileSync(`examples/metacircular/services/${name}.toml`, "utf8");
    const source = parseToml(`${name}.toml`, text);
    expect(await validate("service", source)).toEqual([]);
    const { node, components } = source.value as unknown as ImportedService;
    const written = serviceText({
      name,
      node,
      components: components.map((component) => ({ ...component, pull: undefined, notes: [] })),
    });
    const withoutExtras = text
      .replace(/^active = true\n/m, "")
      .replace(/^\[[a-z.]+\]\n(?:.+\n)+\n/gm, "");
    expect(written).toBe(withoutExtras);
  });

  it("has the notes above the component, and all keys in one order", () => {
    const { name, components } = service("web", {
      notes: ["--cap-add NET_ADMIN", "two\nlines = 1\r\u2028\u0085\u001b[31m"],
      health: { kind: "http", port: 80, path: "/", tls: false },
      pull: "never",
      depends_on: ["db"],
      env_files: ["/srv/web/env"],
      env: ["A=b"],
      cmd: ["serve"],
      volumes: ["/srv/web:/srv/web"],
      ports: ["80:80"],
      restart: "always",
      user: "0:0",
      network: "host",
    });
    expect(serviceText({ name, node: "alpha", components })).toBe(`name = "web"
node = "alpha"

# not carried over: --cap-add NET_ADMIN
# not carried over: two\\nlines = 1\\r\\u2028\\u0085\\u001B[31m
[[components]]
name = "web"
image = "example/web:1"
network = "host"
user = "0:0"
restart = "always"
ports = ["80:80"]
volumes = ["/srv/web:/srv/web"]
cmd = ["serve"]
env = ["A=b"]
env_files = ["/srv/web/env"]
depends_on = ["db"]
pull = "never"
health = { kind = "http", port = 80, path = "/", tls = false }
`);
  });

  it("says the same as what it was made of, whatever that is", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("'''", '"""', "\\", "\n]\n[[components]]", "# x", "x".repeat(200), "=", "\t"),
    );
    const texts = fc.array(text, { maxLength: 5 });
    const component: fc.Arbitrary<ImportedComponent> = fc.record({
      name: text,
      image: text,
      network: fc.option(text, { nil: undefined }),
      user: fc.option(text, { nil: undefined }),
      restart: fc.option(text, { nil: undefined }),
      ports: texts,
      volumes: texts,
      cmd: texts,
      env: texts,
      env_files: texts,
      depends_on: texts,
      pull: fc.constantFrom("never", undefined),
      health: fc.option(
        fc.record({
          kind: fc.constant("exec" as const),
          command: texts.map((all) => ["", ...all]),
        }),
        { nil: undefined },
      ),
      notes: texts,
    });
    const services = fc.record({
      name: text,
      node: fc.option(text, { nil: undefined }),
      components: fc.array(component, { minLength: 1, maxLength: 3 }),
    });
    await holds(
      fc.property(services, (imported) => {
        const parsed = parseToml("x.toml", serviceText(imported)).value;
        expect(parsed).toEqual(JSON.parse(JSON.stringify(meant(imported))));
      }),
      100,
    );
  });
});

/** What must be read again: no notes, and no empty lists. */
function meant({ name, node, components }: ImportedService): unknown {
  const isWritten = ([key, value]: [string, unknown]): boolean =>
    key !== "notes" && !(Array.isArray(value) && value.length === 0);
  const written = components.map((component) =>
    Object.fromEntries(Object.entries(component).filter(isWritten)),
  );
  return { name, node, components: written };
}

describe("the services", () => {
  it("are shown below the names of their files", () => {
    const shown = servicesText([service("a"), service("b")]);
    expect(shown).toBe(
      `# a.toml\n${serviceText(service("a"))}\n# b.toml\n${serviceText(service("b"))}`,
    );
  });

  it("are written into new files, in a new folder", () => {
    const folder = join(temporaryFolder(), "new", "services");
    expect(writeServices(folder, [service("a"), service("b")])).toEqual([
      join(folder, "a.toml"),
      join(folder, "b.toml"),
    ]);
    expect(readdirSync(folder).sort()).toEqual(["a.toml", "b.toml"]);
    expect(readFileSync(join(folder, "b.toml"), "utf8")).toBe(serviceText(service("b")));
  });

  it("are not written at all where one of them is there", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "b.toml"), "mine");
    const write = () => writeServices(folder, [service("a"), service("b")]);
    expect(write).toThrow(`${join(folder, "b.toml")} is there already; nothing was written`);
    expect(readdirSync(folder)).toEqual(["b.toml"]);
    expect(readFileSync(join(folder, "b.toml"), "utf8")).toBe("mine");
  });

  it("are not written through a link that leads nowhere", () => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, "elsewhere"), join(folder, "a.toml"));
    expect(() => writeServices(folder, [service("a")])).toThrow("is there already");
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  });

  it.each(["../a", "", ".", "a/b", "a\nb", "-a", "a.b"])("are never called %j", (name) => {
    const folder = temporaryFolder();
    const write = () => writeServices(folder, [service("ok"), service(name)]);
    expect(write).toThrow("cannot be the name of a service");
    expect(() => servicesText([service(name)])).toThrow("cannot be the name of a service");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("have a name each", () => {
    const folder = temporaryFolder();
    expect(() => writeServices(folder, [service("a"), service("a")])).toThrow("two services a");
    expect(readdirSync(folder)).toEqual([]);
  });
});
