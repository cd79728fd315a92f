/** The parts of `nixgen import compose`: YAML, variables, words of a command, and what is refused where. */
// First, see there.
import { operations, operationsOf } from "../support/operations.ts";
import { describe, expect, it } from "vitest";
import { SyntaxProblem } from "../../src/document/source.ts";
import { parseCompose, plainValue } from "../../src/import/compose/document.ts";
import { readVariables } from "../../src/import/compose/env-file.ts";
import { interpolate } from "../../src/import/compose/interpolate.ts";
import { namesOf, projectName } from "../../src/import/compose/names.ts";
import { type ComposeResult, readCompose } from "../../src/import/compose/project.ts";
import { shellWords } from "../../src/text/shell-words.ts";

function value(text: string): unknown {
  return JSON.parse(JSON.stringify(plainValue(parseCompose(text)))) as unknown;
}

/** "LINE:COLUMN MESSAGE" of what makes a text no document. */
function fault(text: string): string {
  try {
    parseCompose(text);
  } catch (error) {
    if (error instanceof SyntaxProblem) return `${error.line}:${error.column} ${error.message}`;
    throw error;
  }
  return "none";
}

describe("YAML", () => {
  it("is read with aliases and merge keys", () => {
    const text = "a: &a {b: 1, c: x}\nd: {<<: *a, b: 2}\ne: [*a]\nf: {<<: [{b: 7}, *a]}\n";
    expect(value(text)).toEqual({
      a: { b: 1, c: "x" },
      d: { b: 2, c: "x" },
      e: [{ b: 1, c: "x" }],
      f: { b: 7, c: "x" },
    });
  });

  it("has the words of version 1.2, and keys that are texts", () => {
    expect(value('a: no\nb: 22:22\nc: !!str 5\n80: x\n"<<": 1')).toEqual({
      a: "no",
      b: "22:22",
      c: "5",
      80: "x",
      "<<": 1,
    });
    expect(Object.keys(plainValue(parseCompose("__proto__: {a: 1}")) as object)).toEqual([
      "__proto__",
    ]);
  });

  it.each([
    ["a: 1\nb: 2\na: 3", '3:1 the key "a" is there twice'],
    ["a: !reset null", "1:11 the tag !reset is not supported"],
    ["a: *b", "1:4 there is no anchor &b before this"],
    ["a: &a [*a]", "1:8 *a is inside of &a"],
    ["a: 1\n---\nb: 2", "2:1 there are several documents in this file"],
    ["? [a]\n: b", "1:3 a key must be a text"],
    ['a: "\\0"', "1:4 a text cannot hold a NUL character"],
    ["a: {<<: 5}", "1:5 << needs a table, or a list of tables"],
    ["a:\n\t- b", "2:1 tabs are not allowed as indentation"],
    ["[".repeat(100_000), "1:101 this is nested more than 100 levels deep"],
    [`a:\n${"- ".repeat(100_000)}`, "2:1 this is nested more than 100 levels deep"],
    ["? ".repeat(100_000), "1:1 this is nested more than 100 levels deep"],
    ["#".repeat(1024 * 1024 + 1), "1:1 this is larger than 1 MiB"],
    [`[${"&a,".repeat(300_000)}]`, "1:1 this has more than 100000 lines and commas"],
  ])("is refused where it is %j", (text, message) => {
    expect(fault(text)).toBe(message);
  });

  it("is refused early where aliases would fill the memory", () => {
    const levels = [..."bcdefghijk"].map(
      (name, at) =>
        `${name}: &${name} [${Array(10)
          .fill(`*${"abcdefghijk"[at] ?? ""}`)
          .join()}]`,
    );
    const nested = `a: &a [x]\n${levels.join("\n")}`;
    const long = `a: &a "${"x".repeat(1e6)}"\nb: [${Array(1000).fill("*a").join()}]`;
    const work = operations(() => {
      expect(fault(nested)).toMatch(/^6:7 .*more than 100000 values/);
      expect(fault(long)).toMatch(/^2:4 .*more than 100000 values/);
    });
    expect(work).toBeLessThan(20_000_000);
  });
});

