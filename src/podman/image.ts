/** Image references: [REGISTRY/]NAME[:TAG][@DIGEST] (distribution/reference). */

/** The parts of a reference. */
export interface ImageReference {
  /** With the registry, where one is named. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes a reference apart; it is not checked whether it is one. */
export function parseImage(text: string): ImageReference {
  const [rest = "", digest] = text.split("@");
  // A colon before the last slash is that of the registry's port.
  const match = /^(.*?)(?::([^:/]*))?$/s.exec(rest);
  return { name: match?.[1] ?? rest, tag: match?.[2], digest };
}

/**
 * Whether an image is the one that was asked for. podman completes what was asked: a name without
 * registry, a tag.
 */
export function sameImage(asked: string, actual: string): boolean {
  if (asked === actual) return true;
  const [a, b] = [parseImage(asked), parseImage(actual)];
  if (a.name !== b.name && (registryOf(a.name) !== undefined || !b.name.endsWith(`/${a.name}`)))
    return false;
  if (a.digest !== undefined || b.digest !== undefined) return a.digest === b.digest;
  return (a.tag ?? "latest") === (b.tag ?? "latest");
}

/** The registry that an image names; undefined for short names, which the host completes. */
export function registryOf(image: string): string | undefined {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  // What tells a host from the first part of a name (distribution/reference).
  return /[.:]/.test(first) || first === "localhost" ? first : undefined;
}
