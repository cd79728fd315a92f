#!/usr/bin/env bash
# Prints a folder that holds another Debian, for programs newer than those of the machine that tests:
#
#   debian-tree.sh SUITE VARIANT PACKAGE...
#
# VARIANT is one of mmdebstrap's: "essential" is a root that can be booted, "extract" has the packages
# unpacked and nothing more. Made at the first use from the mirror that this machine's own apt uses, kept
# in the cache folder, and not installed anywhere. Needs root and mmdebstrap.
set -euo pipefail

suite=$1 variant=$2
include=$(printf ',%s' "${@:3}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/nixgen-tests
# Another recipe makes another tree.
recipe=$({ cat "$0"; echo "$@"; } | sha256sum)
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
  # A mirror that lags behind is good enough, if it is signed.
  mmdebstrap --variant="$variant" --mode=root --include="${include#,}" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    "$suite" "$temporary" "${mirror:-http://deb.debian.org/debian}" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
  }
  mv "$temporary" "$tree"
fi
echo "$tree"
