/** Which containers of a host find each other by name: podman answers for those that have a network in common. */
import { type Component, componentsOn, type Fleet, networkNamesOf } from "../../fleet/model.ts";
import { sharedContainer } from "../../podman/network.ts";

/** A component, and the networks that its containers are on. */
export interface Member {
  readonly component: Component;
  /** By name; none on podman's default network, the host's, or without one. */
  readonly networks: readonly string[];
  /** The component whose network it shares (network = "container:NAME"): the name of this one is on no network. */
  readonly owner: Component | undefined;
}

/**
 * The components of a host. What shares the network of a container is on the networks of that one; it is left out where
 * that one is not known (rule namespace-shared).
 */
export function membersOn(fleet: Fleet, host: string): Member[] {
  const components = componentsOn(fleet, host);
  const named = new Map(components.map((component) => [component.container, component]));
  return components.flatMap((component) => {
    const last = ownerOf(component, named);
    if (last === undefined) return [];
    const owner = last === component ? undefined : last;
    return [{ component, networks: networkNamesOf(last), owner }];
  });
}

/** The component whose network it is in the end, often its own; undefined if that is not known. */
function ownerOf(
  component: Component,
  named: ReadonlyMap<string, Component>,
): Component | undefined {
  const seen = new Set<Component>();
  let owner = component;
  for (;;) {
    const next = sharedContainer(owner.definition.network);
    if (next === undefined) return owner;
    const found = named.get(next);
    // The rules namespace-shared and boot-cycle report these.
    if (found === undefined || seen.has(found)) return undefined;
    seen.add(found);
    owner = found;
  }
}

/** The members that a name may mean: that of their container, or an alias of it on a network. */
export function membersByName(members: readonly Member[]): ReadonlyMap<string, readonly Member[]> {
  const byName = new Map<string, Member[]>();
  for (const member of members) {
    const { container, attachments } = member.component;
    const aliases = attachments.flatMap(({ attachment }) => attachment.aliases);
    for (const name of new Set([container, ...aliases])) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [member]);
      else known.push(member);
    }
  }
  return byName;
}

/** Whether one member finds another one by a name: on a network that both are on, where the other has that name. */
export function finds(one: Member, name: string, other: Member): boolean {
  if (other.owner !== undefined) return false;
  const { container, attachments } = other.component;
  return attachments.some(
    ({ attachment }, index) =>
      one.networks.includes(other.networks[index] ?? "") &&
      (name === container || attachment.aliases.includes(name)),
  );
}

/** A machine that a variable names. */
export interface NamedMachine {
  /** A name or an address. */
  readonly machine: string;
  readonly port: string | undefined;
  /** Whether it can be nothing else than a machine: it has a scheme or a port, or the variable's name says so. */
  readonly sure: boolean;
}

/** What may be machines in KEY=VALUE: NAME, NAME:PORT and SCHEME://[USER@]NAME[:PORT], also in lists. */
export function machinesIn(variable: string): NamedMachine[] {
  const end = variable.indexOf("=");
  const isMachine = /HOST|ADDR|SERVER|UPSTREAM|ENDPOINT|URL/i.test(variable.slice(0, end));
  return variable
    .slice(end + 1)
    .split(/[\s,;]+/)
    .flatMap((word) => {
      const match =
        /^([a-z][a-z0-9+.-]*:\/\/)?(?:[^/@]*@)?(?:\[([^\]]*)\]|([^/:?#]+))(?::([0-9]+))?(?:[/?#]|$)/i.exec(
          word,
        );
      const machine = match?.[2] ?? match?.[3];
      if (machine === undefined) return [];
      const port = match?.[4];
      return [{ machine, port, sure: isMachine || match?.[1] !== undefined || port !== undefined }];
    });
}
