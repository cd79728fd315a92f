/** Every command. Its code is loaded only when it runs. */
import type { CommandEntry } from "../command.ts";

/** The commands, by name, in the order of --help. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  init: {
    summary: "write a fleet to begin with",
    load: async () => (await import("./init.ts")).initCommand,
  },
  lint: {
    summary: "find what would take the fleet down",
    load: async () => (await import("./lint.ts")).lintCommand,
  },
  audit: {
    summary: "compare what hosts have with what is defined",
    load: async () => (await import("./audit.ts")).auditCommand,
  },
  build: {
    summary: "write the NixOS modules of every host",
    load: async () => (await import("./build.ts")).buildCommand,
  },
  diff: {
    summary: "say what a change means on the hosts",
    load: async () => (await import("./diff.ts")).diffCommand,
  },
  lock: {
    summary: "accept that an id of the container user changes",
    load: async () => (await import("./lock.ts")).lockCommand,
  },
  graph: {
    summary: "draw the boot order of hosts",
    load: async () => (await import("./graph.ts")).graphCommand,
  },
  podman: {
    summary: "print the podman commands that start containers by hand",
    load: async () => (await import("./podman.ts")).podmanCommands,
  },
  recover: {
    summary: "print the script that brings the containers of a host up again",
    load: async () => (await import("./recover.ts")).recoverCommand,
  },
  facts: {
    summary: "collect what a host really has, and check what was collected",
    load: async () => (await import("./facts.ts")).factsCommand,
  },
  import: {
    summary: "make service definitions of containers that are there already",
    load: async () => (await import("./import.ts")).importCommand,
  },
  schema: {
    summary: "print the JSON Schema of a file, for editors",
    load: async () => (await import("./schema.ts")).schemaCommand,
  },
  rules: {
    summary: "list what can be found",
    load: async () => (await import("./rules.ts")).rulesCommand,
  },
  explain: {
    summary: "explain a rule, with examples",
    load: async () => (await import("./explain.ts")).explainCommand,
  },
  completions: {
    summary: "print a script that completes nixgen's words in a shell",
    load: async () => (await import("./completions.ts")).completionsCommand(COMMANDS),
  },
};
