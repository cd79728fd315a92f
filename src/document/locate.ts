/** Looks up many places at once. */
import type { Location, Where } from "./place.ts";
import { groupBy } from "../text/group.ts";
import type { Source } from "./source.ts";

/**
 * Where places are, file by file: what it takes to look them up is large, and there for one file at a
 * time only.
 */
export function locateAll(
  sources: ReadonlyMap<string, Source>,
  places: readonly Where[],
): ReadonlyMap<Where, Location> {
  const locations = new Map<Where, Location>();
  for (const [file, inFile] of groupBy(places, (place) => place.file)) {
    const positions = sources.get(file)?.positions();
    if (positions === undefined) throw new Error(`a place is in ${file}, which was not read`);
    for (const place of inFile) locations.set(place, positions.locate(place.path, place.part));
  }
  return locations;
}
