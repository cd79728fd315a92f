#!/usr/bin/env bash
# usermod --login and subordinate ids.
#
# useradd writes a line of the new user into /etc/subuid and /etc/subgid, and userdel removes it. One would
# think that usermod --login renames it. It stays under the old name: the renamed user has no
# subordinate ids, and rootless containers do not start. usermod --add-subuids, which gives them back, takes a
# range that another user has without a word.
#
# Seen with passwd 1:4.17.4-2+deb13u1 (Debian 13): the line of boxes is still "pods:100000:65536".
#
# Needs root and mmdebstrap. Exits with 1 if the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$work"' EXIT
tree=$work/tree
mmdebstrap --variant=essential --include=passwd,uidmap trixie "$tree" 2>"$work/log" || {
  tail -n 20 "$work/log" >&2
  exit 1
}
inside() { chroot "$tree" "$@"; }
inside dpkg-query --show passwd

inside useradd pods
inside useradd alice
inside usermod --login boxes pods
renamed=$(cat "$tree/etc/subuid")
ranges=$(inside getsubids boxes 2>&1) || ranges="none: $ranges"
inside usermod --add-subuids 165536-231071 boxes
added=$(cat "$tree/etc/subuid")
printf '%s\n' "after useradd pods, useradd alice, usermod --login boxes pods:" "$renamed" \
  "getsubids boxes: $ranges" "after usermod --add-subuids 165536-231071 boxes:" "$added"
[[ $renamed == $'pods:100000:65536\nalice:165536:65536' && $ranges == "none: "* &&
  $added == "$renamed"$'\nboxes:165536:65536' ]] || {
  echo "the behaviour changed" >&2
  exit 1
}
