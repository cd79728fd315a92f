import { compareText } from "../../text/order.ts";
import { dirname, join } from "node:path";
import type { Change } from "../../text/diff.ts";
import { countFindings, unsuppressed } from "../../finding/finding.ts";
import { InputError } from "../../text/input-error.ts";
import { findInventory, loadFleet, LOCK_FILE } from "../../fleet/load.ts";
import { isSameChoice, nextLock } from "../../fleet/lock.ts";
import type { Fleet, NixosHost } from "../../fleet/model.ts";
import { saveLock } from "../../fleet/save.ts";
import { suggestion } from "../../text/suggest.ts";
import { readOwn } from "../../files/own-file.ts";
import { findChanges, type OutputChange, readManifest } from "../../generate/output/changes.ts";
import { emitHost, emitTop, type OutputFile } from "../../generate/emit.ts";
import type { Manifest } from "../../generate/output/manifest.ts";
import { hostsToPlan, planHost } from "../../plan/plan.ts";
import {
  despiteOthers,
  finishInterrupted,
  snapshot,
  type Written,
  writeTree,
} from "../../files/write-tree.ts";
import { lint } from "../../lint/engine.ts";
import { printable } from "../../text/printable.ts";
import { baselinePath } from "../baseline.ts";
import { type Command, noPositionals, parseOptions } from "../command.ts";
import { EXIT, type ExitStatus, type Io } from "../io.ts";
import { count, display, writeDiff } from "../output.ts";
import { outputFolder } from "../output-folder.ts";
import { createProgress } from "../progress.ts";
import { complain } from "../reports.ts";

const help = `Write the NixOS modules of every host, and nixgen.lock.

Nothing is written while lint finds errors that are not suppressed. What is written appears at once,
or not at all.

Usage: nixgen build [OPTIONS]

Options:
  --config FILE   the inventory (default: nixgen.toml here or in a folder above)
  --out DIR       where to write (default: fleet.out of the inventory)
  --host NAME...  only these hosts
  --baseline FILE accepted findings (default: nixgen.baseline.json beside the inventory);
                  /dev/null for none
  --check         write nothing; print what would change, and exit 1 if anything would
  --force         overwrite files that were changed by hand
  -h, --help      this text

Exit status: 0 written or up to date, 1 lint errors or stale output, 2 bad usage or input, 3 a bug.

Example:
  nixgen build && nixos-rebuild switch
`;

/** `nixgen build` */
export const buildCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("build", argv, {
      config: { type: "string" },
      out: { type: "string" },
      baseline: { type: "string" },
      host: { type: "string", multiple: true, default: [] },
      check: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
    });
    // --host rift orion and --host rift --host orion mean the same.
    if (values.host.length === 0) noPositionals("build", positionals);
    const hosts = [...values.host, ...positionals];

    const inventory = findInventory(io.cwd, values.config);
    const root = dirname(inventory);
    const progress = createProgress(io);
    const loaded = await loadFleet(
      inventory,
      progress.report,
      baselinePath(io.cwd, inventory, values.baseline),
    );
    const findings = loaded.fleet === undefined ? loaded.findings : lint(loaded.fleet);
    progress.clear();
    const { error, warning } = countFindings(findings);
    if (loaded.fleet === undefined || error > 0) {
      const errors = unsuppressed(findings).filter(({ severity }) => severity === "error");
      await complain(io, errors, loaded.sources);
      io.stderr.write("nixgen build: nothing was written\n");
      return loaded.fleet === undefined ? EXIT.usage : EXIT.findings;
    }
    const { fleet } = loaded;
    const out = outputFolder(fleet, root, io.cwd, values.out);
    const chosen = chooseHosts(hostsToPlan(fleet), hosts);
    if (warning > 0) {
      io.stderr.write(
        `${count(warning, "warning")}; nixgen lint shows ${warning === 1 ? "it" : "them"}\n`,
      );
    }
    const lockChange = await findLockChange(fleet);
    if (values.check) {
      const diffs = await despiteOthers(out, async () => {
        const expectSame = snapshot(out);
        const found: FileDiff[] = [];
        for (const { path, after } of findOutputChanges(fleet, chosen, out, values.force)) {
          const before = readOwn(out, path)?.toString();
          const change = { path, before, after: after?.toString() };
          found.push({ path, diff: await diffOf(change, display(io.cwd, out)) });
        }
        expectSame();
        return found.sort((a, b) => compareText(a.path, b.path));
      });
      if (lockChange !== undefined) {
        const diff = await diffOf(lockChange, display(io.cwd, root));
        diffs.push({ path: lockChange.path, diff });
      }
      return await reportStale(diffs, io);
    }
    const written = await despiteOthers(out, () => {
      for (const path of finishInterrupted(out)) {
        io.stderr.write(
          `${printable(display(io.cwd, path))} is not nixgen's, though it has the name of what a killed build leaves; it was left alone\n`,
        );
      }
      const expectSame = snapshot(out);
      const changes = findOutputChanges(fleet, chosen, out, values.force);
      return writeTree(
        out,
        values.force ? changes : refuseByHand(changes, (path) => display(io.cwd, join(out, path))),
        expectSame,
        // The lock first: a build that is killed in between is then made up for by the next one.
        () => {
          if (lockChange?.after !== undefined) saveLock(root, fleet, lockChange.after);
        },
      );
    });
    reportWritten(written, lockChange, display(io.cwd, out), io);
    return EXIT.ok;
  },
};

