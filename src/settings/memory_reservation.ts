import { size } from "./size.ts";

/**
 * The memory that the container keeps when there is little, like "256m".
 *
 * @example
 * ```toml
 * memory_reservation = "256m"
 * ```
 */
export const setting = size({
  option: "memory-reservation",
  path: ["HostConfig", "MemoryReservation"],
  compose: ["mem_reservation", "deploy.resources.reservations.memory"],
});
