#!/usr/bin/env bash
# Prints a folder that holds a Debian with the programs of the drills, and installs nothing on this machine:
#
#   debian-tree.sh bookworm   podman 4.3: containers and databases of old hosts begin here
#   debian-tree.sh trixie     podman 5.4, systemd 257
#   debian-tree.sh sid        what Debian's unstable has today
#   debian-tree.sh newest     sid, with what its experimental has of podman
#
# Made at the first use from the mirror that this machine's own apt uses, and kept in the cache folder;
# remove it there to have sid and newest as of today. Needs root and mmdebstrap.
set -euo pipefail

name=$1
case $name in
bookworm | trixie | sid) suite=$name ;;
newest) suite=sid ;;
*)
  echo "debian-tree.sh: no tree $name; there are bookworm, trixie, sid, newest" >&2
  exit 2
  ;;
esac
packages=(
  aardvark-dns bind9-dnsutils busybox-static catatonit crun curl dash dbus dbus-user-session dnsmasq-base iproute2 jq
  libcap2-bin libpam-systemd mawk mount netavark nftables passt passwd podman procps python3-minimal slirp4netns sqlite3 systemd
  systemd-resolved systemd-sysv uidmap
)
# netavark of then.
[[ $name != bookworm ]] || packages+=(iptables)
include=$(printf ',%s' "${packages[@]}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/nixgen-tests
# Another recipe makes another tree.
recipe=$(sha256sum <"$0")
tree=$cache/$name-${recipe:0:12}
mkdir -p "$cache"
exec {lock}>"$tree.lock"
flock "$lock"
if [[ ! -e $tree ]]; then
  # A tree that was not finished is not taken for one.
  temporary=$tree.tmp
  rm -rf --one-file-system -- "$temporary"
  mirror=$(sed -n 's/^URIs: *//p; s/^deb \([^[][^ ]*\) .*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -m 1 '/debian/*$') || true
  mirror=${mirror:-http://deb.debian.org/debian}
  # shellcheck disable=SC2016 # $1 is the tree, in the shell that mmdebstrap starts
  hooks=(
    # The ids of a fleet's users, 995 for one, are nobody's.
    --essential-hook='id=190
      for user in systemd-network messagebus systemd-resolve dnsmasq; do
        id=$((id + 1))
        echo "$user:x:$id:$id::/:/usr/sbin/nologin" >>"$1/etc/passwd"
        echo "$user:x:$id:" >>"$1/etc/group"
      done'
    # The drills say what resolves names.
    --customize-hook='systemctl --quiet --root="$1" disable systemd-resolved.service; rm -f "$1/etc/resolv.conf"; touch "$1/etc/resolv.conf"'
  )
  if [[ $name == newest ]]; then
    # What experimental lacks is taken from sid.
    # shellcheck disable=SC2016
    hooks+=(--setup-hook='
      printf "%s\n" "Package: podman netavark aardvark-dns golang-github-containers-common" \
        "Pin: release a=experimental" "Pin-Priority: 990" >"$1/etc/apt/preferences.d/experimental"
      echo "deb '"$mirror"' experimental main" >"$1/etc/apt/sources.list.d/experimental.list"')
  fi
  log=$tree.log
  # A mirror that lags behind is good enough, if it is signed.
  mmdebstrap --variant=essential --mode=root --include="${include#,}" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    "${hooks[@]}" "$suite" "$temporary" "$mirror" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
  }
  mv "$temporary" "$tree"
fi
echo "$tree"
