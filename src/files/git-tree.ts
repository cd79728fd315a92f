/** The names that a commit of git's has, and where its links lead to. */
import type { FolderEntry } from "../text/glob.ts";

/** More links than this one after the other lead in a circle (as ELOOP on Linux). */
const MOST_LINKS = 40;

/** So many steps of paths are followed in one commit; no fleet comes near it. */
const MOST_STEPS = 10_000_000;

/** The files of a commit. A link counts as what it leads to, as far as that is in the same commit. */
export class GitTree {
  readonly #files = new Map<string, string>();
  readonly #links = new Map<string, string>();
  readonly #folders = new Map<string, Map<string, "file" | "folder" | "link">>();
  #steps = 0;

  constructor(files: ReadonlyMap<string, string>, links: ReadonlyMap<string, string>) {
    this.#folders.set("", new Map());
    for (const [path, object] of files) {
      this.#enter(path, "file");
      this.#files.set(path, object);
    }
    for (const [path, target] of links) {
      this.#enter(path, "link");
      this.#links.set(path, target);
    }
  }

  /** Makes the folders of a path known, and what is in them. */
  #enter(path: string, kind: "file" | "link"): void {
    const steps = path.split("/");
    let folder = "";
    for (const [index, step] of steps.entries()) {
      const isLast = index === steps.length - 1;
      this.#folders.get(folder)?.set(step, isLast ? kind : "folder");
      folder = folder === "" ? step : `${folder}/${step}`;
      if (!isLast && !this.#folders.has(folder)) this.#folders.set(folder, new Map());
    }
  }

  /**
   * Where a path leads to; undefined where that is outside, or where links lead in a circle or too far. A path with
   * ".." in it, which only a tree that was made by hand has, is never what comes back.
   */
  #follow(path: string): string | undefined {
    const open = path.split("/").reverse();
    const done: string[] = [];
    let links = 0;
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) return undefined;
      if (step === "" || step === ".") continue;
      if (step === "..") {
        if (done.pop() === undefined) return undefined;
        continue;
      }
      done.push(step);
      const target = this.#links.get(done.join("/"));
      if (target === undefined) continue;
      links += 1;
      if (links > MOST_LINKS || target.startsWith("/")) return undefined;
      done.pop();
      for (const each of target.split("/").reverse()) open.push(each);
    }
    return done.join("/");
  }

  /** The object of a file, or of what a link leads to. */
  file(path: string): string | undefined {
    return this.#files.get(this.#follow(path) ?? "");
  }

  /** Whether anything has that name, a link that leads nowhere too. */
  isThere(path: string): boolean {
    return this.isLink(path) || this.file(path) !== undefined || this.isFolder(path);
  }

  isLink(path: string): boolean {
    return this.#links.has(path);
  }

  isFolder(path: string): boolean {
    return this.#folders.has(this.#follow(path) ?? "/");
  }

  /** What is in a folder; nothing where there is none. */
  entries(path: string): FolderEntry[] {
    const entries = this.#folders.get(this.#follow(path) ?? "/") ?? [];
    return [...entries].map(([name, kind]) => ({
      name,
      isDirectory: () => kind === "folder",
      isSymbolicLink: () => kind === "link",
    }));
  }
}
