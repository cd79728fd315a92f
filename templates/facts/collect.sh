#!/bin/sh
# Prints what a host really has, as the facts/<host>.json of nixgen:
#
#   ssh HOST sh -s < <(nixgen facts script) > facts/HOST.json
#   ssh HOST sh -s -- --with-env NAME < <(nixgen facts script) > facts/NAME.json
#
# NAME is the host's name in nixgen.toml, where it differs from its own. --with-env keeps the values
# of the containers' environment variables, their command lines and all else that podman says of them:
# secrets as well.
#
# It needs a POSIX shell, awk, find, stat and the like, of GNU or busybox. As root it sees the podman of
# every user, else only its own. It writes no file, not even a temporary one (so no here-documents,
# which some shells write to /tmp), asks nothing, and does not wait for what does not answer. What could
# not be collected is left out. What it reads was named by others: names reach a command only as an
# argument of their own, and the output only through json() below.
set -uf
export LC_ALL=C
export PATH="/run/wrappers/bin:$PATH:/run/current-system/sw/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Folders and answers that are slower than this (seconds) are left out.
patience=20

# What is kept of /srv, and looked at for it.
srv_kept=2000
srv_seen=50000

# For every awk: the functions that make JSON. Records are bytes, for the locale is C.
json='
BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }

