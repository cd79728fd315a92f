#!/usr/bin/env bash
# NixOS's automatic ranges of subordinate ids (users.users.NAME.autoSubUidGidRange, the default of isNormalUser) when a
# third user comes.
#
# The script that makes users remembers in /var/lib/nixos/auto-subuid-map which user has which range, and one would
# think that a new user gets a range of its own and that nobody's moves. It remembers ranges, and looks for a free
# number among them: those of two users are 100000 and 165536, but the numbers it counts in are 100000, 100001, ...
# So 100001 looks free, whose range is 165536: the third user gets the range of the second one, each time. And where
# the third one comes first in the hash of perl, 100000 counts as tried and so as taken: then the user that had
# it is given 231072, and the files of its rootless containers are nobody's from that switch on. Which of it happens
# depends on the order of a hash, so differs by run; here by PERL_HASH_SEED.
#
# Seen with update-users-groups.pl of nixos/modules/config (the copy of RossComputerGuy/nixpkgs-llvm-ws at ac550b7a74f8,
# of 2024-08), perl 5.40.1: with 16 seeds, 16 times a range that is taken, 7 times a range that moved.
#
# Needs root, mmdebstrap, curl and a Debian mirror. A copy of the same file may be given instead of curl:
# nixos-automatic-ranges-overlap.sh [UPDATE-USERS-GROUPS.PL]. Exits with 1 if the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$work"' EXIT
source=https://raw.githubusercontent.com/RossComputerGuy/nixpkgs-llvm-ws/ac550b7a74f861a3759482b295d84c3f4d0610cd/nixos/modules/config/update-users-groups.pl
if [[ -n ${1-} ]]; then
  cp -- "$1" "$work/update.pl"
else
  curl --fail --silent --show-error --location --output "$work/update.pl" "$source"
fi
sha256sum --check --quiet <<<"6d36acb3017e13495a5672926d1c5c2e1e49f1877e25133c3574ae102a14bffe  $work/update.pl"
tree=$work/tree
mmdebstrap --variant=essential --include=perl,libfile-slurp-perl,libjson-perl trixie "$tree" 2>"$work/log" || {
  tail -n 20 "$work/log" >&2
  exit 1
}
cp "$work/update.pl" "$tree/update.pl"
chroot "$tree" dpkg-query --show perl
cp -a "$tree/etc" "$work/etc"

# switch NAME...: as a switch to a configuration with these normal users does; prints who has which range.
switch() {
  local name users='' comma='' uid=1000
  for name; do
    users+=$comma'{"name":"'$name'","uid":'$uid',"group":"users","description":"","home":"/home/'$name'","shell":"/bin/sh",'
    users+='"createHome":false,"isSystemUser":false,"subUidRanges":[],"subGidRanges":[],"autoSubUidGidRange":true}'
    comma=, uid=$((uid + 1))
  done
  printf '{"mutableUsers":true,"groups":[{"name":"users","gid":100,"members":[]}],"users":[%s]}' "$users" >"$tree/spec.json"
  chroot "$tree" env PERL_HASH_SEED="$(sha256sum <<<"$seed" | cut -c 1-32)" PERL_PERTURB_KEYS=2 perl /update.pl /spec.json 2>"$work/said" || {
    cat "$work/said" >&2
    exit 1
  }
  sort "$tree/etc/subuid" | tr '\n' ' '
}

taken=0 moved=0 seeds=16
for ((seed = 1; seed <= seeds; seed++)); do
  rm -rf "${tree:?}/etc" "$tree/var/lib/nixos"
  cp -a "$work/etc" "$tree/etc"
  before=$(switch ana bo)
  after=$(switch ana bo eve)
  echo "seed $seed: $before-> $after"
  [[ $(tr ' ' '\n' <<<"$after" | cut -d : -f 2 | sort | uniq -d) != '' ]] && taken=$((taken + 1))
  for range in $before; do
    [[ " $after" == *" $range "* ]] || {
      moved=$((moved + 1))
      break
    }
  done
done
echo "of $seeds times, two users had one range $taken times, and a range moved $moved times"
((taken == seeds && moved > 0)) || {
  echo "the behaviour changed" >&2
  exit 1
}