describe("variables", () => {
  const variables = new Map([
    ["A", "a"],
    ["EMPTY", ""],
    ["DOLLAR", "$A"],
  ]);

  it.each([
    ["$A ${A} $$A ${A}b", "a a $A ab"],
    ["${DOLLAR}", "$A"],
    ["${EMPTY:-x}${EMPTY-y}${NO-z}${NO:-}", "xz"],
    ["${NO:-${A}}${NO:-${NO2:-c}}", "ac"],
    ["${A:+x}${EMPTY:+y}${EMPTY+z}${NO:+${NO2}}", "xz"],
    ["${A:-${NO}}", "a"],
    ["${A:?no}${EMPTY?no}", "a"],
  ])("%s is %j", (text, expected) => {
    expect(interpolate(text, variables)).toEqual({ text: expected });
  });

  it.each([
    ["x $NO", "$NO", "the variable NO is not set"],
    ["x ${NO} y", "${NO}", "the variable NO is not set"],
    ["${EMPTY:?give it}", "${EMPTY:?give it}", "the variable EMPTY is not set: give it"],
    ["${NO?}", "${NO?}", "the variable NO is not set: it is required"],
    ["${A", "${A", '"${A" is no variable'],
    ["${A!b}", "${A!b}", '"${A!b}" is no variable'],
    ["${A:-b", "${A:-b", '"${A:-b" is no variable'],
  ])("%s has no value", (text, reference, message) => {
    expect(interpolate(text, variables)).toMatchObject({ refusal: { reference, message } });
  });

  it("do not nest without end, nor grow without bounds", () => {
    expect(interpolate("${NO:-".repeat(1e5), variables)).toHaveProperty("refusal");
    const long = new Map([["L", "x".repeat(1e6)]]);
    expect(interpolate("$L".repeat(1000), long)).toMatchObject({
      refusal: { message: "this becomes longer than 1 MiB" },
    });
  });

  // What compose-go 2.16.2 reads.
  it.each([
    ["A=#x", "#x"],
    ["A= # x", "# x"],
    ["A=x#y", "x#y"],
    ["A=x # y", "x"],
    ['A="\\a\\b\\f\\v\\r\\n\\t"', "\x07\b\f\v\r\n\t"],
    ['A="\\x41\\c\\q"', "\\x41\\c\\q"],
    ['A="\\\\n\\""', '\\n"'],
    ['A="\\0101\\041"', "A\\41"],
    ["A='\\n'", "\\n"],
  ])("of a file, %j, are read as %j", (line, value) => {
    expect(readVariables(`${line}\n`, new Map()).get("A")).toBe(value);
  });

  it("come from files of any form in no time", () => {
    const quoted = `A="${'\\"'.repeat(400_000)}"\nB=${" ".repeat(100_000)}x${" ".repeat(100_000)}y`;
    expect(readVariables(quoted, new Map()).get("A")?.length).toBe(400_000);
  });

  it("come from files", () => {
    const text = [
      "# a comment",
      "A=1",
      "export B = two words  # a comment",
      "C='it is $A' # a comment",
      'D="$A and \\$A\\n\\"x\\""',
      "E=${A:-no}#part",
      "F=",
      "G='two",
      "lines'",
      "H=1\r",
    ].join("\n");
    expect(Object.fromEntries(readVariables(text, new Map([["Z", "0"]])))).toEqual({
      Z: "0",
      A: "1",
      B: "two words",
      C: "it is $A",
      D: '1 and $A\n"x"',
      E: "1#part",
      F: "",
      G: "two\nlines",
      H: "1",
    });
  });

  it.each([
    ["A=1\nnonsense", "2:1 write NAME=VALUE"],
    ["A='x", "1:3 the quote ' is not closed"],
    ['A="x" y', "1:6 nothing may follow the quotes"],
    ["A=$NO", "1:3 the variable NO is not set"],
  ])("are refused in a file with %j", (text, message) => {
    expect(() => readVariables(text, new Map())).toThrow(
      expect.objectContaining({
        line: Number(message.split(":")[0]),
        column: Number(/:(\d+)/.exec(message)?.[1]),
        message: message.replace(/^\S+ /, ""),
      }) as Error,
    );
  });
});

