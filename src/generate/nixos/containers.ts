import { nixosOptions } from "../../settings/words.ts";
import type { ContainerPlan, HostPlan } from "../../plan/plan.ts";
import { attrs, bind, type Binding, bool, str, texts } from "../../nix/ast.ts";
import type { Module } from "./render.ts";

/** The containers, for virtualisation.oci-containers. When each one starts is said in boot.nix. */
export function containersModule({ containers, user }: HostPlan): Module {
  return {
    template: "containers",
    holes: {
      containers: containers.map(
        (container) => () => bind(container.name, attrs(containerOptions(container, user.name))),
      ),
    },
  };
}

function containerOptions(container: ContainerPlan, user: string): Binding[] {
  const { image, pull, networks, dns, ports, volumes, envFiles, cmd } = container;
  const env = Object.entries(container.env);
  const words = nixosOptions(container.words);
  return [
    bind("image", str(image)),
    bind("pull", str(pull)),
    // Its stage starts it, not multi-user.target.
    bind("autoStart", bool(false)),
    bind(["podman", "user"], str(user)),
    ...(container.user === undefined ? [] : [bind("user", str(container.user))]),
    ...texts("networks", networks),
    ...texts("ports", ports),
    ...texts("volumes", volumes),
    ...(env.length === 0
      ? []
      : [bind("environment", attrs(env.map(([key, value]) => bind(key, str(value)))))]),
    ...texts("environmentFiles", envFiles),
    ...texts("cmd", cmd),
    ...words.bindings,
    // oci-containers has no option for resolvers.
    ...texts("extraOptions", [...dns.map((address) => `--dns=${address}`), ...words.extraOptions]),
  ];
}
