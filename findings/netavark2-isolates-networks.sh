#!/usr/bin/env bash
# netavark 2: podman networks that were made without options are isolated from each other.
#
# With netavark 1 a container of one bridge network reaches the containers of another one by their addresses; whoever
# wants it otherwise says `podman network create --opt isolate=true`. With netavark 2 nothing answers, also between
# networks whose files an older podman wrote: packets are dropped, so the caller waits until its own time-out, and podman
# says nothing. `--opt isolate=false` brings the old behaviour back.
#
# Seen on 2026-12-01 with podman 6.1.1 and netavark 2.0.0 (Debian experimental), beside podman 5.4.2 and netavark 1.14.0
# (Debian 13).
#
# Needs root, mmdebstrap, unshare and a Debian mirror. Exits with 1 if that is not what happens.
set -euo pipefail

if [[ ${1-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf --one-file-system -- "$work"' EXIT
  mirror=$(sed -n 's/^URIs: *//p; s/^deb \([^[][^ ]*\) .*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -m 1 '/debian/*$') || true
  mirror=${mirror:-http://deb.debian.org/debian}
  # shellcheck disable=SC2016 # $1 is the tree, in the shell that mmdebstrap starts
  experimental='printf "%s\n" "Package: podman netavark aardvark-dns golang-github-containers-common" \
      "Pin: release a=experimental" "Pin-Priority: 990" >"$1/etc/apt/preferences.d/experimental"
    echo "deb '"$mirror"' experimental main" >"$1/etc/apt/sources.list.d/experimental.list"'
  status=0
  for suite in trixie sid; do
    tree=$work/$suite
    hooks=()
    [[ $suite == trixie ]] || hooks=(--setup-hook="$experimental")
    mmdebstrap --variant=essential --mode=root --aptopt='APT::Install-Recommends "false"' \
      --aptopt='Acquire::Check-Valid-Until "false"' --include=podman,netavark,aardvark-dns,crun,nftables,iproute2,busybox-static \
      "${hooks[@]}" "$suite" "$tree" "$mirror" 2>"$work/log" || {
      tail -n 20 "$work/log" >&2
      exit 1
    }
    cp -- "$0" "$tree/finding.sh"
    # A machine of its own: nothing is mounted or started on this one.
    # shellcheck disable=SC2016 # $1 is the tree
    unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child --propagation private bash -euc '
      mount --bind "$1" "$1"
      cd "$1"
      mount -t proc proc proc
      mount -t sysfs sysfs sys
      mount -t cgroup2 cgroup2 sys/fs/cgroup
      mount --rbind /dev dev
      mount -t tmpfs tmpfs dev/shm
      for folder in run tmp var/lib/containers var/tmp; do mkdir -p "$folder"; mount -t tmpfs tmpfs "$folder"; done
      mkdir -p old
      pivot_root . old
      exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root bash /finding.sh inside "$2"' _ "$tree" "$suite" || status=1
  done
  exit "$status"
fi

suite=$2
dpkg-query --show podman netavark
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
mkdir -p /tmp/image/bin /etc/containers
cp /usr/bin/busybox /tmp/image/bin/busybox
tar -C /tmp/image -c . | podman --storage-driver=vfs import --quiet - localhost/busybox >/dev/null
# run NETWORK NAME COMMAND...: starts a container, without what would need more than namespaces.
run() {
  podman --storage-driver=vfs --cgroup-manager=cgroupfs --events-backend=file run --cgroups=disabled --log-driver=k8s-file \
    --network "$1" --name "$2" --rm "${@:3}"
}

# answers NETWORKS OPTION...: whether a container of a second network, made with the same options, reaches one of the first.
answers() {
  local name=$1 address
  shift
  podman --storage-driver=vfs network create "$@" "$name-1" >/dev/null
  podman --storage-driver=vfs network create "$@" "$name-2" >/dev/null
  run "$name-1" "$name-server" --detach localhost/busybox busybox httpd -f -p 80 -h /bin >/dev/null
  address=$(podman --storage-driver=vfs inspect --format "{{(index .NetworkSettings.Networks \"$name-1\").IPAddress}}" "$name-server")
  run "$name-1" "$name-near" localhost/busybox busybox wget -T 5 -q -O /dev/null "http://$address/busybox"
  if run "$name-2" "$name-far" localhost/busybox busybox wget -T 5 -q -O /dev/null "http://$address/busybox" 2>/dev/null; then
    echo "answers"
  else
    echo "does not answer"
  fi
  podman --storage-driver=vfs --cgroup-manager=cgroupfs rm --force --time 0 "$name-server" >/dev/null
}

plain=$(answers plain)
open=$(answers open --opt isolate=false)
echo "without options, the other network's container $plain; with isolate=false it $open"
expected='does not answer'
[[ $suite == sid ]] || expected=answers
[[ $plain == "$expected" && $open == answers ]] || {
  echo "the behaviour changed" >&2
  exit 1
}