describe("a command that is one text", () => {
  it.each([
    ["a  b\tc\nd", ["a", "b", "c", "d"]],
    [`sh -c "echo 'x  y' && z"`, ["sh", "-c", "echo 'x  y' && z"]],
    [`a\\ b "c\\"d" 'e\\f' ''`, ["a b", 'c"d', "e\\f", ""]],
    ["--a='b c'd", ["--a=b cd"]],
    ["", []],
  ])("%j", (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });

  it.each(["a | b", "a; b", "a && b", "a > b", "$(a)", "a `b`", "'a", 'a "', "a\\"])(
    "is refused as %j",
    (text) => {
      expect(shellWords(text)).toBeTypeOf("string");
    },
  );
});

describe("names", () => {
  it("keep those of the containers", () => {
    const own = { service: "my_db", component: "my_db", container: "my_db" };
    const part = { service: "shop", component: "my-db", container: "shop-my-db" };
    expect(namesOf("shop", "db", "my_db")).toEqual(own);
    expect(namesOf("shop", "my.db", undefined)).toEqual(part);
    expect(namesOf("shop", "db", "shop-my-db")).toEqual(part);
    expect(namesOf("shop", "shop", undefined).container).toBe("shop");
  });

  it("of projects are made like those of Compose", () => {
    expect(projectName("_My Project.v2")).toBe("myprojectv2");
    expect(projectName("…")).toBe("");
  });
});

async function read(text: string): Promise<ComposeResult> {
  const options = {
    project: undefined,
    folder: "/srv/shop",
    variables: new Map<string, string>(),
    acceptLoss: true,
    profiles: [],
    isThere: () => false,
    node: undefined,
  };
  return readCompose("compose.yml", text, options);
}

/** The file with one service, of one line more. */
function service(line: string, more = ""): string {
  return `services:\n  web:\n    image: example.com/web:1\n    ${line}\n${more}`;
}

describe("a file with ten times as many mistakes", () => {
  const many = (number: number, line: (index: number) => string): string =>
    `services:\n${Array.from({ length: number }, (_, at) => `  w${at}:\n    image: x.example/w:1\n    ${line(at)}\n`).join("")}`;

  it.each<[what: string, line: (at: number) => string]>([
    ["extends", () => "extends: {service: w1}"],
    ["variables that are not set", (at) => `container_name: \${V${at}}`],
    ["references that escapes hide", (at) => `container_name: "\\x24{V${at}}"`],
    ["names that are taken", () => "container_name: same"],
  ])("is at most some ten times the work: %s", async (_, line) => {
    const work = (number: number): Promise<number> => {
      const text = many(number, line);
      return operationsOf(async () => {
        const { problems } = await read(text);
        expect(problems.length).toBeGreaterThanOrEqual(number - 1);
      });
    };
    await work(10);
    const [small, large] = [await work(200), await work(2000)];
    expect(large / small).toBeLessThan(15);
  });
});

describe("ten times as much that is right", () => {
  const list = (number: number, text: (at: number) => string): string =>
    Array.from({ length: number }, (_, at) => text(at)).join("");

  it.each<[what: string, text: (number: number) => string]>([
    [
      "networks, each with a service of its own",
      (number) =>
        `services:\n${list(number, (at) => `  w${at}: {image: x.example/w:1, container_name: c${at}, networks: [n${at}]}\n`)}networks:\n${list(number, (at) => `  n${at}: {internal: true}\n`)}`,
    ],
    [
      "links to one service",
      (number) =>
        `services:\n  db: {image: x.example/w:1}\n${list(number, (at) => `  w${at}: {image: x.example/w:1, links: ["db:d${at}"]}\n`)}`,
    ],
    [
      "containers in the network of another one",
      (number) =>
        `services:\n${list(number, (at) => `  w${at}: {image: x.example/w:1, container_name: c${at}, network_mode: "container:c${Math.max(0, at - 1)}"}\n`)}`,
    ],
  ])("is at most some ten times the work: %s", async (_, text) => {
    const work = (number: number): Promise<number> =>
      operationsOf(async () => {
        const { problems, services } = await read(text(number));
        expect(problems).toEqual([]);
        expect(services.length).toBeGreaterThan(0);
      });
    await work(10);
    const [small, large] = [await work(200), await work(2000)];
    expect(large / small).toBeLessThan(15);
  });
});

