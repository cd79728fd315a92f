#!/usr/bin/env bash
# systemd-nspawn --private-users=pick (-U, the default of systemd-nspawn@.service) and /etc/subuid.
#
# nspawn takes 65536 ids from 524288 to 1879048191 that nobody has. One would think that it leaves ranges
# alone that /etc/subuid and /etc/subgid delegate to a user. It looks at users and groups only: the
# container gets the very ids that the user's rootless containers have.
#
# Seen with systemd 257.13-1~deb13u1 (Debian 13): a container named m1 gets 1843462144, which is pods'.
#
# Needs root, mmdebstrap and unshare. Exits with 1 if the behaviour changes.
set -euo pipefail

if [[ ${1-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf --one-file-system -- "$work"' EXIT
  tree=$work/tree
  mmdebstrap --variant=essential --include=systemd-container,passwd trixie "$tree" 2>"$work/log" || {
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

dpkg-query --show systemd-container
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
useradd --system pods
mkdir -p /machine /run/systemd/nspawn
mount -t tmpfs tmpfs /machine
cp -a /usr /etc /machine
rm /machine/etc/machine-id
for link in bin lib lib64 sbin; do [[ ! -L /$link ]] || cp -a "/$link" /machine; done

# The first id of the range that a container named m1 gets.
picked() {
  systemd-nspawn --quiet --register=no --keep-unit --directory=/machine --machine=m1 \
    --private-users=pick --private-users-ownership=map --pipe cat /proc/self/uid_map |
    awk '{ print $2 }'
}
before=$(picked)
echo "pods:$before:65536" | tee /etc/subuid >/etc/subgid
after=$(picked)
echo "m1 gets $before; once /etc/subuid says $(cat /etc/subuid), m1 gets $after"
[[ $before -ge 524288 && $after == "$before" ]] || {
  echo "the behaviour changed" >&2
  exit 1
}
