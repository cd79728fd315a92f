/** What `nixgen import compose` is told beside the file: where it belongs, and the values of variables. */
import { dirname, join, resolve } from "node:path";
import { InputError } from "../text/input-error.ts";
import { isSafeName, SAFE_NAMES } from "../fleet/names.ts";
import { whatIs } from "../files/boundary.ts";
import { workingTree } from "../files/file-tree.ts";
import { readText, type TextFile, type Unreadable } from "../files/text-file.ts";
import { SyntaxProblem } from "../document/source.ts";
import { readVariables } from "../import/compose/env-file.ts";
import type { Variables } from "../import/compose/interpolate.ts";
import type { ComposeSettings } from "../import/importer.ts";
import type { Io } from "./io.ts";

/** The options, as they were given. */
export interface ComposeArguments {
  readonly project: string | undefined;
  readonly directory: string | undefined;
  readonly envFiles: readonly string[];
  readonly environment: boolean;
  readonly acceptLoss: boolean;
  readonly profiles: readonly string[];
}

/**
 * @param file the Compose file, or "-".
 * @throws {InputError} for what cannot be used.
 */
export async function composeSettings(
  io: Io,
  file: string | undefined,
  { project, directory, envFiles, environment, acceptLoss, profiles }: ComposeArguments,
): Promise<ComposeSettings> {
  if (project !== undefined && !isSafeName("service", project)) {
    throw new InputError(
      `--project cannot be ${JSON.stringify(project)}`,
      `Use ${SAFE_NAMES.service.expected}.`,
    );
  }
  const beside = file === undefined || file === "-" ? io.cwd : dirname(resolve(io.cwd, file));
  const folder = directory === undefined ? beside : resolve(io.cwd, directory);
  let variables: Variables = environment
    ? new Map(
        Object.entries(io.env).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, value]],
        ),
      )
    : new Map();
  const fromEnvironment = variables;
  for (const path of envFiles) {
    variables = addVariables(readText(resolve(io.cwd, path), path), path, variables);
  }
  // What Compose reads of its own accord.
  const tree = workingTree(beside);
  if (envFiles.length === 0 && tree.isThere(".env")) {
    variables = addVariables(await tree.read(".env"), join(beside, ".env"), variables);
  }
  // Like Compose: what whoever calls has set wins over files.
  return {
    ...{ project, folder, acceptLoss, profiles },
    variables: new Map([...variables, ...fromEnvironment]),
    isThere: (path) => whatIs(resolve(beside, path)) === "file",
  };
}

function addVariables(read: TextFile | Unreadable, shown: string, before: Variables): Variables {
  if (read.reason !== undefined) throw new InputError(read.reason, read.help);
  try {
    return readVariables(read.text, before);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    // Its lines are not shown: they may have passwords.
    throw new InputError(
      `${shown}:${error.line}:${error.column}: ${error.message}`,
      "Correct the file, or name another one with --env-file.",
    );
  }
}
