/** Circles in what leads to each other, in as many steps as there are ways. */

/**
 * What lies on circles: each group has all that can be reached from each other (a strongly connected
 * component, by Tarjan), if it is more than one, or leads to itself.
 * @param roots where to begin; the groups come in no particular order.
 * @param next what something leads to: the same list, of the same objects, each time.
 */
export function circles<T extends object>(
  roots: Iterable<T>,
  next: (from: T) => readonly T[],
): ReadonlySet<T>[] {
  const found: ReadonlySet<T>[] = [];
  const places = new Map<T, Place<T>>();
  // What was entered and is in no group yet, and the way to where we are: no recursion, however deep.
  const open: T[] = [];
  const way: Place<T>[] = [];
  const enter = (item: T): void => {
    const place = { item, number: places.size, low: places.size, at: 0, isOpen: true };
    places.set(item, place);
    open.push(item);
    way.push(place);
  };
  for (const root of roots) {
    if (!places.has(root)) enter(root);
    for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
      const to = next(here.item)[here.at];
      here.at += 1;
      if (to !== undefined) {
        const place = places.get(to);
        if (place === undefined) enter(to);
        else if (place.isOpen) here.low = Math.min(here.low, place.number);
        continue;
      }
      way.pop();
      const before = way.at(-1);
      if (before !== undefined) before.low = Math.min(before.low, here.low);
      if (here.low < here.number) continue;
      const group = new Set<T>();
      for (let item = open.pop(); item !== undefined; item = open.pop()) {
        group.add(item);
        const place = places.get(item);
        if (place !== undefined) place.isOpen = false;
        if (item === here.item) break;
      }
      if (group.size > 1 || next(here.item).includes(here.item)) found.push(group);
    }
  }
  return found;
}

/** Something that was reached, as the algorithm knows it. */
interface Place<T> {
  readonly item: T;
  readonly number: number;
  low: number;
  /** The number of what it leads to that comes next. */
  at: number;
  isOpen: boolean;
}

/** A shortest way from something back to itself, within what lies on circles; it begins with it. */
export function shortestCircle<T>(
  start: T,
  group: ReadonlySet<T>,
  next: (from: T) => readonly T[],
): T[] {
  const from = new Map<T, T>();
  const queue = [start];
  for (const here of queue) {
    for (const to of next(here)) {
      if (to === start) {
        const circle = [here];
        for (let at = here; at !== start; circle.push(at)) at = from.get(at) ?? start;
        return circle.reverse();
      }
      if (!group.has(to) || from.has(to)) continue;
      from.set(to, here);
      queue.push(to);
    }
  }
  return [start];
}
