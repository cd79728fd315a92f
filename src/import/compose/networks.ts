/** Networks at the top of a Compose file: what definitions have words for, and what not. */
import * as checks from "../../generated/checks.js";
import {
  inShort,
  isExtension,
  isNothing,
  isTrue,
  resourceName,
} from "../../settings/compose-service.ts";
import { at, entriesAt, isTable, listAt, textAt } from "../../text/json.ts";
import type { ImportedNetwork } from "../service-text.ts";

/** A network of Compose's. */
export interface ReadNetwork {
  readonly name: string;
  /** Undefined where it is as podman makes it by itself, or others make it. */
  readonly network: ImportedNetwork | undefined;
  /** What is not carried over. */
  readonly left: readonly string[];
}

/** Reads one entry of networks. */
export function readNetwork(project: string, key: string, definition: unknown): ReadNetwork {
  const name = resourceName(project, key, definition);
  const external = at(definition, "external");
  if (isTable(external) || isTrue(external)) return { name, network: undefined, left: [] };
  const left: string[] = [];
  const leave = (path: string, value: unknown): void => {
    if (!isNothing(value)) left.push(`networks.${key}.${path}: ${inShort(value)}`);
  };
  const driver = textAt(definition, "driver");
  let network: ImportedNetwork = { name };
  const add = (path: string, value: unknown, more: Omit<ImportedNetwork, "name">): void => {
    const wider = { ...network, ...more };
    if (checks.service({ name: "name", networks: [structuredClone(wider)] })) network = wider;
    else leave(path, value);
  };
  if (driver !== undefined && driver !== "bridge") add("driver", driver, { driver });
  const subnets = listAt(definition, "ipam", "config").flatMap((config, index) => {
    for (const [option, value] of entriesAt(config)) {
      if (option !== "subnet") leave(`ipam.config[${index}].${option}`, value);
    }
    const subnet = textAt(config, "subnet");
    return subnet === undefined ? [] : [subnet];
  });
  if (subnets.length > 0) add("ipam.config", subnets, { subnets });
  if (isTrue(at(definition, "enable_ipv6"))) add("enable_ipv6", true, { ipv6: true });
  if (isTrue(at(definition, "internal"))) add("internal", true, { internal: true });
  for (const [option, value] of entriesAt(definition, "driver_opts")) {
    const mtu = /^(?:com\.docker\.network\.driver\.)?mtu$/.test(option);
    if (mtu) add("driver_opts.mtu", value, { options: { mtu: String(value) } });
    else leave(`driver_opts.${option}`, value);
  }
  for (const [option, value] of entriesAt(definition)) {
    if (!READ.has(option) && !isExtension(option)) leave(option, value);
  }
  for (const [option, value] of entriesAt(definition, "ipam")) {
    if (option !== "config" && value !== "default") leave(`ipam.${option}`, value);
  }
  return { name, network: Object.keys(network).length === 1 ? undefined : network, left };
}

const READ: ReadonlySet<string> = new Set([
  ...["name", "external", "driver", "driver_opts", "ipam", "enable_ipv6", "internal"],
]);
