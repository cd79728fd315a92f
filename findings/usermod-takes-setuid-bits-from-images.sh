#!/usr/bin/env bash
# usermod --uid: the files in the home lose their setuid bits and file capabilities with their old owner.
#
# usermod gives the files in a user's home to the new uid by chown(2), which Linux lets take setuid and setgid bits and
# file capabilities away from every regular file, also when root calls it. A rootless podman has its images in the home,
# and there the files of root in an image belong to the user: after a change of the uid sudo, su or ping of every image
# do not work for other users, and nothing says so. podman does not unpack the images again. `chown` does the same.
# With a home that is not there (usermod --uid UID --home /nonexistent, then --home HOME) usermod touches no file, and
# whoever changes their owner can set the modes again.
#
# Needs mmdebstrap, root, and a Debian mirror. It unpacks Debian 13 with passwd 4.17.4 and libcap2-bin 2.75 in a temporary
# folder and changes a user there. Exits 1 if that is not what happens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT
mirror=$(sed -n 's/^URIs: *//p; s/^deb \([^[][^ ]*\) .*/\1/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -m 1 '/debian/*$') || true
tree=$folder/tree
mmdebstrap --quiet --variant=essential --mode=root --include=passwd,libcap2-bin \
  --aptopt='Acquire::Check-Valid-Until "false"' trixie "$tree" "${mirror:-http://deb.debian.org/debian}" 2>/dev/null
in_tree() { chroot "$tree" "$@"; }
# shellcheck disable=SC2016 # dpkg-query's own
in_tree dpkg-query --show --showformat '${Package} ${Version}\n' passwd libcap2-bin

in_tree useradd --uid 995 --create-home drill
layer=/home/drill/.local/share/containers/storage/overlay/layer/diff/usr/bin
in_tree mkdir -p "$layer"
in_tree install -o drill -m 4755 /bin/true "$layer/su"
in_tree install -o drill -m 755 /bin/true "$layer/ping"
in_tree setcap cap_net_raw+ep "$layer/ping"
shown() {
  in_tree stat --format '%u %a' "$layer/su"
  in_tree stat --format '%u %a' "$layer/ping"
  in_tree getcap "$layer/ping" | sed 's/.* //'
}
said() { shown | paste -sd ' '; }
before=$(said)
in_tree usermod --uid 850 --home /nonexistent drill
in_tree usermod --home /home/drill drill
aside=$(said)
in_tree usermod --uid 995 --home /nonexistent drill
in_tree usermod --home /home/drill drill
in_tree usermod --uid 850 drill
after=$(said)
printf '%-40s %s\n' 'uid and mode of su and ping, and caps:' "$before" 'usermod without a home:' "$aside" 'usermod --uid:' "$after"
[[ $before == '995 4755 995 755 cap_net_raw=ep' && $aside == "$before" && $after == '850 755 850 755' ]]