/**
 * The hosts that were asked for; all of them where none was.
 * @throws {InputError} for a host that no modules are emitted for.
 */
function chooseHosts(hosts: readonly NixosHost[], names: readonly string[]): readonly NixosHost[] {
  if (names.length === 0) return hosts;
  const known = hosts.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new InputError(`there is no NixOS host ${JSON.stringify(name)}`, suggestion(name, known));
  }
  return hosts.filter(({ name }) => names.includes(name));
}

/** What is to change in the output folder, with the files of hosts that were not chosen kept. */
function findOutputChanges(
  fleet: Fleet,
  chosen: readonly NixosHost[],
  out: string,
  force: boolean,
): Iterable<OutputChange> {
  const written = force ? readManifestOrNothing(out) : readManifest(out);
  const hostOf = (path: string): string => path.split("/", 1)[0] ?? "";
  const planned = hostsToPlan(fleet);
  const others = new Set(planned.filter((host) => !chosen.includes(host)).map(({ name }) => name));
  const built = new Set([...written.keys()].map(hostOf));
  const named = planned
    .map(({ name }) => name)
    .filter((name) => !others.has(name) || built.has(name));
  const files = emitFiles(fleet, chosen, named);
  return findChanges(out, written, files, (path) => others.has(hostOf(path)));
}

/** The files of some hosts, one after the other: those of a large fleet take hundreds of megabytes. */
function* emitFiles(
  fleet: Fleet,
  hosts: readonly NixosHost[],
  named: readonly string[],
): Generator<OutputFile> {
  for (const host of hosts) yield* emitHost(planHost(fleet, host));
  yield emitTop(named);
}

/**
 * Lets changes pass, to their end.
 * @throws {InputError} at the end, if one of them would overwrite what somebody changed by hand.
 */
function* refuseByHand(
  changes: Iterable<OutputChange>,
  shown: (path: string) => string,
): Generator<OutputChange> {
  const byHand: string[] = [];
  for (const change of changes) {
    if (change.byHand) byHand.push(change.path);
    yield change;
  }
  if (byHand.length === 0) return;
  throw new InputError(
    `${byHand.sort(compareText).map(shown).join(", ")} ${byHand.length === 1 ? "was" : "were"} changed by hand; nothing was written`,
    "Bring the change into the inputs, or overwrite it with --force. --check shows the difference.",
  );
}

/** Under --force a manifest that cannot be read is taken for none. */
function readManifestOrNothing(out: string): Manifest {
  try {
    return readManifest(out);
  } catch (error) {
    if (error instanceof InputError) return new Map();
    throw error;
  }
}

async function findLockChange(fleet: Fleet): Promise<Change | undefined> {
  const { exists, file, lock, version } = fleet.lock;
  const next = nextLock(fleet);
  // A lock that says the same in other words, as after a merge, stays as it is.
  if (exists && version === 2 && isSameChoice(lock, next)) return undefined;
  const { lockText } = await import("../../fleet/lock-text.ts");
  const before = exists ? fleet.sources.get(file)?.text : undefined;
  return { path: file, before, after: lockText(next) };
}

/** A file that would change, and how. */
interface FileDiff {
  readonly path: string;
  readonly diff: string;
}

async function diffOf(change: Change, prefix: string): Promise<string> {
  const { unifiedDiff } = await import("../../text/diff.ts");
  return unifiedDiff([change], prefix);
}

async function reportStale(diffs: readonly FileDiff[], io: Io): Promise<ExitStatus> {
  if (diffs.length === 0) return EXIT.ok;
  for (const { diff } of diffs) await writeDiff(io, diff);
  io.stderr.write(
    `${count(diffs.length, "file")} would change: run nixgen build and commit the result\n`,
  );
  return EXIT.findings;
}

function reportWritten(
  { written, removed }: Written,
  lockChange: Change | undefined,
  out: string,
  io: Io,
): void {
  const parts = [
    written === 0 ? undefined : `${count(written, "file")} written`,
    removed === 0 ? undefined : `${count(removed, "file")} removed`,
    lockChange === undefined ? undefined : `${LOCK_FILE} updated`,
  ].filter((part) => part !== undefined);
  io.stdout.write(`${printable(out)}: ${parts.length === 0 ? "up to date" : parts.join(", ")}\n`);
}
