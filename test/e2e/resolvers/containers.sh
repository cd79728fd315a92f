# Containers on the host of outages.sh, and programs in them that resolve names. Read after outages.sh.

# start_containers: those that /sandbox/commands.sh makes, of an image that has the two programs of probe.c. Sets
# pid_NAME for each.
start_containers() {
  local name
  # pasta takes the interface of the default route.
  ip route add default via 10.9.1.2
  chmod 755 /sandbox
  add_user mcp 850
  mkdir -p /tmp/probe/bin /tmp/probe/tmp
  cp "$(command -v busybox)" /tmp/probe/bin/busybox
  ln -s busybox /tmp/probe/bin/sh
  chmod +x /sandbox/probe-*
  cp /sandbox/probe-* /tmp/probe/bin
  tar -C /tmp/probe -c . | as mcp podman import --quiet - localhost/probe:v1 >/dev/null
  as mcp bash /sandbox/commands.sh >/dev/null
  for name in $(as mcp podman ps --format '{{.Names}}'); do
    declare -g "pid_${name//-/_}=$(as mcp podman inspect --format '{{.State.Pid}}' "$name")"
  done
  # As a program does that is linked with $libc, on the host or in the container $place.
  lookup() {
    local pid=pid_${place//-/_}
    if [[ $place == host ]]; then
      "/sandbox/probe-$libc" "$1"
    else
      nsenter --target "${!pid}" --net --mount "/bin/probe-$libc" "$1"
    fi
  }
}

# everywhere NAME...: asks for the names on the host and in two containers, with both C libraries. % in a name is
# another word each time, so that no cache knows it.
everywhere() {
  local place libc name named=$phase
  for place in host probe-alone probe-inner; do
    for libc in glibc musl; do
      phase="$named $place $libc"
      for name in "$@"; do ask "${name//%/$place-$libc}"; done
    done
  done
  phase=$named
}

# The host's own resolver is gone for a moment, as when it is restarted.
stop_resolver() {
  kill "$resolver"
  wait "$resolver" || true
}
