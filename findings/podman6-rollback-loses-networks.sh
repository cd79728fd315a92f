#!/usr/bin/env bash
# Back from podman 6 to podman 5: containers lose the networks that podman 6 made them with.
#
# podman 5 opens the database of podman 6 without a word, and lists and starts the containers that podman 6 made. Those
# on a bridge network (--network inner, and root's default one) still have mode bridge, but no network: they run, and
# have neither an address nor a loopback interface that is up. The networks themselves are still there. One expects
# the network, or an error. Rootless containers on their default network (pasta) are not concerned. Back on podman 6
# the networks are there again.
#
# Seen on 2026-12-01 with podman 6.1.1 (Debian experimental), then 5.4.2 (Debian 13).
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
  done
  mkdir "$work/containers" "$work/networks"
  for suite in sid trixie sid; do
    tree=$work/$suite
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
      for folder in run tmp var/tmp; do mkdir -p "$folder"; mount -t tmpfs tmpfs "$folder"; done
      mkdir -p old var/lib/containers etc/containers/networks
      mount --bind "$3/containers" var/lib/containers
      mount --bind "$3/networks" etc/containers/networks
      pivot_root . old
      exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root bash /finding.sh inside "$2"' _ "$tree" "$suite" "$work" || status=1
  done
  exit "$status"
fi

suite=$2
dpkg-query --show podman netavark
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
podman() { command podman --storage-driver=vfs --cgroup-manager=cgroupfs --events-backend=file "$@"; }
# made NAME NETWORK: a container that waits.
made() {
  podman create --cgroups=disabled --log-driver=k8s-file --name "$1" --network "$2" localhost/busybox busybox sleep 1000 >/dev/null
}
# state NAME: its networks and addresses once it runs.
state() {
  podman start "$1" >/dev/null
  podman inspect --format '{{.State.Status}}, mode {{.HostConfig.NetworkMode}}, networks:{{range $name, $_ := .NetworkSettings.Networks}} {{$name}}{{end}}' "$1"
  podman exec "$1" busybox ip -4 -o address | sed -n 's/.* inet \([0-9.]*\).*/  address \1/p'
  podman stop --time 0 "$1" >/dev/null
}
if ! podman container exists one; then
  mkdir -p /tmp/image/bin
  cp /usr/bin/busybox /tmp/image/bin/busybox
  tar -C /tmp/image -c . | podman import --quiet - localhost/busybox >/dev/null
  podman network create inner >/dev/null
  made one podman
  made two inner
fi
echo "there are the networks $(podman network ls --format '{{.Name}}' | sort | tr '\n' ' ')"
for pair in one:podman two:inner; do
  was=$(state "${pair%:*}")
  echo "made on ${pair#*:}: $was"
  case $suite in
  sid) expected="running, mode bridge, networks: ${pair#*:}
  address 127.0.0.1
  address 10.*" ;;
  *) expected="running, mode bridge, networks:" ;;
  esac
  # shellcheck disable=SC2053 # a pattern
  [[ $was == $expected ]] || {
    echo "the behaviour changed" >&2
    exit 1
  }
done
