#!/usr/bin/env bash
# What a power cut leaves: runs the command of each fleet in FOLDER/fleets on a disk of its own, and copies
# that disk as it is at a moment, without what the kernel has not written yet. Files of the kernel's are
# written late (30 s), their names early (here 1 s). As root, in a mount namespace of its own.
#
#   unshare --mount power-cut.sh FOLDER PROGRAM    leaves FOLDER/at-once and FOLDER/later
set -euo pipefail
cd "$1"
mkdir disk cut at-once later
truncate --size 64M disk.img
mkfs.ext4 -q disk.img
mount -o loop,commit=1 disk.img disk
for fleet in fleets/*; do cp -a "$fleet/source" "disk/${fleet##*/}"; done
sync --file-system disk
for fleet in fleets/*; do
  argv=$(cat "$fleet/argv")
  (cd "disk/${fleet##*/}" && eval "node '$2' $argv") >/dev/null 2>&1
done
cp disk.img at-once.img
sleep 3
cp disk.img later.img
umount disk
for moment in at-once later; do
  mount -o loop "$moment.img" cut
  rmdir cut/lost+found
  cp -a cut/. "$moment"
  umount cut
  rm "$moment.img"
done
