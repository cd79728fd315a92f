/** Where images come from, and what comes of those that cannot be pulled. */
import { isDnsService, isInZone } from "../../fleet/dns.ts";
import { registryOf } from "../../podman/image.ts";
import { below, type Component, type Fleet, type Host } from "../../fleet/model.ts";
import { podmanOf } from "./runtime.ts";
import type { Report } from "../rule.ts";

/** The name of a component's registry, if nothing resolves it but the services of [dns], of which the component is one. */
export function selfResolvedRegistry(fleet: Fleet, component: Component): string | undefined {
  const name = registryOf(component.definition.image)?.replace(/:[0-9]+$/, "");
  const own = name !== undefined && isDnsService(fleet, component.service) && isInZone(fleet, name);
  return own ? name : undefined;
}

/**
 * What is wrong with a component that starts before its image can be pulled; nothing where the host
 * may have it already.
 * @param reason why it cannot be pulled, as a part of a sentence.
 */
export function withoutPull(host: Host, component: Component, reason: string): Report | undefined {
  const { container, definition } = component;
  const { image, pull } = definition;
  const at = below(component.where, "pull");
  const bring = `Have the image on ${host.name} before it is needed: podman pull ${image}, as ${host.user.name}.`;
  if (pull === "always") {
    return {
      message: `${container} on ${host.name} pulls its image whenever it starts, but ${reason}`,
      help: `Set pull = "missing". ${bring}`,
      at,
      fix: {
        title: `set pull = "missing" for ${container}`,
        edits: [{ kind: "replace", at, value: "missing" }],
      },
    };
  }
  if (pull === "newer") {
    return {
      message: `${container} on ${host.name} looks for a newer image whenever it starts, and waits in vain: ${reason}`,
      help: `Set pull = "missing". ${bring}`,
      at,
      severity: "warning",
    };
  }
  if (!lacksImage(host, image)) return undefined;
  return {
    message: `${host.name} does not have the image of ${container}, which cannot be pulled when it starts: ${reason}`,
    help: `${bring} Then collect the facts again.`,
    at: below(component.where, "image"),
    severity: "info",
  };
}

/** Whether a host's facts have the images of its container user, and this one is not among them. */
function lacksImage(host: Host, image: string): boolean {
  const podman = podmanOf(host)?.podman;
  // Images are listed by tag; of a digest nothing is known.
  return podman?.images !== undefined && !image.includes("@") && !podman.images.includes(image);
}
