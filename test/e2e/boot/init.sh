#!/usr/bin/env bash
# The first process of a boot: mounts what is new with each one, and becomes systemd.
set -eu
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
# systemd raises limits of the kernel, which are the whole machine's: only those of the network may be
# written. A user namespace may have a /proc only where there is one with nothing mounted on it.
mkdir -p /run/host/proc
mount -t proc proc /run/host/proc
mount --bind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
mount --make-rshared /
exec /usr/lib/systemd/systemd --system --log-target=journal