# A string in quotes. What is not UTF-8 becomes U+FFFD, as browsers do it: one for each sequence that
# breaks off.
function json(text,    at, length_, out, byte, rest, low, high, bytes) {
  # In the patterns of busybox, line breaks are no characters, and brackets have no escapes in them.
  if (text !~ /[^ !#-Z^-~]/ && !index(text, "\n")) return "\"" text "\""
  length_ = length(text)
  for (at = 1; at <= length_; at++) {
    bytes = substr(text, at, 1)
    byte = code[bytes]
    if (byte < 32 || byte == 34 || byte == 92) { out = out sprintf("\\u%04x", byte); continue }
    if (byte < 128) { out = out bytes; continue }
    # How many bytes must follow, and what the next one may be: neither a longer form than needed,
    # nor a surrogate, nor beyond U+10FFFF.
    low = byte == 224 ? 160 : byte == 240 ? 144 : 128
    high = byte == 237 ? 159 : byte == 244 ? 143 : 191
    rest = byte < 194 ? -1 : byte < 224 ? 1 : byte < 240 ? 2 : byte < 245 ? 3 : -1
    while (rest > 0 && at < length_) {
      byte = code[substr(text, at + 1, 1)]
      if (byte < low || byte > high) break
      low = 128; high = 191
      bytes = bytes substr(text, ++at, 1)
      rest--
    }
    out = out (rest == 0 ? bytes : "\357\277\275")
  }
  return "\"" out "\""
}

# Whether a text is a uid or gid, and how JSON has it: without leading zeros.
function isId(text) { return text ~ /^[0-9]+$/ && text + 0 <= 4294967294 }
function number(text) { return sprintf("%.0f", text + 0) }

# The words of a text as an array.
function words(text,    count, list, i, out) {
  count = split(text, list, " ")
  for (i = 1; i <= count; i++) out = out (i > 1 ? ", " : "") json(list[i])
  return "[" out "]"
}
'

# has PROGRAM
has() {
  command -v "$1" >/dev/null 2>&1
}

# limit COMMAND...: runs a program, but not for ever.
if timeout -k 1 1 true 2>/dev/null; then
  limit() { timeout -k 5 "$patience" "$@"; }
elif timeout 1 true 2>/dev/null; then
  limit() { timeout "$patience" "$@"; }
else
  limit() { "$@"; }
fi

# text FILE: what a file holds, without NUL, which not every awk can read. Fails where it is no file.
text() {
  [ -f "$1" ] && [ -r "$1" ] && tr '\000' '\377' <"$1"
}

# array INDENT: the lines, each of them JSON, as an array.
array() {
  awk -v indent="$1" '
    NF { printf "%s\n%s  %s", count++ ? "," : "[", indent, $0 }
    END { if (count) printf "\n%s]", indent; else printf "[]" }'
}

# section KEY COMMAND...: a key with what a command prints. Where it fails, the key is left out.
section() {
  key=$1
  shift
  value=$("$@" 2>/dev/null) && [ -n "$value" ] && printf ',\n  "%s": %s' "$key" "$value"
}

# list COMMAND...: the lines that it prints, as an array.
list() {
  lines=$("$@") && printf '%s\n' "$lines" | array '  '
}

passwd() {
  lines=$(text /etc/passwd) && printf '%s\n' "$lines" | awk -F: "$json"'
    $1 != "" && $1 !~ /^[-+#]/ && isId($3) && isId($4) {
      printf "{ \"name\": %s, \"uid\": %s, \"gid\": %s", json($1), number($3), number($4)
      if ($6 != "") printf ", \"home\": %s", json($6)
      if ($7 != "") printf ", \"shell\": %s", json($7)
      print " }"
    }'
}

group() {
  lines=$(text /etc/group) && printf '%s\n' "$lines" | awk -F: "$json"'
    $1 != "" && $1 !~ /^[-+#]/ && isId($3) {
      printf "{ \"name\": %s, \"gid\": %s", json($1), number($3)
      gsub(/,/, " ", $4)
      if ($4 ~ /[^ ]/) printf ", \"members\": %s", words($4)
      print " }"
    }'
}

# Whether subordinate ids come from somewhere else than the files (nsswitch.conf(5), since shadow 4.9).
other_sub_ids() {
  text /etc/nsswitch.conf | grep -E '^[[:blank:]]*subid:' | grep -Eqv ':[[:blank:]]*(files[[:blank:]]*)?(#.*)?$'
}

# range_owners FILE: the users who may have a range there. A file names them by name or uid.
range_owners() {
  if other_sub_ids; then everybody=1; else everybody=0; fi
  {
    text "$1" | sed 's/^/range:/'
    text /etc/passwd | sed 's/^/user:/'
  } | awk -F: -v everybody="$everybody" "$json"'
    $1 == "range" { named[$2] = 1; next }
    $2 != "" && $2 !~ /^[-+#]/ && isId($4) && !($2 in seen) &&
      (everybody || $2 in named || (number($4)) in named) { seen[$2] = 1; print $2 }'
}

# sub_ids FILE [OPTION]: the ranges that newuidmap and newgidmap go by. getsubids knows what this
# version of them makes of the file; without it, the file is read by the same rules.
sub_ids() {
  text "$1" >/dev/null || other_sub_ids || return 1
  if has getsubids; then
    range_owners "$1" | while IFS= read -r owner; do
      # shellcheck disable=SC2086  # Without an option there is no word.
      limit getsubids ${2-} "$owner"
    done | awk "$json"'
      $1 ~ /^[0-9]+:$/ && isId($3) && isId($4) {
        printf "{ \"name\": %s, \"start\": %s, \"count\": %s }\n", json($2), number($3), number($4)
      }'
  else
    text "$1" | awk -F: "$json$strtoul"'
      $1 != "" && $1 !~ /^#/ && NF == 3 && isId(strtoul($2)) && isId(strtoul($3)) {
        printf "{ \"name\": %s, \"start\": %s, \"count\": %s }\n", json($1), strtoul($2), strtoul($3)
      }'
  fi
}

# For awk: a number as strtoul(3) reads it in base 0; nothing where it reads none.
strtoul='
function strtoul(text,    base, digit, value) {
  if (text !~ /^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/) return ""
  base = text ~ /^0[xX]/ ? 16 : text ~ /^0/ ? 8 : 10
  text = tolower(substr(text, base == 16 ? 3 : 1))
  for (digit = 1; digit <= length(text); digit++)
    value = value * base + index("123456789abcdef", substr(text, digit, 1))
  return number(value)
}
'

# The lines of the files that mean something else than they seem to, or nothing.
sub_id_faults() {
  for name in subuid subgid; do
    [ -s "/etc/$name" ] || continue
    terminated=1
    [ -z "$(tail -c 1 "/etc/$name" | tr '\000' '\377')" ] || terminated=0
    text "/etc/$name" | awk -F: -v file="$name" -v terminated="$terminated" "$json$strtoul"'
      function say(fault, line) {
        if (++said <= 100) printf "{ \"file\": \"%s\", \"line\": %d, \"fault\": \"%s\" }\n", file, line, fault
      }
      /^[ \t]*(#|$)/ { next }
      NF != 3 || $1 == "" { say("fields", NR); next }
      !isId(strtoul($2)) || !isId(strtoul($3)) || strtoul($3) == 0 { say("number", NR); next }
      $2 ~ /^0./ || $3 ~ /^0./ { say("octal", NR) }
      END { if (!terminated) say("unterminated", NR) }'
  done
}

# How the ranges were read.
sub_ids_reading() {
  [ -f /etc/subuid ] || [ -f /etc/subgid ] || other_sub_ids || return 1
  if has getsubids; then by=getsubids; else by=script; fi
  printf '{ "read_by": "%s", "faults": %s }' "$by" "$(sub_id_faults | array '  ')"
}

# nixos_map FILE: names and ids as NixOS keeps them, in order; nothing where the file is anything else.
nixos_map() {
  pair='"[A-Za-z0-9_.$-]+":"?[0-9]{1,10}"?'
  map=$(text "$1" | tr -d ' \t\n') || return 1
  printf '%s\n' "$map" | grep -Eqx "\{($pair(,$pair)*)?\}" || return 1
  printf '%s\n' "$map" | tr -d '{}' | tr ',' '\n' | sort -u | awk -F'"' '
    NF { printf "%s\n    \"%s\": %s", count++ ? "," : "{", $2, substr($3, 2) $4 }
    END { if (count) printf "\n  }"; else printf "{}" }'
}

# What networking.firewall of NixOS lets in, as the emitted module wrote it down; nothing where the file
# is anything else.
firewall() {
  port='[1-9][0-9]{0,4}'
  ports="\\[($port(,$port)*)?\\]"
  range="\\{\"from\":$port,\"to\":$port\\}"
  ranges="\\[($range(,$range)*)?\\]"
  open="\\{\"tcp\":$ports,\"tcp_ranges\":$ranges,\"udp\":$ports,\"udp_ranges\":$ranges\\}"
  name='"[A-Za-z0-9_.:@*+-]{1,15}"'
  lines=$(text /etc/nixgen/firewall.json) && [ "$(printf '%s\n' "$lines" | wc -l)" -eq 1 ] || return 1
  printf '%s\n' "$lines" | grep -Ex "\\{\"enable\":(true|false),\"interfaces\":\\{($name:$open(,$name:$open)*)?\\},\"open\":$open,\"rules\":(true|false),\"trusted\":\\[($name(,$name)*)?\\]\\}"
}

os_release() {
  file=/etc/os-release
  [ -f "$file" ] || file=/usr/lib/os-release
  lines=$(text "$file") && printf '%s\n' "$lines" | awk "$json"'
    /^(ID|VERSION_ID)=/ {
      key = $0 ~ /^ID/ ? "id" : "version"
      sub(/^[A-Z_]*=/, "")
      if ($0 ~ /^".*"$/ || $0 ~ /^\047.*\047$/) $0 = substr($0, 2, length($0) - 2)
      value[key] = json($0)
    }
    END {
      if ("id" in value) printf "{ \"id\": %s", value["id"]; else exit
      if ("version" in value) printf ", \"version\": %s", value["version"]
      print " }"
    }'
}

# Without those that only the host itself, or only its link, knows, and without those for privacy,
# which change by themselves.
addresses() {
  has ip || return 1
  lines=$(limit ip -o addr show) && printf '%s\n' "$lines" | awk "$json"'
    $3 ~ /^inet6?$/ && !/ scope (host|link)/ && !/ temporary/ {
      interface = $2
      sub(/[@:].*/, "", interface)
      sub(/\/.*/, "", $4)
      printf "{ \"interface\": %s, \"address\": %s }\n", json(interface), json($4)
    }' | sort -u
}

# owners OPTIONS...: what find finds, each as "UID GID PATH//". No path has two slashes in a row, so
# this is where it ends, whatever else it holds.
owners() {
  limit find "$@" -exec stat -c '%u %g %n//' {} + | tr '\000' '\377'
}

# The beginning of an awk over such entries: it puts their lines together again.
# shellcheck disable=SC2016  # These are for awk.
entries='
{
  entry = entry (entry == "" ? "" : "\n") $0
  if ($0 !~ /\/\/$/) next
  uid = entry + 0
  path = substr(entry, index(entry, " ") + 1)
  gid = path + 0
  path = substr(path, index(path, " ") + 1)
  path = substr(path, 1, length(path) - 2)
  entry = ""
}
'

linger() {
  [ -d /var/lib/systemd/linger ] || [ -d /run/systemd/system ] || return 1
  [ -d /var/lib/systemd/linger ] || return 0
  owners /var/lib/systemd/linger -mindepth 1 -maxdepth 1 -type f |
    awk "$json$entries"'{ print json(substr(path, length("/var/lib/systemd/linger/") + 1)) }' | sort
}

runtime_dirs() {
  [ -d /run/user ] || return 1
  limit find /run/user -mindepth 1 -maxdepth 1 -exec stat -L -c '%u %g %n//' {} + |
    awk "$json$entries"'{ printf "{ \"path\": %s, \"uid\": %s }\n", json(path), number(uid) }' | sort
}

# Two levels of /srv, then what lies deeper and belongs to somebody else than its folder; never the
# layers of podman, which belong to subordinate ids and are many. A line "incomplete" says that there
# is more, or that some of it could not be read.
srv() {
  [ -d /srv ] || return 1
  {
    complete=yes
    limit find /srv -mindepth 1 -maxdepth 2 -exec stat -c '%u %g %n//' {} + || complete=no
    limit find /srv -mindepth 1 -maxdepth 6 -path '*/.local/share/containers' -prune -o \
      -exec stat -c '%u %g %n//' {} + || complete=no
    printf '%s//\n' "$complete"
  } | awk -v kept_most="$srv_kept" -v seen_most="$srv_seen" "$json"'
    $0 == "yes//" && entry == "" { complete = 1; exit }
    $0 == "no//" && entry == "" { exit }
    '"$entries"'
    path in owner { next }
    {
      if (++seen > seen_most) exit
      owner[path] = uid " " gid
      for (end = length(path); substr(path, end, 1) != "/"; end--);
      parent = substr(path, 1, end - 1)
      depth = gsub(/\//, "/", path)
      if (depth > 3 && (!(parent in owner) || owner[parent] == owner[path])) next
      if (++kept > kept_most) exit
      printf "{ \"path\": %s, \"uid\": %s, \"gid\": %s }\n", json(path), number(uid), number(gid)
    }
    END { if (!complete) print "incomplete" }' | sort
}

# The Global part and the links of `resolvectl status`. A list goes on in lines without a label.
resolved() {
  has resolvectl && has systemctl || return 0
  # Asking would start it.
  limit systemctl is-active --quiet systemd-resolved.service || return 0
  lines=$(SYSTEMD_COLORS=0 limit resolvectl --no-pager status) || return 0
  printf '%s\n' "$lines" | tr '\000' '\377' | awk "$json"'
    function finish() {
      if (part == "global") {
        printf "    \"resolved\": { \"dns\": %s, \"fallback_dns\": %s, \"domains\": %s },\n",
          words(value["DNS Servers"]), words(value["Fallback DNS Servers"]), words(value["DNS Domain"])
      } else if (part == "link" && value["DNS Servers"] value["DNS Domain"] != "") {
        links = links (links == "" ? "" : ",") "\n      { \"interface\": " json(name) ", \"dns\": " \
          words(value["DNS Servers"]) ", \"domains\": " words(value["DNS Domain"]) " }"
      } else if (part == "delegate") {
        delegates = delegates (delegates == "" ? "" : ",") "\n      { \"name\": " json(name) ", \"dns\": " \
          words(value["DNS Servers"]) ", \"domains\": " words(value["DNS Domain"]) " }"
      }
      part = label = ""
      for (label in value) delete value[label]
      label = ""
    }
    # The longest label of a part is not indented either.
    /^[^ ]/ && !/^[A-Za-z][A-Za-z. ]*:( |$)/ {
      finish()
      if ($0 == "Global") part = "global"
      else if ($0 ~ /^Link [0-9]+ \(.*\)/) {
        part = "link"
        name = $0; sub(/^Link [0-9]+ \(/, "", name); sub(/\)[^)]*$/, "", name)
      } else if ($0 ~ /^Delegate /) {
        part = "delegate"
        name = substr($0, 10)
      }
      next
    }
    match($0, /^ *[A-Za-z][A-Za-z. ]*:( |$)/) {
      label = substr($0, 1, RLENGTH)
      sub(/^ */, "", label); sub(/: ?$/, "", label)
      $0 = substr($0, RLENGTH + 1)
    }
    { value[label] = value[label] " " $0; sub(/^ +$/, "", value[label]) }
    END {
      finish()
      printf "    \"links\": [%s],\n", links (links == "" ? "" : "\n    ")
      printf "    \"delegates\": [%s],\n", delegates (delegates == "" ? "" : "\n    ")
    }'
}

resolver() {
  text /etc/resolv.conf >/dev/null || return 1
  printf '{\n'
  resolved
  text /etc/resolv.conf | awk "$json"'
    $1 == "nameserver" { servers = servers " " $2 }
    $1 == "search" || $1 == "domain" { search = $0; sub(/[ \t]*[a-z]+/, "", search); gsub(/\t/, " ", search) }
    END { printf "    \"nameservers\": %s,\n    \"search\": %s\n  }\n", words(servers), words(search) }'
}

# The kernel's own tables: they have no names in them that could be taken for something else. ss only
# adds what the processes are called.
listeners() {
  [ -r /proc/net/tcp ] || return 1
  little=$(printf '\001\000' | od -An -tu2 | tr -d ' ')
  {
    has ss && limit ss -lntupe | sed 's/^/ss /'
    for table in tcp tcp6 udp udp6; do
      [ -r "/proc/net/$table" ] && sed "1d; s/^/$table /" "/proc/net/$table"
    done
  } | tr '\000' '\377' | awk -v little="$little" "$json"'
    function hex(digits,    i, value) {
      for (i = 1; i <= length(digits); i++)
        value = value * 16 + index("123456789ABCDEF", substr(digits, i, 1))
      return value
    }
    # The bytes of an address in the order of the network: the kernel has words in its own.
    function ordered(digits,    at, out) {
      if (little != 1) return digits
      for (at = 1; at < length(digits); at += 8)
        out = out substr(digits, at + 6, 2) substr(digits, at + 4, 2) substr(digits, at + 2, 2) \
          substr(digits, at, 2)
      return out
    }
    function ipv4(digits) {
      return hex(substr(digits, 1, 2)) "." hex(substr(digits, 3, 2)) "." \
        hex(substr(digits, 5, 2)) "." hex(substr(digits, 7, 2))
    }
    # As RFC 5952 writes it: the first longest run of two or more zeros is left out.
    function ipv6(digits,    i, run, best, start, group, out) {
      if (digits ~ /^00000000000000000000FFFF/) return ipv4(substr(digits, 25))
      best = 1
      start = -1
      for (i = 0; i < 8; i++) {
        group[i] = hex(substr(digits, i * 4 + 1, 4))
        run = group[i] == 0 ? run + 1 : 0
        if (run > best) { best = run; start = i - run + 1 }
      }
      for (i = 0; i < 8; i++) {
        if (i == start) { out = out "::"; i += best - 1; continue }
        out = out (out == "" || out ~ /:$/ ? "" : ":") sprintf("%x", group[i])
      }
      return out
    }
    $1 == "ss" {
      # Netid State Recv-Q Send-Q Local:Port Peer:Port users:(("name",pid=1,fd=3)) uid:1 ino:2 sk:3
      if (!match($0, /users:\(\("/)) next
      process = substr($0, RSTART + RLENGTH)
      # From behind: the name may be like any text.
      if (!match($0, /.* ino:[0-9]+/)) next
      inode = substr($0, RSTART, RLENGTH)
      sub(/.* ino:/, "", inode)
      sub(/",pid=.*/, "", process)
      name[inode] = process
      next
    }
    # TCP sockets that listen, and UDP sockets that are connected to nobody.
    $5 == ($1 ~ /^tcp/ ? "0A" : "07") {
      split($3, local, ":")
      protocol = substr($1, 1, 3)
      address = $1 ~ /6$/ ? ipv6(ordered(local[1])) : ipv4(ordered(local[1]))
      port = hex(local[2])
      if (port == 0) next
      printf "{ \"protocol\": \"%s\", \"address\": \"%s\", \"port\": %d", protocol, address, port
      if ($11 in name) printf ", \"process\": %s", json(name[$11])
      print " }"
    }' | sort | awk '
    # Sockets that share a port, as SO_REUSEADDR lets UDP do, are one line with their number.
    function finish() {
      if (count > 1) sub(/ }$/, ", \"sockets\": " count " }", line)
      if (count) print line
    }
    $0 != seen { finish(); line = seen = $0; count = 0 }
    { count++ }
    END { finish() }'
}

# as_user COMMAND...: runs a program as the user of podman_of, with nothing in its environment but what
# a login would give it, and without our terminal.
as_user() {
  set -- env -i PATH="$PATH" LC_ALL=C HOME="$home" USER="$user" LOGNAME="$user" \
    XDG_RUNTIME_DIR="/run/user/$uid" "$@"
  if [ "$uid" != "$own_uid" ]; then
    if setpriv --help 2>&1 | grep -q -e --init-groups; then
      set -- setpriv --reuid="$uid" --regid="$gid" --init-groups "$@"
    else
      command=
      for word in "$@"; do
        command="$command '$(printf '%s\n' "$word" | sed "s/'/'\\\\''/g")'"
      done
      set -- su -s /bin/sh -c "$command" "$user"
    fi
  fi
  has setsid && set -- setsid "$@"
  limit "$@"
}

# What is kept of a container: what a definition can be compared with, and nothing that holds secrets. So
# variables have no values, and command lines are left out.
# shellcheck disable=SC2016  # These are for podman.
container='        {
          "Id": {{json .ID}},
          "Name": {{json .Name}},
          "Image": {{json .Image}},
          "ImageName": {{json .ImageName}},
          "IsInfra": {{json .IsInfra}},
          "State": { "Status": {{json .State.Status}}, "ExitCode": {{json .State.ExitCode}} },
          "HostConfig": {
            "NetworkMode": {{json .HostConfig.NetworkMode}},
            "Dns": {{json .HostConfig.Dns}},
            "RestartPolicy": {{json .HostConfig.RestartPolicy}},
            "PortBindings": {{json .HostConfig.PortBindings}},
            "Binds": {{json .HostConfig.Binds}},
            "CapAdd": {{json .HostConfig.CapAdd}},
            "CapDrop": {{json .HostConfig.CapDrop}},
            "SecurityOpt": {{json .HostConfig.SecurityOpt}},
            "Privileged": {{json .HostConfig.Privileged}},
            "ReadonlyRootfs": {{json .HostConfig.ReadonlyRootfs}},
            "PidMode": {{json .HostConfig.PidMode}},
            "IpcMode": {{json .HostConfig.IpcMode}},
            "Init": {{json .HostConfig.Init}},
            "Tmpfs": {{json .HostConfig.Tmpfs}},
            "Ulimits": {{json .HostConfig.Ulimits}},
            "ShmSize": {{json .HostConfig.ShmSize}},
            "Memory": {{json .HostConfig.Memory}},
            "MemorySwap": {{json .HostConfig.MemorySwap}},
            "MemoryReservation": {{json .HostConfig.MemoryReservation}},
            "NanoCpus": {{json .HostConfig.NanoCpus}},
            "CpuShares": {{json .HostConfig.CpuShares}},
            "PidsLimit": {{json .HostConfig.PidsLimit}},
            "CgroupParent": {{json .HostConfig.CgroupParent}},
            "DnsSearch": {{json .HostConfig.DnsSearch}},
            "DnsOptions": {{json .HostConfig.DnsOptions}},
            "ExtraHosts": {{json .HostConfig.ExtraHosts}},
            "GroupAdd": {{json .HostConfig.GroupAdd}}
          },
          "Mounts": {{json .Mounts}},
          "NetworkSettings": {
            "Networks": { {{$comma := ""}}{{range $name, $_ := .NetworkSettings.Networks}}{{$comma}}{{json $name}}: {"Aliases": {{json .Aliases}}, "IPAddress": {{json .IPAddress}}, "GlobalIPv6Address": {{json .GlobalIPv6Address}}, "MacAddress": {{json .MacAddress}}}{{$comma = ", "}}{{end}} }
          },
          "Config": {
            "User": {{json .Config.User}},
            "Hostname": {{json .Config.Hostname}},
            "WorkingDir": {{json .Config.WorkingDir}},
            "StopSignal": {{json .Config.StopSignal}},
            "StopTimeout": {{json .Config.StopTimeout}},
            "Tty": {{json .Config.Tty}},
            "OpenStdin": {{json .Config.OpenStdin}},
            "Timezone": {{json .Config.Timezone}},
            "Env": [{{$comma := ""}}{{range .Config.Env}}{{$comma}}
              {{json (index (split . "=") 0)}}{{$comma = ","}}{{end}}
            ]
          }
        }'

# containers ID...: what is kept of them, as an array.
containers() {
  lines=$(as_user podman inspect --type container --format "$container" "$@") || return 1
  printf '%s\n' "$lines" | awk '
    BEGIN { printf "[" }
    $0 == "        {" { printf containers++ ? ",\n" : "\n" }
    { if ($0 == "        }") printf "%s", $0; else print }
    END { printf "\n      ]" }'
}

# ask_sqlite DATABASE COMMAND: what SQLite answers, without touching the file and its lock.
ask_sqlite() {
  has sqlite3 || return 1
  uri=$(printf '%s\n' "$1" | sed 's/%/%25/g; s/?/%3f/g; s/#/%23/g')
  as_user sqlite3 -batch -init /dev/null "file:$uri?mode=ro&immutable=1" "$2"
}

# Every /run/user/<uid> that a database of podman names, and what podman and its library put into /tmp
# where that was missing. What was deleted in it is still in the file, so SQLite is asked where it can be.
named_runtime_dirs() {
  lines=
  [ "$1" != sqlite ] || lines=$(ask_sqlite "$2" .dump) || lines=
  if [ -n "$lines" ]; then printf '%s\n' "$lines"; else as_user cat "$2"; fi | tr -c '[:alnum:]/-' '\n' |
    awk '{
      while (match($0, /\/(run\/user\/|tmp\/(storage|podman)-run-)[0-9]+\//)) {
        print substr($0, RSTART, RLENGTH - 1)
        $0 = substr($0, RSTART + RLENGTH)
      }
    }' | sort -u
}

# database_roots KIND DATABASE: podman's graph root, run root and temporary folder, as it keeps them, each
# in a line. In the bytes of a file they stand one behind the other.
database_roots() {
  lines=
  [ "$1" != sqlite ] || lines=$(ask_sqlite "$2" \
    'SELECT GraphRoot || char(10) || RunRoot || char(10) || TmpDir FROM DBConfig') || lines=
  if [ -n "$lines" ]; then printf '%s\n' "$lines"; else
    as_user cat "$2" | tr -c '[:print:]' '\n' | awk '
      function between(before, after,    at, value) {
        if (!(at = index(rest, before))) return ""
        rest = substr(rest, at + length(before))
        if (!(at = index(rest, after))) return ""
        value = substr(rest, 1, at - 1)
        rest = substr(rest, at)
        return value
      }
      # A leaf of a BoltDB has its keys in order, each before its value.
      index($0, "graph-root/") {
        rest = $0
        graph = between("graph-root", "os"); run = between("run-root", "static-dir"); temporary = between("tmp-dir", "volume-path")
      }
      # A row of SQLite: OS, StaticDir, TmpDir, GraphRoot, RunRoot, GraphDriver, VolumePath.
      index($0, "linux/") {
        rest = $0
        graph = between("linux", "/libpod")
        temporary = between("/libpod", graph); run = between(graph, graph "/volumes")
        sub(/(aufs|btrfs|devicemapper|overlay|vfs|zfs)$/, "", run)
      }
      graph ~ /^\// && run ~ /^\// && temporary ~ /^\// { print graph "\n" run "\n" temporary; exit }'
  fi
}

# databases STORAGE: those that podman has there, each as JSON. Both are there where podman was told to
# change from one to the other.
databases() {
  for kind in sqlite boltdb; do
    database=$1/db.sql
    [ "$kind" = sqlite ] || database=$1/libpod/bolt_state.db
    as_user test -f "$database" || continue
    {
      database_roots "$kind" "$database" | sed 's/^/root /'
      named_runtime_dirs "$kind" "$database" | sed 's/^/dir /'
    } | kind=$kind database=$database awk "$json"'
      BEGIN { split("graph_root run_root tmp_dir", key, " ") }
      /^root / {
        root = substr($0, 6)
        if (++roots in key && root ~ /^\/[^:]*$/) more = more ", \"" key[roots] "\": " json(root)
      }
      /^dir / { dirs = dirs " " $2 }
      END {
        printf "{ \"path\": %s, \"kind\": %s, \"runtime_dirs\": %s%s }\n", json(ENVIRON["database"]),
          json(ENVIRON["kind"]), words(dirs), more
      }'
  done
}

# string: what comes in, as one string of JSON.
string() {
  tr '\000' '\377' | awk "$json"'{ text = text (NR > 1 ? "\n" : "") $0 } END { print json(text) }'
}

# podman_of USER UID GID HOME STORAGE: what the podman of a user has, as one object.
podman_of() {
  user=$1 uid=$2 gid=$3 home=$4 storage=$5
  printf '    {\n      "user": %s' "$(printf '%s\n' "$user" | string)"
  case $storage in
  *:*) ;;
  *) printf ',\n      "storage": %s' "$(printf '%s\n' "$storage" | string)" ;;
  esac
  if as_user true 2>/dev/null; then refusal=; else refusal="not asked, for nobody could become $user"; fi
  found=$(databases "$storage" | array '      ')
  printf ',\n      "databases": %s' "$found"
  value=$(file_uids "$storage") && [ -n "$value" ] && printf ',\n      "file_uids": %s' "$value"
  # Podman makes what it misses, even to say its version, and remembers where it did: it is only asked
  # where it finds everything.
  if [ -n "$refusal" ]; then
    :
  elif [ "$found" = "[]" ]; then
    refusal='not asked, for it has no database yet and would make one'
  elif [ "$uid" != 0 ] && ! [ -d "/run/user/$uid" ]; then
    refusal="not asked, for /run/user/$uid is missing and it would choose another folder for good"
  else
    refusal=$(podman_refusal ps --all --quiet)
  fi
  if [ -z "$refusal" ]; then
    version=$(as_user podman --version | sed -n 's/^podman version //p')
    [ -n "$version" ] && printf ',\n      "version": %s' "$(printf '%s\n' "$version" | string)"
    ids=$(as_user podman ps --all --quiet --no-trunc --sort names | grep -x '[0-9a-f]*')
    # Each word is an id.
    # shellcheck disable=SC2086
    if [ -z "$ids" ]; then
      printf ',\n      "containers": []'
    elif [ "$with_env" = yes ]; then
      value=$(as_user podman inspect --type container $ids) &&
        printf ',\n      "env": "plain",\n      "containers": %s' "$value"
    else
      value=$(containers $ids) && printf ',\n      "env": "names",\n      "containers": %s' "$value"
    fi || refusal=$(podman_refusal inspect --type container $ids)
    value=$(as_user podman ps --all --external --no-trunc --format '{{.ID}} {{json .Names}}') &&
      printf ',\n      "external": %s' "$(printf '%s\n' "$value" | ids=$ids awk '
        BEGIN { count = split(ENVIRON["ids"], list); for (i = 1; i <= count; i++) known[list[i]] = 1 }
        NF > 1 && !($1 in known) { sub(/^[^ ]* /, ""); print }' | sort -u | array '      ')"
    value=$(as_user podman images --format '{{.Repository}}:{{.Tag}}') &&
      printf ',\n      "images": %s' "$(printf '%s\n' "$value" | awk "$json"'
        NF && !/<none>/ { print json($0) }' | sort -u | array '      ')"
  fi
  [ -n "$refusal" ] && printf ',\n      "error": %s' "$(printf '%s\n' "$refusal" | string)"
  printf '\n    }'
}

# file_uids STORAGE: the lowest and the highest uid of the first files there that are not the user's own.
file_uids() {
  limit find "$1" -xdev -maxdepth 6 ! -user "$uid" -exec stat -c '%u' {} + 2>/dev/null | head -n 5000 |
    awk "$json"'
      isId($1) { if (!count++ || $1 < low) low = $1; if ($1 > high) high = $1 }
      END { if (count) printf "{ \"lowest\": %s, \"highest\": %s }", number(low), number(high) }'
}

# storage_of: where podman has its storage, of the user that $user, $uid and $home are, by storage.conf(5).
storage_of() {
  own=$home/.config/containers/storage.conf
  found=
  if [ "$uid" = 0 ]; then
    found=$(storage_setting graphroot)
    printf '%s\n' "${found:-/var/lib/containers/storage}"
    return
  fi
  if [ -f "$own" ]; then
    found=$(as_user cat "$own" | tr '\000' '\377' | storage_value graphroot)
  fi
  [ -n "$found" ] || found=$(storage_setting rootless_storage_path)
  found=${found:-$home/.local/share/containers/storage}
  printf '%s\n' "$found" | user=$user uid=$uid home=$home awk '
    {
      while (match($0, /\$(HOME|USER|UID)/)) {
        name = substr($0, RSTART + 1, RLENGTH - 1)
        value = ENVIRON[tolower(name)]
        $0 = substr($0, 1, RSTART - 1) value substr($0, RSTART + RLENGTH)
        if (index(value, "$")) exit
      }
      print
    }'
}

# storage_setting KEY: what the configuration of all users says; the first file that is there counts.
storage_setting() {
  for file in /etc/containers/storage.conf /usr/share/containers/storage.conf; do
    if [ -f "$file" ]; then
      text "$file" | storage_value "$1"
      return
    fi
  done
}

# storage_value KEY: the value of a key of TOML, if it is an absolute path or begins with a variable.
storage_value() {
  sed -n "s/^[ \t]*$1[ \t]*=[ \t]*[\"']\([/\$][^\"']*\)[\"'].*/\1/p" | head -n 1
}

# podman_refusal ARGUMENTS...: what podman says when it does not do that; nothing when it does.
podman_refusal() {
  said=$(as_user podman "$@" 2>&1 >/dev/null)
  case $? in
  0) ;;
  # Ended by timeout: its own status, and those of SIGTERM and SIGKILL.
  124 | 143 | 137) printf 'podman %s did not answer within %s seconds' "$1" "$patience" ;;
  *) printf '%s\n' "${said:-podman $1 failed and did not say why}" | sed 's/^time="[^"]*" //' | cut -c1-500 | head -n 5 ;;
  esac
}

# podman_users: USER:UID:GID:HOME:STORAGE of everybody whose podman can be asked.
podman_users() {
  text /etc/passwd | awk -F: "$json"'
    $1 != "" && $1 !~ /^[-+#]/ && isId($3) && isId($4) && $6 ~ /^\// { print $1 ":" $3 + 0 ":" $4 + 0 ":" $6 }' |
    while IFS=: read -r user uid gid home; do
      # By uid: of two users with one uid, id knows the one that comes first.
      [ "$own_uid" = 0 ] || [ "$uid" = "$own_uid" ] || continue
      limit test -d "$home" || continue
      storage=$(storage_of </dev/null)
      limit test -d "$storage" && printf '%s\n' "$user:$uid:$gid:$home:$storage"
    done | sort -u
}

podman_section() {
  has podman || [ -n "$(podman_users)" ] || return 1
  comma='
'
  printf '['
  podman_users | while IFS=: read -r user uid gid home storage; do
    printf '%s' "$comma"
    comma=',
'
    podman_of "$user" "$uid" "$gid" "$home" "$storage" </dev/null
  done
  printf '\n  ]'
}

main() {
  with_env=no
  if [ "${1-}" = --with-env ]; then
    with_env=yes
    shift
  fi
  case $#:${1-} in
  [01]: | 1:[!-]*) ;;
  *)
    echo 'usage: sh -s -- [--with-env] [NAME]' >&2
    exit 2
    ;;
  esac
  own_uid=$(id -u)
  host=${1:-${NIXGEN_HOST:-$(uname -n | cut -d. -f1)}}
  printf '{\n  "schema": 2,\n  "host": %s' "$(printf '%s\n' "$host" | string)"
  printf ',\n  "collected": "%s"' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  section system os_release
  section passwd list passwd
  section group list group
  section subuid list sub_ids /etc/subuid
  section subgid list sub_ids /etc/subgid -g
  section sub_ids sub_ids_reading
  section nixos_uid_map nixos_map /var/lib/nixos/uid-map
  section nixos_gid_map nixos_map /var/lib/nixos/gid-map
  section addresses list addresses
  section linger list linger
  section runtime_dirs list runtime_dirs
  if found=$(srv 2>/dev/null); then
    # A line of its own, before all others, which begin with a brace.
    case $found in
    incomplete*) printf ',\n  "incomplete": ["srv"]' && found=${found#incomplete} ;;
    esac
    printf ',\n  "srv": %s' "$(printf '%s\n' "$found" | array '  ')"
  fi
  section resolver resolver
  section listeners list listeners
  section firewall firewall
  section podman podman_section
  printf '\n}\n'
}

# The shell itself may be reading this from its input: nothing else must.
main "$@" </dev/null
