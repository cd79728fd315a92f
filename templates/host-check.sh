#!/usr/bin/env bash
#@title
#
# Whether this host and the containers' user that its configuration pins fit together. It changes nothing
# but its own note of the last start (/var/lib/nixgen/identity). Exit status: 0 they do, 1 they do not.
#
#   host-check.sh                     says what does not fit
#   host-check.sh switch SYSTEM HOW   before a switch to SYSTEM: refuses what would lose containers or data.
#                                     HOW is boot, switch or test; PODMAN_VERSION is what SYSTEM has
#   host-check.sh start               before a container starts: refuses where podman would fail, begin
#                                     with nothing, or containers could not use their own files

#@data

set +e -u
LC_ALL=C
# Where NixOS has its programs, and where everybody else has them.
PATH=${PATH:+$PATH:}/run/current-system/sw/bin:/usr/bin:/bin:/usr/sbin:/sbin

FAULTS=0 NOTES_ONLY=0
# What is wrong, and then what to do about it, a line each.
wrong() {
  ((NOTES_ONLY)) || FAULTS=$((FAULTS + 1))
  printf 'nixgen: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf 'nixgen:   %s\n' "$@" >&2
}

#@identity

RECOVER=/etc/nixgen/recover.sh

# ---- podman's database ---------------------------------------------------------------------------

# More than any database has; what is behind it is not read.
DATABASE_BYTES=268435456

# Runs a command as the user: root reads no file of the user's, follows no link of it, and no device or
# pipe in the place of a file holds root up.
as_user() {
  if ((EUID != 0)); then
    "$@"
  else
    setpriv --reuid "$HERE_UID" --regid "$HERE_GID" --clear-groups -- "$@"
  fi
}

# The directories of users that podman's database $1 names, a line each.
named_directories() {
  as_user timeout --kill-after 1 20 head --bytes "$DATABASE_BYTES" -- "$1" 2>/dev/null | tr '\0' '\n' |
    grep --text --only-matching --extended-regexp '/run/user/[0-9]{1,10}/(containers|libpod)' | sort --unique
}

# podman finds no container in a database that was made under another uid.
check_database() {
  local file owner line uid tool other right
  for file in "$POD_STORAGE/db.sql" "$POD_STORAGE/libpod/bolt_state.db"; do
    # No answer without a user, and none of anything but a file.
    [[ -n $HERE_UID && -f $file ]] || continue
    for tool in stat setpriv timeout head tr grep sort; do
      command -v "$tool" >/dev/null && continue
      printf 'nixgen: %s is missing on %s: %s was not looked at\n' "$tool" "$HOST" "$file" >&2
      return 0
    done
    owner=$(stat --dereference --format %u -- "$file" 2>/dev/null) || continue
    if [[ $owner != "$HERE_UID" ]]; then
      wrong "podman's database $file on $HOST belongs to uid $owner, and $POD_USER has uid $HERE_UID" \
        "$(keep "uid = $owner")" \
        "Or give all of it to uid $HERE_UID, as root: bash $RECOVER --cure"
      continue
    fi
    other='' right=0
    while read -r line; do
      uid=${line#/run/user/} uid=${uid%%/*}
      if [[ $uid != "$POD_UID" ]]; then other=${other:-$uid}; elif [[ $line == */libpod ]]; then right=1; fi
    done < <(named_directories "$file")
    if [[ -z $other ]] || ((right)); then continue; fi
    # A link from the old directory lets containers start that have no network of their own.
    if [[ $MODE == start && /run/user/$other -ef /run/user/$POD_UID ]]; then
      NOTES_ONLY=1
    fi
    wrong "podman's database $file on $HOST names /run/user/$other, the configuration pins uid $POD_UID: podman does not find its containers" \
      "$(keep "uid = $other")" \
      "Or correct the database, as root: bash $RECOVER --cure"
    NOTES_ONLY=0
  done
}

# check_boltdb HOW: while there is a BoltDB, every call of podman 6 fails until a reboot.
check_boltdb() {
  local file=$POD_STORAGE/libpod/bolt_state.db version=${PODMAN_VERSION-}
  [[ $1 == switch || $1 == test ]] || return 0
  [[ $version =~ ^([0-9]{1,5})\. && ${BASH_REMATCH[1]} -ge 6 && -e $file ]] || return 0
  wrong "there is a database of podman 4 on $HOST, $file: podman $version would not work before a reboot" \
    "Switch with a reboot: nixos-rebuild boot && reboot. podman then moves the containers to db.sql by itself."
}

# ---- All of it -----------------------------------------------------------------------------------

# A later start sees by this note whether all is as it was.
remember() {
  local text old=''
  [[ -e $POD_STORAGE/db.sql || -e $POD_STORAGE/libpod/bolt_state.db ]] || return 0
  printf -v text '%s\n' "user=$POD_USER" "uid=$POD_UID" "gid=${left:-$HERE_GID}" "home=$POD_HOME" \
    "storage=$POD_STORAGE" "sub_ids=$range"
  if is_readable "$KEPT"; then old=$(<"$KEPT")$'\n'; fi
  [[ $old != "$text" && $EUID == 0 ]] || return 0
  mkdir --parents "${KEPT%/*}" && printf %s "$text" >"$KEPT.$$" && mv -- "$KEPT.$$" "$KEPT"
}

# Everything, for what a switch would change cannot be taken back.
check_all() {
  check_uid
  check_uid_alone
  check_primary_gid
  check_group
  check_gid_alone
  check_home
  check_ranges
  check_database
  # Said already where the user is there, with what it had.
  if ((!FAULTS)); then
    check_kept_storage
    check_kept_gid "$POD_GID"
    check_kept_range "$POD_SUB_IDS"
  fi
}

# What podman would fail at, or begin with nothing; it works under anything else as it did.
check_start() {
  local file sharer before gid
  check_uid
  for sharer in "${SHARERS[@]}"; do
    # newuidmap compares the gid of whom it finds first.
    read -r before _ _ gid _ <<<"$sharer"
    if [[ $before == 0 || $gid == "$HERE_GID" ]]; then NOTES_ONLY=1; fi
  done
  check_uid_alone
  NOTES_ONLY=0
  for file in "$ETC/subuid" "$ETC/subgid"; do
    look_at_ranges "$file"
    check_range_there "$file"
    # What the host has, which may be another range than the pinned one and work all the same.
    ((!${#RANGES[@]})) || range=${RANGES[0]}
  done
  check_database
  check_kept_storage
  [[ -z $range ]] || check_kept_range "$range"
  # New containers work; those that are there and are not made again do not.
  NOTES_ONLY=1
  check_table "$ETC/subuid"
  check_table "$ETC/subgid"
  # That is noted until none of its files is left.
  check_kept_gid "$HERE_GID" || left=$KEPT_GID
  NOTES_ONLY=0
}

MODE=${1-check} range='' left=''
look_at_kept
look_at_user
look_at_groups
case $MODE in
check)
  check_all
  check_table "$ETC/subuid"
  check_table "$ETC/subgid"
  ;;
switch)
  # The one that is to be switched to knows more than an older one, and is there already.
  [[ ! -e ${2-}$RECOVER ]] || RECOVER=${2-}$RECOVER
  check_all
  check_boltdb "${3-switch}"
  ;;
start)
  check_start
  if ((FAULTS)); then
    echo "nixgen: no container of $POD_USER starts on $HOST before that is done; then all start by themselves" >&2
  else
    remember
  fi
  ;;
*)
  echo 'host-check.sh: say switch SYSTEM HOW, start, or nothing' >&2
  exit 2
  ;;
esac
exit $((FAULTS > 0))
