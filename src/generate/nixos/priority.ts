/**
 * How a definition of ours meets one of the host's own configuration. Two of one priority are an error
 * of NixOS's that only says that they conflict.
 */
import { call, type Expr, int, ref } from "../../nix/ast.ts";

/** What must hold, whatever else is defined: `lib.mkForce value`. */
export function forced(value: Expr): Expr {
  return call(ref("lib", "mkForce"), value);
}

/**
 * Wins over defaults of NixOS, and gives way to a definition of the host's own: `lib.mkOverride 900
 * value`. An assertion (assertions.nix.hbs) then says what to do, where it must not give way.
 */
export function ours(value: Expr): Expr {
  return call(call(ref("lib", "mkOverride"), int(900)), value);
}

/** What a host may have otherwise, and nothing is lost: `lib.mkDefault value`. */
export function byDefault(value: Expr): Expr {
  return call(ref("lib", "mkDefault"), value);
}

/** What comes before all that others define for the same list: `lib.mkBefore value`. */
export function before(value: Expr): Expr {
  return call(ref("lib", "mkBefore"), value);
}
