/** What differs between the NixOS releases that nixgen emits modules for. Source: NixOS's modules. */
import type { Release } from "./model.ts";

/** What a release has. */
interface ReleaseFeatures {
  /** systemd-resolved reads /etc/systemd/dns-delegate.d (systemd 258). */
  readonly dnsDelegates: boolean;
}

const FEATURES: Readonly<Record<Release, ReleaseFeatures>> = {
  "25.05": { dnsDelegates: false },
  "25.11": { dnsDelegates: false },
  "26.05": { dnsDelegates: true },
};

/** Every release that modules are emitted for, the oldest first. */
export const RELEASES = Object.keys(FEATURES) as readonly Release[];

/** Whether systemd-resolved can send internal zones to other servers than everything else. */
export function canSplitWithResolved(release: Release): boolean {
  return FEATURES[release].dnsDelegates;
}