describe("what cannot be understood", () => {
  it.each([
    [service("imagee: x"), '4:5 services.web: unknown key "imagee" — Did you mean "image"?'],
    [service("ports: 80"), "4:12 services.web.ports must be a list, but is 80"],
    [
      service("command: {a: b}"),
      "4:14 services.web.command must be empty, a text or a list, but is a table",
    ],
    [
      service("ports: [[1]]"),
      "4:13 services.web.ports[0] must be a number, a text or a table, but is a list",
    ],
    [service("volumes: [{type: bnd, target: /a}]"), /^4:22 .*Did you mean "bind"\?$/],
    [
      service("env_file: [{format: raw}]"),
      "4:16 services.web.env_file[0] lacks the key path — Add path.",
    ],
    [
      service('ports: ["99999:80"]'),
      /^4:13 services\.web\.ports\[0\] is "99999:80": 99999 is not within/,
    ],
    [
      service("volumes: [data:/data]"),
      /^4:15 .* names the volume "data", which the file does not define/,
    ],
    [service('volumes: ["./a:b"]'), /^4:15 .*its paths cannot be those of a volume/],
    [service("networks: [inner]"), /^4:16 .* names the network "inner"/],
    [service("depends_on: [db]"), /^4:18 .* names "db", which is no service — Known are web\./],
    [service("restart: sometimes"), /^4:14 services\.web\.restart is of a form/],
    [
      service("command: a | b"),
      /^4:14 services\.web\.command cannot be taken apart: .* \| means nothing/,
    ],
    [service("healthcheck: {test: [curl, x]}"), /^4:25 .* must begin with CMD, CMD-SHELL or NONE/],
    [service("extends: {service: x}"), /^4:5 extends is not supported — Run docker compose config/],
    [service("container_name: ${NAME}"), /^4:21 the variable NAME is not set/],
    [service("user: 1000"), "4:11 services.web.user must be a text, but is 1000"],
    [
      "services: {a: {build: .}}",
      /^1:23 services\.a\.build has no image beside it — Nixgen builds no/,
    ],
    ["services: {a: {}}", /^1:15 services\.a has no image/],
    ["services: {a: {image: Not An Image}}", /^1:23 services\.a\.image is of a form/],
    ["services: {a: }", "1:12 services.a must be a table, but is empty"],
    ["services: {'a b': {}}", /^1:12 services: unknown key "a b"/],
    ["services: {}", "1:1 there are no services in this file"],
    ["5", "1:1 the file must be a table, but is 5"],
    ["", "1:1 the file must be a table, but is empty"],
    ["include: [a.yml]\nservices: {a: {image: x}}", /^1:1 include is not supported/],
    [
      "services: {a-b: {image: x}, a.b: {image: x}}",
      /^1:29 the containers of a-b and a\.b would both be shop-a-b/,
    ],
    [`services: {${"a".repeat(70)}: {image: x}}`, /^1:12 .* cannot be a name/],
    ["services: {a: [}", /^1:16 compose\.yml: /],
  ])("%s", async (text, expected) => {
    const { problems } = await read(text);
    const [first] = problems;
    const said = `${first?.location.line ?? 0}:${first?.location.column ?? 0} ${first?.message ?? ""} — ${first?.help ?? ""}`;
    if (typeof expected === "string") expect(said).toContain(expected);
    else expect(said).toMatch(expected);
  });

  it("is said of everything at once", async () => {
    const text = "services:\n  a: {image: $X, user: $Y}\n  b: {image: $Z}\n";
    const { problems } = await read(text);
    expect(problems.map(({ location }) => `${location.line}:${location.column}`)).toEqual([
      "2:14",
      "2:24",
      "3:14",
    ]);
  });
});
