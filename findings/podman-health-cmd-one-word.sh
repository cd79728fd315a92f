#!/usr/bin/env bash
# podman create --health-cmd with a list of words as JSON, the form that podman-run(1) documents for arguments.
#
# One would think that a list is run as it is, without a shell, as it is for --entrypoint and for CMD of an image.
# A list of one word is given to /bin/sh -c, so that the check of an image without a shell always fails. And a list
# in Docker's own form, ["CMD", "word"], is not read as JSON at all but taken apart at its blanks: the program is
# called ["CMD", with quotes and bracket. The text "CMD word" is what runs a single program without a shell.
#
# Seen with podman 5.4.2+ds1-2+b2 (Debian 13):
#   ["/healthz"]         -> ["CMD-SHELL","/healthz"]
#   ["/healthz","now"]   -> ["CMD","/healthz","now"]
#   ["CMD", "/healthz"]  -> ["[\"CMD\",","\"/healthz\"]"]
#   CMD /healthz         -> ["CMD","/healthz"]
# podman 6.1.1 reads the third as ["CMD","/healthz"]; the first is given to a shell there, too.
#
# Needs root, mmdebstrap and unshare. Exits with 1 if the behaviour changes.
set -euo pipefail

if [[ ${1-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf --one-file-system -- "$work"' EXIT
  tree=$work/tree
  mmdebstrap --variant=essential --include=podman,crun,jq trixie "$tree" 2>"$work/log" || {
    tail -n 20 "$work/log" >&2
    exit 1
  }
  cp -- "$0" "$tree/finding.sh"
  # A machine of its own: nothing is mounted or started on this one.
  # shellcheck disable=SC2016 # $1 is the tree
  unshare --mount --pid --net --fork --propagation private bash -euc '
    mount --bind "$1" "$1"
    cd "$1"
    mount -t proc proc proc
    mount --rbind /dev dev
    mount --rbind /sys sys
    mount -t tmpfs tmpfs run
    mkdir -p old
    pivot_root . old
    exec chroot . bash /finding.sh inside' _ "$tree"
  exit
fi

dpkg-query --show podman
# Creating needs no cgroups.
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
mkdir -p /container
number=0
status=0
# check COMMAND EXPECTED
check() {
  number=$((number + 1))
  podman --storage-driver=vfs create --quiet --network=none --name="c$number" --health-cmd="$1" --rootfs /container true >/dev/null
  local found
  found=$(podman --storage-driver=vfs inspect "c$number" | jq --compact-output '.[0].Config.Healthcheck.Test')
  printf '%-22s -> %s\n' "$1" "$found"
  [[ $found == "$2" ]] || status=1
}
check '["/healthz"]' '["CMD-SHELL","/healthz"]'
check '["/healthz","now"]' '["CMD","/healthz","now"]'
check '["CMD", "/healthz"]' '["[\"CMD\",","\"/healthz\"]"]'
check 'CMD /healthz' '["CMD","/healthz"]'
((status == 0)) || echo "the behaviour changed" >&2
exit "$status"
