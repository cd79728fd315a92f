/** What a case is, and the pieces that the fleets of many cases are made of. */
import { inventory } from "../../support/fleet.ts";
import type { MarkedFiles } from "../marks.ts";

/** A fleet that yields findings of one rule and no other errors. */
export interface Wrong {
  readonly name: string;
  readonly files: MarkedFiles;
  /** The messages of the rule's findings, in their order. */
  readonly messages: readonly string[];
  /** Parts that the help of the first one must have. */
  readonly help?: readonly string[];
  /** The findings' severity, where it is not the rule's own. */
  readonly severity?: "error" | "warning" | "info";
}

/** A fleet that yields nothing of the rule. */
export interface Right {
  readonly name: string;
  readonly files: MarkedFiles;
}

export interface Cases {
  readonly wrong: readonly Wrong[];
  readonly right: readonly Right[];
}

/** The inventory that lints clean, with some of its text replaced. */
export function changed(replacements: Readonly<Record<string, string>>, more = ""): string {
  let text = inventory(more);
  for (const [before, after] of Object.entries(replacements)) {
    if (!text.includes(before)) throw new Error(`the inventory has no ${before}`);
    text = text.replace(before, after);
  }
  return text;
}

/** A service of one component with the same name, on alpha. */
export function service(name: string, component = "", top = 'node = "alpha"'): string {
  return `name = "${name}"\n${top}\n\n[[components]]\nname = "${name}"\nimage = "registry.example/${name.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}:v1.0.0"\n${component}\n`;
}

/** Facts of a host; the rest of the object as JSON text. */
export function facts(host: string, rest: string): string {
  return `{ "schema": 1, "host": "${host}", ${rest} }`;
}

/** One line of facts.passwd; the uid may have a mark. */
export function user(name: string, uid: string, gid = "100"): string {
  return `{ "name": "${name}", "uid": ${uid}, "gid": ${gid} }`;
}

export const UID = "uid = 850";
export const GID = "gid = 850";
export const DNS = 'public = ["1.1.1.1", "8.8.8.8"]';
export const ALPHA_RELEASE = 'nixos_release = "25.11"\nrole = "master"';
export const ALPHA_ADDRESSES = 'addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }';
export const BETA_ADDRESSES = 'addresses = { lan = "192.168.1.11", vpn = "100.64.0.11" }';
export const DEBIAN = `
[[nodes]]
name = "edge"
os = "debian"
role = "edge"
addresses = { lan = "192.168.1.12" }
`;

/** The fleet's own DNS, on both of alpha's addresses. */
export const NS = service(
  "ns",
  'ports = ["192.168.1.10:53:53/tcp", "192.168.1.10:53:53/udp", "100.64.0.10:53:53/tcp", "100.64.0.10:53:53/udp"]',
);
