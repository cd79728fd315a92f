#!/usr/bin/env bash
# Runs a script of bash as PID 1 of a machine of its own: the root of this one under an overlay in
# memory, with its own processes, network, /run, /tmp, /home, /srv and host name. Everything goes when
# the script ends, or this one is killed, and nothing of this machine is changed. Needs root.
#
#   sandbox.sh FOLDER [TREE]    runs FOLDER/main.sh; FOLDER is /sandbox there, and can be written
#   sandbox.sh --try [TREE]     succeeds where that can be done
#
# With a TREE, that is the root below the overlay, and there are cgroups that can be written: what a
# systemd needs.
set -euo pipefail

enter() {
  local folder=$1 root=$2 lower=${3:-/} cgroups=ro
  [[ $lower == / ]] || cgroups=rw
  # The upper layer must not lie on an overlay itself, as the root of a container does.
  mount -t tmpfs tmpfs "$root"
  mkdir "$root/upper" "$root/work" "$root/root"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$root/upper,workdir=$root/work" "$root/root"
  root+=/root
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 -o "$cgroups" cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/net"
  mknod -m 666 "$root/dev/null" c 1 3
  mknod -m 666 "$root/dev/zero" c 1 5
  mknod -m 666 "$root/dev/full" c 1 7
  mknod -m 666 "$root/dev/random" c 1 8
  mknod -m 666 "$root/dev/urandom" c 1 9
  mknod -m 666 "$root/dev/tty" c 5 0
  mknod -m 666 "$root/dev/net/tun" c 10 200
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  # podman keeps its layers here, which cannot lie on an overlay.
  mount -t tmpfs -o mode=755 tmpfs "$root/home"
  mount -t tmpfs -o mode=755 tmpfs "$root/srv"
  mkdir "$root/run/user" "$root/sandbox" "$root/old"
  mount --bind "$folder" "$root/sandbox"
  ip link set lo up
  hostname sandbox
  cd "$root"
  pivot_root . old
  umount -l /old
  mount --make-rshared /
  cd /
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    BASH_ENV=/sandbox/prelude.sh bash --norc /sandbox/main.sh
}

# Ends with what started it: a killed test leaves nothing behind.
if [[ $1 != --held && $1 != --enter ]]; then
  exec setpriv --pdeathsig KILL "$0" --held "$@"
fi
if [[ $1 == --enter ]]; then
  enter "${@:2}"
fi
shift
tree=${2-}
# What is mounted in the sandbox is not mounted here: these folders stay empty, or hold two files.
mountpoint=$(mktemp -d)
try=
cgroup=
if [[ $1 == --try ]]; then
  try=$(mktemp -d)
  echo true >"$try/main.sh"
fi
folder=$(realpath "${try:-$1}")
if [[ -n $tree ]]; then
  cgroup=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/${mountpoint##*/}
  mkdir "$cgroup"
fi
# Tidies up when nobody has the other end of its pipe any more, however that came.
exec {alive}> >(
  exec >/dev/null 2>&1
  trap '' HUP INT TERM
  cat
  rmdir -- "$mountpoint"
  if [[ -n $try ]]; then
    rm -- "$try"/{main,prelude}.sh
    rmdir -- "$try"
  fi
  # What was killed leaves its cgroup a moment later.
  for _ in {1..50}; do
    [[ -d $cgroup ]] || break
    find "$cgroup" -depth -type d -exec rmdir {} + || sleep 0.1
  done
)
tidy=$!
cat >"$folder/prelude.sh" <<'PRELUDE'
# add_user NAME UID: a user with a group, subordinate ids, a home and /run/user/UID, and with a podman
# that asks nothing of cgroups and of the journal.
add_user() {
  local name=$1 uid=$2 home=/home/$1
  echo "$name:x:$uid:$uid::$home:/bin/sh" >>/etc/passwd
  echo "$name:*:19000::::::" >>/etc/shadow
  echo "$name:x:$uid:" >>/etc/group
  echo "$name:$((100000 + uid * 65536)):65536" | tee -a /etc/subuid >>/etc/subgid
  mkdir -p "$home/.config/containers" "/run/user/$uid"
  printf '[storage]\ndriver = "vfs"\n' >"$home/.config/containers/storage.conf"
  cat >"$home/.config/containers/containers.conf" <<'END'
[containers]
cgroups = "disabled"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
END
  chown -R "$uid:$uid" "$home" "/run/user/$uid"
  chmod 700 "/run/user/$uid"
}

# as NAME COMMAND...: runs it as a user, as a login would.
as() {
  local name=$1 entry uid gid home
  shift
  entry=$(grep "^$name:" /etc/passwd)
  IFS=: read -r _ _ uid gid _ home _ <<<"$entry"
  (
    cd /
    exec setpriv --reuid="$uid" --regid="$gid" --clear-groups env -i PATH="$PATH" HOME="$home" \
      USER="$name" LOGNAME="$name" XDG_RUNTIME_DIR="/run/user/$uid" "$@"
  )
}

# add_image USER NAME: an image that has busybox and nothing else.
add_image() {
  mkdir -p /tmp/image/bin
  cp "$(command -v busybox)" /tmp/image/bin/busybox
  ln -sf busybox /tmp/image/bin/sh
  tar -C /tmp/image -c . | as "$1" podman import --quiet - "$2" >/dev/null
}
PRELUDE
status=0
(
  [[ -z $cgroup ]] || echo 0 >"$cgroup/cgroup.procs"
  exec setpriv --pdeathsig KILL \
    unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child --propagation private \
    "$0" --enter "$folder" "$mountpoint" "$tree"
) || status=$?
exec {alive}>&-
wait "$tidy" || true
exit "$status"
