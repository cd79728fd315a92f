/** Image references: [REGISTRY/]NAME[:TAG][@DIGEST] (distribution/reference). */

export interface ImageReference {
  /** With the registry, where one is named. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

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
  const [a, b] = [parseImage(asked), parseImage(actual)];
  if (a.name !== b.name && (hasRegistry(a.name) || !b.name.endsWith(`/${a.name}`))) return false;
  if (a.digest !== undefined || b.digest !== undefined) return a.digest === b.digest;
  return (a.tag ?? "latest") === (b.tag ?? "latest");
}

function hasRegistry(name: string): boolean {
  const [first = "", ...rest] = name.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
}
