/** Which containers make up one service, told by their names. */
import { containerName, type Service } from "../fleet/model.ts";
import { isSafeName } from "../fleet/names.ts";

/** Where a container is defined. */
export interface Place {
  readonly service: string;
  readonly component: string;
}

/**
 * A service and a component for each container, such that its name stays what it is: those that the
 * fleet's services have for it; else its name's parts around the last "-", where that makes it one of
 * several; else a service of its own.
 */
export function chooseServices(
  containers: readonly string[],
  services: readonly Service[],
): Map<string, Place> {
  const defined = new Map(
    services.flatMap(({ components }) =>
      components.map(({ container, service, name }): [string, Place] => [
        container,
        { service, component: name },
      ]),
    ),
  );
  const known = new Set(services.map(({ name }) => name));
  const heads = new Map<string, number>();
  for (const name of containers) {
    const head = splitName(name)?.service;
    if (head !== undefined) heads.set(head, (heads.get(head) ?? 0) + 1);
  }
  const names = new Set(containers);
  const choose = (name: string): Place => {
    const own = { service: name, component: name };
    const place = defined.get(name) ?? (known.has(name) ? own : newOne(name, known));
    if (place !== undefined) return place;
    const split = splitName(name);
    if (split === undefined) return own;
    return (heads.get(split.service) ?? 0) > 1 || names.has(split.service) ? split : own;
  };
  return new Map(containers.map((name) => [name, choose(name)]));
}

/** A component that a service of the fleet does not have yet; of the longest name that fits. */
function newOne(name: string, services: ReadonlySet<string>): Place | undefined {
  for (let at = name.lastIndexOf("-"); at > 0; at = name.lastIndexOf("-", at - 1)) {
    const place = { service: name.slice(0, at), component: name.slice(at + 1) };
    if (services.has(place.service) && keepsName(place, name)) return place;
  }
  return undefined;
}

function splitName(name: string): Place | undefined {
  const at = name.lastIndexOf("-");
  const place = { service: name.slice(0, at), component: name.slice(at + 1) };
  return at > 0 && keepsName(place, name) ? place : undefined;
}

/** Whether the container would be called so; "a-a" would be "a". */
function keepsName({ service, component }: Place, name: string): boolean {
  return (
    isSafeName("service", service) &&
    isSafeName("component", component) &&
    containerName(service, component) === name
  );
}
