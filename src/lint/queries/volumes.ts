/** What volumes mount: the host's own files, and which of them are a service's data. */
import type { Volume } from "../../fleet/model.ts";

/** Folders with sockets, devices, and what belongs to the system: no service keeps its data there. */
const NO_DATA = /^\/(?:bin|dev|etc|lib|nix|proc|run|sys|tmp|usr|var\/run|var\/tmp)(?:\/|$)/;

/** Whether a normalised path of the host may hold a service's data. */
export function holdsData(path: string): boolean {
  return !path.endsWith(".sock") && !NO_DATA.test(path);
}

/** Whether a volume has an option (podman-run(1), --volume). */
export function hasOption({ options }: Volume, name: string): boolean {
  return options?.split(",").includes(name) === true;
}

/** Whether what the container writes reaches the volume; with an overlay (O) it is thrown away. */
export function isWritable(volume: Volume): boolean {
  return !hasOption(volume, "ro") && !hasOption(volume, "O");
}

/** Whether it mounts a path of the host, and no volume that podman keeps. */
export function isBindMount({ source }: Volume): boolean {
  return source.startsWith("/");
}
