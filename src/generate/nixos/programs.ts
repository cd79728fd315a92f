import type { Probe } from "../../fleet/boot.ts";
import { type Expr, ref } from "../../nix/ast.ts";

/** The package with NixOS's own wrapper, which finds /run/wrappers; pkgs.podman is without. */
export const PODMAN: Expr = ref("config", "virtualisation", "podman", "package");

/** The package of the program that sends a probe's request; undefined where it asks podman and the kernel. */
export function requestPackage(probe: Probe): string | undefined {
  switch (probe.kind) {
    case "listen":
    case "exec":
    case "running":
    case "done":
      return undefined;
    case "dns":
      return "dnsutils";
    case "http":
      return "curl";
    case "grpc":
      return "grpc-health-probe";
  }
}
