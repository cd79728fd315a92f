/** What the services of a Compose project are called as definitions. */
import { isSafeName, SAFE_NAMES } from "../../fleet/names.ts";
import type { ComposeNames } from "../../settings/compose-service.ts";

/**
 * The project's name as Compose makes it of a folder's.
 * @returns "" where nothing is left of it.
 */
export function projectName(folder: string): string {
  return folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

/**
 * The names of a service, chosen such that the container has the name that Compose gives it, or, where
 * the file has none, the project's and its own. What begins with the project's name is a component of one
 * service; a container that the file calls otherwise is a service of its own.
 */
export function namesOf(
  project: string,
  key: string,
  containerName: string | undefined,
): ComposeNames {
  // Names of units have no dots.
  const container = (containerName ?? (key === project ? key : `${project}-${key}`)).replaceAll(
    ".",
    "-",
  );
  const prefix = `${project}-`;
  return container.startsWith(prefix)
    ? { service: project, component: container.slice(prefix.length), container }
    : { service: container, component: container, container };
}

/** What is wrong with the names, where something is. */
export function unsafe({ service, component }: ComposeNames): string | undefined {
  const name = [service, component].find((candidate) => !isSafeName("component", candidate));
  return name === undefined
    ? undefined
    : `${JSON.stringify(name)} cannot be a name; it needs ${SAFE_NAMES.component.expected}`;
}
