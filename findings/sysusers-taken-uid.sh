#!/usr/bin/env bash
# systemd-sysusers and a pinned uid that somebody else has.
#
# A line "u mcp 850" of sysusers.d pins the uid of mcp. One would think that where 850 is taken, no user is made
# and the command fails. Instead the user is made with the first free id from 999 downward; the status is 0.
# If the user is there already with another uid, nothing is said at all.
#
# Seen with systemd 257.13-1~deb13u1 (Debian 13) and 262.1-1 (unstable):
#   Suggested user ID 850 for mcp already used.
#   Creating user 'mcp' (n/a) with UID 999 and GID 999.
#
# Needs root and mmdebstrap. Exits with 1 if the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$work"' EXIT
tree=$work/tree
mmdebstrap --variant=essential --include=systemd trixie "$tree" 2>"$work/log" || {
  tail -n 20 "$work/log" >&2
  exit 1
}
chroot "$tree" dpkg-query --show systemd

# case_of LINE_OF_PASSWD: what becomes of mcp on a system that has such a user.
case_of() {
  local root=$tree/system
  rm -rf -- "$root"
  mkdir -p "$root/etc/sysusers.d"
  echo "u mcp 850" >"$root/etc/sysusers.d/mcp.conf"
  printf '%s\n' root:x:0:0::/root:/bin/sh "$1" >"$root/etc/passwd"
  printf '%s\n' root:x:0: "${1%%:*}:x:$(cut -d : -f 3 <<<"$1"):" >"$root/etc/group"
  local status=0
  chroot "$tree" systemd-sysusers --root=/system mcp.conf || status=$?
  echo "status $status, $(grep '^mcp:' "$root/etc/passwd" | cut -d : -f 1,3,4)"
}

taken=$(case_of "sshd:x:850:850::/:/bin/sh")
there=$(case_of "mcp:x:995:995::/:/bin/sh")
echo "850 is sshd's:     $taken"
echo "mcp is there, 995: $there"
[[ $taken == "status 0, mcp:999:999" && $there == "status 0, mcp:995:995" ]] || {
  echo "the behaviour changed" >&2
  exit 1
}
