#!/usr/bin/env bash
# Sourced in a sandbox whose root is a Debian tree (machine.ts): a machine that is set up as its host's NixOS
# would be, and can be booted, told what to do, rebooted, and cut off from power. What must outlast a
# boot is in memory, and goes with the sandbox.

# Cut off from any registry: what is to be started is here. It cannot lie on an overlay.
image_store=/home/images

# set_up USER UID GID HOME SUB_START SUB_COUNT LAN VPN: once, before the first boot. LAN and VPN are
# addresses of the host.
set_up() {
  local user=$1 uid=$2 gid=$3 home=$4 sub_start=$5 sub_count=$6 lan=$7 vpn=$8 unit
  echo "$user:x:$uid:$gid::$home:/usr/sbin/nologin" >>/etc/passwd
  echo "$user:!:19000::::::" >>/etc/shadow
  echo "$user:x:$gid:" >>/etc/group
  echo "$user:$sub_start:$sub_count" | tee /etc/subuid >/etc/subgid
  install -d -m 700 -o "$user" -g "$user" "$home" "$home/.config" "$home/.config/containers"
  printf '%s\n' '[storage]' 'driver = "overlay"' '[storage.options]' "additionalimagestores = [ \"$image_store\" ]" \
    >"$home/.config/containers/storage.conf"
  mkdir -p /var/lib/systemd/linger
  touch "/var/lib/systemd/linger/$user"
  cp -a /sandbox/rootfs/. /

  # As a host with a LAN that has the default route, and a VPN.
  ip link add eth0 type veth peer name uplink
  ip tuntap add vpn mode tun
  ip link set eth0 up
  ip link set uplink up
  ip link set vpn up
  ip address add "$lan/24" dev eth0
  ip address add "$vpn/32" dev vpn
  ip route add default via "${lan%.*}.1"

  # What would reach out of the namespaces, or only takes time.
  for unit in apt-daily.timer apt-daily-upgrade.timer console-getty.service dpkg-db-backup.timer e2scrub_all.timer \
    getty.target ldconfig.service netavark-dhcp-proxy.socket podman.service podman.socket podman-auto-update.timer \
    podman-auto-update.service podman-restart.service podman-clean-transient.service systemd-binfmt.service \
    systemd-hwdb-update.service systemd-journal-catalog-update.service systemd-modules-load.service \
    systemd-random-seed.service systemd-sysctl.service systemd-sysusers.service systemd-tmpfiles-clean.timer \
    systemd-udevd.service systemd-udev-trigger.service systemd-update-done.service \
    systemd-update-utmp.service; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
  done
  printf '%s\n' '[Journal]' 'Storage=volatile' 'ForwardToSyslog=no' 'RateLimitBurst=0' >/etc/systemd/journald.conf
  systemd-machine-id-setup >/dev/null 2>&1

  # Where NixOS has newuidmap and newgidmap, and nowhere else.
  mkdir -p /wrappers/bin
  mv /usr/bin/newuidmap /usr/bin/newgidmap /wrappers/bin
  echo 'L /run/wrappers - - - - /wrappers' >/etc/tmpfiles.d/wrappers.conf
  # The cgroups here have no controllers.
  mkdir -p /etc/containers
  printf '%s\n' '[containers]' 'pids_limit = 0' >/etc/containers/containers.conf
  packages bash:bash coreutils:coreutils findutils:findutils gnugrep:grep gnused:sed systemd:systemd dnsutils:bind9-dnsutils
  # The package of NixOS brings along what podman itself calls.
  mkdir -p /packages/podman/bin
  printf '%s\n' '#!/bin/sh' "PATH=\$PATH:/usr/bin:/usr/sbin exec /usr/bin/podman \"\$@\"" >/packages/podman/bin/podman
  chmod +x /packages/podman/bin/podman
}

# packages NIX:DEBIAN...: /packages/NIX/bin has the programs of a package, for the units that name it.
packages() {
  local pair nix path
  for pair in "$@"; do
    nix=${pair%:*}
    mkdir -p "/packages/$nix/bin"
    dpkg-query --listfiles "${pair#*:}" | grep -E '^(/usr)?/s?bin/[^/]+$' | while read -r path; do
      ln -sf "$path" "/packages/$nix/bin/"
    done
  done
}

# add_images NAME...: an image that has nothing but perl and the server, under these names. Every user
# of the machine finds it; no podman of the user has been called yet when the machine boots first.
add_images() {
  local image=/tmp/image name
  mkdir -p "$image/bin" "$image/lib64" "$image/tmp"
  # shellcheck disable=SC2046 # paths of Debian's own
  tar -C / -ch usr/bin/perl usr/lib/x86_64-linux-gnu/perl-base \
    $(ldd /usr/bin/perl | grep -o '/lib[^ ]*' | cut -c2-) | tar -C "$image" -x
  cp /sandbox/server.pl "$image/bin/server"
  chmod +x "$image/bin/server"
  tar -C "$image" -cf /tmp/image.tar .
  podman --root "$image_store" --runroot /run/images import --quiet --change 'ENV PATH=/bin' /tmp/image.tar "$1" >/dev/null
  for name in "${@:2}"; do
    podman --root "$image_store" --runroot /run/images tag "$1" "$name"
  done
  chmod -R a+rX "$image_store"
}

boots=0
# boot: returns when systemd has nothing more to start.
boot() {
  power_on
  # degraded is an end too
  machine systemctl is-system-running --wait >/dev/null || true
}

# power_on: returns when systemd can be told what to do.
power_on() {
  local cgroup
  boots=$((boots + 1))
  cgroup=/sys/fs/cgroup/boot-$boots
  mkdir "$cgroup"
  (
    echo 0 >"$cgroup/cgroup.procs"
    exec unshare --mount --pid --cgroup --ipc --fork --kill-child --propagation private \
      env -i container=nixgen PATH="$PATH" bash /sandbox/init.sh
  ) &
  power=$!
  until init=$(cat "/proc/$power/task/$power/children" 2>/dev/null) && [[ -n $init ]] &&
    machine test -S /run/systemd/private 2>/dev/null; do
    kill -0 "$power"
    sleep 0.1
  done
}

# machine COMMAND...: runs a command as root on the machine.
machine() { nsenter --target "${init% }" --mount --pid --ipc --cgroup -- "$@"; }

# observe: writes down what came of this boot.
observe() {
  machine journalctl --output json --no-pager >"/sandbox/boot-$boots.json"
}

# reboot: as an operator does. cut_power: as a power cut does, after which nothing runs.
reboot() {
  observe
  machine systemctl reboot
  wait "$power" || true
  boot
}
cut_power() {
  observe
  kill -KILL "${init% }"
  wait "$power" || true
}

# become NAME: another configuration is installed, with the same units; rootfs is the one of the beginning.
become() { cp -a "/sandbox/$1/." /; }
