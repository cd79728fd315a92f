# Two DNS servers as in a fleet, each in a network of its own, and the outages of one of them. Read by
# bash in a sandbox (test/support/sandbox.sh), whose resolver is under test:
#
#   this host  10.9.0.1 ── 10.9.0.2  MCNS, at 192.168.88.181 and 100.95.252.120: knows the fleet's zone,
#                                    and everything else, as it asks others
#              10.9.1.1 ── 10.9.1.2  the world, at 1.1.1.1 and 8.8.8.8: has no such zone, and no names of .absent

LAN=192.168.88.181 TAILNET=100.95.252.120
ZONE=svc.mcp.metacircular.net WORLD=203.0.113.7

# network NAME NUMBER ADDRESS...: a network, and the addresses that are reached in it.
network() {
  local name=$1 number=$2 address
  shift 2
  ip netns add "$name"
  ip link add "$name" type veth peer name host netns "$name"
  ip address add "10.9.$number.1/30" dev "$name"
  ip link set "$name" up
  ip -n "$name" address add "10.9.$number.2/30" dev host
  ip -n "$name" link set host up
  ip -n "$name" link set lo up
  for address in "$@"; do
    ip -n "$name" address add "$address/32" dev lo
    ip route add "$address/32" via "10.9.$number.2"
  done
}

networks() {
  network mcns 0 "$LAN" "$TAILNET"
  network world 1 1.1.1.1 8.8.8.8
}

# wait_for ADDRESS [NETWORK]: until somebody has port 53 of the address.
wait_for() {
  local tries
  for tries in {1..100}; do
    [[ -z $(${2:+ip netns exec "$2"} ss -Hlnu "src $1 and sport = :53") ]] || return 0
    sleep 0.05
  done
  echo "nobody listens on $1 after $tries tries" >&2
  return 1
}

start_world() {
  ip netns exec world python3 /sandbox/dns_server.py /sandbox/world.log \
    .metacircular.net.=none .absent.=none ".=$WORLD" @1.1.1.1 @8.8.8.8 &
  wait_for 8.8.8.8 world
}

# start_mcns ADDRESS: MCNS, that gives this address for all names of the fleet.
start_mcns() {
  ip netns exec mcns python3 /sandbox/dns_server.py /sandbox/mcns.log \
    ".$ZONE.=$1" ".=$WORLD" "@$LAN" "@$TAILNET" &
  mcns=$!
  wait_for "$TAILNET" mcns
}

# The container is gone and its port refuses.
stop_mcns() {
  kill "$mcns"
  wait "$mcns" || true
}

# Its host is gone: what is sent there is lost without a word.
drop_packets() { ip -n mcns route add blackhole 10.9.0.1/32; }
pass_packets() { ip -n mcns route delete blackhole 10.9.0.1/32; }

lose_lan() { ip -n mcns address delete "$LAN/32" dev lo; }
find_lan() { ip -n mcns address add "$LAN/32" dev lo; }

# use_resolver NAMESERVERS: a resolv.conf as NixOS makes it.
use_resolver() {
  echo 'hosts: files dns' >/etc/nsswitch.conf
  {
    printf 'nameserver %s\n' "$@"
    cat /sandbox/resolv.conf.options
  } >/etc/resolv.conf
}

# start_dnsmasq: as NixOS's unit does, without D-Bus.
start_dnsmasq() {
  mkdir -p /var/lib/dnsmasq
  touch /etc/dnsmasq-conf.conf /etc/dnsmasq-resolv.conf
  dnsmasq --test -C /sandbox/dnsmasq.conf
  dnsmasq -k --user=root -C /sandbox/dnsmasq.conf --log-facility=/sandbox/dnsmasq.log &
  resolver=$!
  wait_for 127.0.0.1
  use_resolver 127.0.0.1 ::1
}

# As after networking.enableIPv6 = false: there is no ::1.
no_ipv6() {
  local switch=/proc/sys/net/ipv6/conf/all/disable_ipv6
  [[ ! -e $switch ]] || echo 1 >"$switch"
}

# start_resolved: as NixOS's unit does, without D-Bus; with the files of /sandbox/etc.
start_resolved() {
  rm -rf /etc/systemd/dns-delegate.d /etc/systemd/resolved.conf.d
  cp -r /sandbox/etc/systemd /etc
  mkdir -p /run/systemd/system
  install -d -o systemd-resolve -g systemd-resolve /run/systemd/resolve
  /usr/lib/systemd/systemd-resolved 2>/sandbox/resolved.log &
  resolver=$!
  wait_for 127.0.0.53
  cat /run/systemd/resolve/stub-resolv.conf >/etc/resolv.conf
  # Else podman takes systemd for PID 1.
  rmdir /run/systemd/system
  # As nss-resolve asks, which NixOS then puts before all else.
  lookup() {
    varlinkctl --json=short call /run/systemd/resolve/io.systemd.Resolve \
      io.systemd.Resolve.ResolveHostname "{\"name\": \"$1\", \"family\": 2}" 2>/dev/null |
      jq --raw-output '.addresses[0].address | map(tostring) | join(".")'
  }
}

# phase NAME: what asks says, from here on.
phase() { phase=$1; }

# lookup NAME: prints its first address, as the C library finds it; nothing where there is none.
lookup() { getent ahosts "$1" | sed 's/ .*//; q'; }

# ask NAME...: resolves names, and prints the phase, the name, the address or "-", and the milliseconds
# that it took.
ask() {
  local name from address
  for name in "$@"; do
    from=${EPOCHREALTIME/./}
    address=$(lookup "$name") || true
    printf '%s\t%s\t%s\t%d\n' "$phase" "$name" "${address:--}" $(((${EPOCHREALTIME/./} - from) / 1000))
  done
}

# Every answer so far is older than its time to live.
expire() { sleep 1.5; }
