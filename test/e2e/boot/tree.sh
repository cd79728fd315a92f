#!/usr/bin/env bash
# Prints a folder that holds a Debian with a systemd and a podman as new as those of the NixOS releases
# that nixgen emits for: what is emitted needs systemd 254, and the machine that tests may have an older
# one. Made at the first use, in about a minute, from the mirror that this machine's own apt uses, and
# kept in the cache folder. Needs root and mmdebstrap.
set -euo pipefail

suite=trixie
packages=(
  aardvark-dns bind9-dnsutils catatonit crun dbus dbus-user-session iproute2 libpam-systemd netavark nftables passt
  podman systemd systemd-sysv uidmap
)

cache=${XDG_CACHE_HOME:-$HOME/.cache}/nixgen-tests
# Another recipe makes another tree.
recipe=$(sha256sum "$0")
tree=$cache/$suite-${recipe:0:12}
mkdir -p "$cache"
exec {lock}>"$tree.lock"
flock "$lock"
if [[ ! -e $tree ]]; then
  # A tree that was not finished is not taken for one.
  temporary=$tree.tmp
  rm -rf --one-file-system -- "$temporary"
  mirror=$(sed -n 's/^URIs: *//p; s/^deb \([^[][^ ]*\) .*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -m 1 '/debian/*$') || true
  log=$tree.log
  include=$(printf ',%s' "${packages[@]}")
  mmdebstrap --variant=essential --mode=root --include="${include#,}" \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    "$suite" "$temporary" "${mirror:-http://deb.debian.org/debian}" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
  }
  mv "$temporary" "$tree"
fi
echo "$tree"
