#!/usr/bin/env bash
#@title
#
# Brings the containers of this host up again, stage by stage, and waits until each one is healthy.
# It needs bash, podman and what every Linux has; it may be run again and again: what runs as defined
# is left alone. Run it as root, or as the containers' user. See --help.
# shellcheck disable=SC2317 # functions are called by names that are put together

# As sh, bash takes no function that has a dash in its name, and other shells take less.
if [ -z "${BASH_VERSION-}" ]; then
  echo 'recover.sh: this is for bash: bash recover.sh' >&2
  exit 2
fi
set +o posix

# ---- What is to run on this host ----------------------------------------------------------------

#@data

# ---- How it is done: nothing below differs between hosts ----------------------------------------

usage() {
  cat <<END
Brings the containers of $HOST up again, stage by stage. Safe to run at any time: a container that
runs is never stopped unless you say --replace, and no data is ever deleted.

Usage: recover.sh [OPTIONS]

  --dry-run           change nothing; print the commands that would be run
  --status            change nothing; print a table of all containers; exit 1 unless all is well
  --only NAME...      only these services, components (SERVICE/COMPONENT) or containers
  --from-stage STAGE  leave out the stages before this one
  --replace           also replace containers that run, but not as defined. Each is down for as long
                      as it takes to stop and start; the old one is kept under another name
  --cure              also cure what is not cured without being asked, as root: files of another uid, and a
                      database of another uid, for which all containers are stopped. A copy of it is kept
  --by-hand           start containers here although systemd has units for them, which are stopped
  --new-database      set podman's database aside, and make all containers anew
  --make-folders      make folders of data that are missing, EMPTY: without it their containers are not started
  --on-this-machine   run although this machine does not call itself $HOST
  -h, --help          this text

Exit status: 0 all containers run as defined and are healthy, 1 they do not, 2 bad usage.
END
}

set -u
# Where NixOS has its programs, newuidmap with its rights first; then where everybody else has them.
PATH=/run/wrappers/bin:/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C

# What the options ask for.
DRY_RUN=0 STATUS=0 REPLACE=0 CURE=0 BY_HAND=0 NEW_DATABASE=0 MAKE_FOLDERS=0 ON_THIS_MACHINE=0
FROM_STAGE='' ONLY=()

# The table that containers() fills: one entry a container, and the words of all commands in a row.
NAMES=() OF=() GOALS=() STAGE_OF=() FIRST_WORD=() WORD_COUNT=() WORDS=()
STAGES=() TIMEOUTS=() ON_FAILURE=()
# What becomes of each container.
CHOSEN=() BEFORE=() DID=() HEALTHY=() TOOK=()
# Why a container must not be started, by its number: its data is not there.
declare -A WITHHELD

stage() {
  STAGES+=("$1") TIMEOUTS+=("$2") ON_FAILURE+=("$3")
}

container() {
  NAMES+=("$1") OF+=("$2") GOALS+=("$3") STAGE_OF+=($((${#STAGES[@]} - 1)))
  shift 3
  FIRST_WORD+=("${#WORDS[@]}") WORD_COUNT+=($#)
  WORDS+=("$@")
  CHOSEN+=(1) BEFORE+=(-) DID+=('not tried') HEALTHY+=(-) TOOK+=(-)
}

# ---- Saying things. All of it goes to stderr, but for tables and the commands of --dry-run ------

now() { date +%s%3N; }
STARTED=$(now)

# Milliseconds as seconds: 1234 is 1.2.
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

say() { printf '[%6s s] %s\n' "$(seconds $(($(now) - STARTED)))" "$*" >&2; }
# What belongs to the line above.
more() { printf '           %s\n' "$@" >&2; }

PROBLEMS=0
# Something is wrong: what, and then what to do about it, a line each.
problem() {
  PROBLEMS=$((PROBLEMS + 1))
  say "PROBLEM: $1"
  shift
  (($# == 0)) || more "$@"
}

READY=1
# A problem without whose cure podman cannot be asked anything.
blocker() {
  READY=0
  problem "$@"
}

# A command as it is typed.
typed() {
  local word line=''
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$ ]] || word="'${word//\'/\'\\\'\'}'"
    line+=" $word"
  done
  printf '%s\n' "${line:1}"
}

# Runs a command that changes something; with --dry-run it is printed instead.
change() {
  if ((STATUS)); then return 1; fi
  if ((DRY_RUN)); then typed "$@"; else "$@"; fi
}

# ---- Being the containers' user -----------------------------------------------------------------

MY_UID='' MY_GID='' RUNTIME_DIR=''

# Runs a command as the user, in the environment that podman needs: HOME, the user's own name, its
# runtime directory, newuidmap in PATH, and a working directory that the user may enter.
as_user() (
  cd / || exit
  environment=(env --ignore-environment "HOME=$POD_HOME" "USER=$POD_USER" "LOGNAME=$POD_USER"
    "PATH=$PATH" "XDG_RUNTIME_DIR=$RUNTIME_DIR")
  if ((EUID != 0)); then
    exec "${environment[@]}" "$@"
  elif command -v setpriv >/dev/null; then
    exec setpriv --reuid "$MY_UID" --regid "$MY_GID" --init-groups -- "${environment[@]}" "$@"
  elif command -v runuser >/dev/null; then
    exec runuser --user "$POD_USER" -- "${environment[@]}" "$@"
  else
    # shellcheck disable=SC2016 # the shell that su starts is to see them
    exec su --shell /bin/sh --command 'exec "$0" "$@"' -- "$POD_USER" "${environment[@]}" "$@"
  fi
)

# podman of the user. A question must not hang for ever, nor a check inside of a container; what stops or
# makes a container has the time that this takes.
podman() {
  local limit=20
  case $1 in
  exec) limit=10 ;;
  run | start | rename | rm | unpause | network | load) limit=120 ;;
  stop | pull | system) limit=0 ;;
  esac
  as_user timeout "$limit" podman "$@"
}

has_systemd() { [[ -d /run/systemd/system ]]; }

# ---- Before anything is started: can podman work at all? ----------------------------------------

INSTALLED=/etc/nixgen/recover.sh

# Whether this is the host that it is for. On another one it would make containers that run elsewhere,
# with empty folders and under the same user. What the modules have put there knows its host for sure.
check_machine() {
  local here
  here=$(sed -n 's/^HOST=//p' "$INSTALLED" 2>/dev/null | head -n 1)
  if [[ -z $here ]]; then
    here=$(uname -n)
    here=${here%%.*}
  fi
  if [[ ${here,,} == "${HOST,,}" ]] || ((ON_THIS_MACHINE)); then return; fi
  printf 'recover.sh: %s\n' "this machine is $here, and this script is for $HOST: nothing was done" >&2
  if [[ -e $INSTALLED ]]; then
    printf '%s\n' "Run bash $INSTALLED here." >&2
  else
    printf '%s\n' "If this machine is to be $HOST, add --on-this-machine." >&2
  fi
  exit 2
}

# The lines of /etc/passwd whose FIELD is VALUE.
passwd_lines() { awk -F: -v field="$1" -v value="$2" '$field == value' /etc/passwd; }

#@identity
# What is wrong with the user is a problem, unless WRONG says that nothing may be started.
WRONG=problem
wrong() { "$WRONG" "$@"; }

check_user() {
  look_at_kept
  look_at_user
  look_at_groups
  if [[ -z $HERE_UID ]]; then
    blocker "there is no user $POD_USER on $HOST" \
      "On NixOS: nixos-rebuild switch with the emitted users.nix makes it, with uid $POD_UID." \
      "Elsewhere: groupadd --force --gid $POD_GID $POD_GROUP && useradd --uid $POD_UID --gid $POD_GID --home-dir $POD_HOME --create-home $POD_USER"
    check_uid_alone
    check_kept_storage
    return
  fi
  MY_UID=$HERE_UID MY_GID=$HERE_GID
  RUNTIME_DIR=/run/user/$MY_UID
  if ((EUID != 0 && EUID != MY_UID)); then
    echo "recover.sh: run it as root or as $POD_USER" >&2
    exit 2
  fi
  check_uid
  check_uid_alone
  check_primary_gid
  check_group
  check_gid_alone
  check_kept_gid "$HERE_GID"
  # Where podman would begin with nothing, its containers would start without their data.
  [[ -e $POD_STORAGE/db.sql || -e $POD_STORAGE/libpod/bolt_state.db ]] || WRONG=blocker
  check_home
  WRONG=blocker
  check_kept_storage
  WRONG=problem
}

check_subordinate_ids() {
  local file range=''
  check_ranges
  for file in "$ETC/subuid" "$ETC/subgid"; do
    check_table "$file"
    look_at_ranges "$file"
    WRONG=blocker
    check_range_there "$file"
    WRONG=problem
    ((!${#RANGES[@]})) || range=${RANGES[0]}
  done
  WRONG=blocker
  [[ -z $range ]] || check_kept_range "$range"
  WRONG=problem
}

# /run/user/<uid>, which the user's systemd makes. Never let podman run without it: it would put its
# state below /tmp, and its database keeps that for good.
check_runtime_directory() {
  local owner
  if [[ ! -e $RUNTIME_DIR ]]; then
    if ((EUID != 0)); then
      blocker "$RUNTIME_DIR is missing" \
        "As root: loginctl enable-linger $POD_USER && systemctl start user@$MY_UID.service"
      return
    fi
    say "$RUNTIME_DIR is missing: making it"
    if has_systemd; then
      change loginctl enable-linger "$POD_USER"
      change systemctl start "user@$MY_UID.service"
    else
      change mkdir --parents /run/user
      change install --directory --mode 0700 --owner "$MY_UID" --group "$MY_GID" "$RUNTIME_DIR"
    fi
  fi
  owner=$(stat --format %u "$RUNTIME_DIR" 2>/dev/null)
  if [[ -z $owner ]]; then
    blocker "$RUNTIME_DIR is missing" "See: systemctl status user@$MY_UID.service"
  elif [[ $owner != "$MY_UID" ]]; then
    blocker "$RUNTIME_DIR belongs to uid $owner and not to $POD_USER ($MY_UID)" \
      "See who that is: getent passwd $owner; it goes away with: systemctl stop user-runtime-dir@$MY_UID.service"
  fi
}

DATABASES=("$POD_STORAGE/db.sql" "$POD_STORAGE/libpod/bolt_state.db")

# podman's databases keep the paths of the uid that they were made under. After a change of the uid
# every call of podman fails, but nothing is lost: with the new paths in it, all containers are back.
check_database() {
  local file uid folder report present=0
  for file in "${DATABASES[@]}"; do [[ ! -e $file ]] || present=$((present + 1)); done
  if ((present > 1)); then
    problem "podman has two databases, ${DATABASES[0]} and ${DATABASES[1]}" \
      "podman 5 uses one of them: containers that seem to be missing may be in the other one." \
      "podman 6 works only after a reboot, and takes over the containers of the second one, which becomes bolt_state.db-old."
    TWO_DATABASES=1
  fi
  if ((EUID != 0)) && [[ -e $POD_HOME && ! -O $POD_HOME ]]; then
    blocker "$POD_HOME belongs to uid $(stat --format %u "$POD_HOME"), but $POD_USER has uid $MY_UID" \
      "What is in podman's database only root can see. As root: recover.sh"
  fi
  for uid in $(stale_uids); do
    if ((CURE && !STATUS && !DRY_RUN)); then
      cure_database "$uid" || blocker "podman's database still names /run/user/$uid: the cure was not done, see above"
    else
      # By a link podman works, but for containers on a network of their own.
      if as_user test -w "/run/user/$uid"; then report=problem; else report=blocker; fi
      "$report" "podman's database names /run/user/$uid, but $POD_USER has uid $MY_UID" \
        "No container is lost. As root: recover.sh --cure" \
        "It stops what runs of $POD_USER, corrects the database, keeps a copy of the old one, and starts the containers."
    fi
  done
  for folder in $(folders_in_tmp); do
    if ((CURE && !STATUS && !DRY_RUN)); then
      cure_database "$MY_UID" "$folder" || blocker "podman's database still names $folder: the cure was not done, see above"
    else
      problem "podman keeps its state in $folder, where a clean-up of /tmp takes it away from running containers" \
        "No container is lost. As root: recover.sh --cure" \
        "It stops what runs of $POD_USER, writes $RUNTIME_DIR into the database, keeps a copy of the old one, and starts the containers."
    fi
  done
}
TWO_DATABASES=0

# Where podman puts its state while the runtime directory is missing, if its databases name that.
folders_in_tmp() {
  grep --no-filename --text --only-matching --extended-regexp '/tmp/(storage|podman)-run-[0-9]+/(containers|libpod)' \
    "${DATABASES[@]}" "${DATABASES[0]}-wal" 2>/dev/null | cut -d/ -f1-3 | sort -u
}

# The uids, other than the user's, whose runtime directories podman's databases name.
stale_uids() {
  grep --no-filename --text --only-matching --extended-regexp '/run/user/[0-9]+/(containers|libpod)' \
    "${DATABASES[@]}" "${DATABASES[0]}-wal" 2>/dev/null | cut -d/ -f4 | sort -u | grep -vx "$MY_UID"
}

# Moves podman's database away, which then makes a new one. Images and volumes stay.
set_database_aside() {
  local uid database file stamp uids=$MY_UID
  for uid in $(stale_uids); do
    uids+=,$uid
    ((CURE && !STATUS && !DRY_RUN)) || continue
    stop_podman "$uid" && give_files "$uid" && continue
    blocker "the database that names /run/user/$uid was not set aside: see above"
    return
  done
  pgrep -u "$uids" -x conmon >/dev/null
  # Any other status does not say that there is none.
  if (($? != 1)); then
    blocker "containers of $POD_USER still run: their database is not moved away under them" \
      "Stop them first (each service is then down): podman stop --all"
    return
  fi
  stamp=$(date +%Y%m%d-%H%M%S)
  for database in "${DATABASES[@]}"; do
    for file in "$database" "$database-journal" "$database-wal" "$database-shm"; do
      [[ -e $file ]] || continue
      say "setting podman's database aside as $file.before-$stamp"
      change mv -- "$file" "$file.before-$stamp"
    done
  done
}

# ---- The cure of a changed uid ------------------------------------------------------------------

# Corrects podman's database, which names the runtime directory of uid $1 or the folder $2, and gives the
# user the files of that uid in its home. It may be cut off at any moment, and done again.
cure_database() {
  local folder=${2-/run/user/$1}
  if ((TWO_DATABASES)); then
    more "Move the database that podman does not use out of $POD_STORAGE first."
    return 1
  fi
  stop_podman "$1" || return
  [[ $1 == "$MY_UID" ]] || give_files "$1" || return
  if [[ -e ${DATABASES[1]} ]]; then
    migrate_boltdb "$1" && stop_podman "$1" || return
  fi
  replace_paths "${DATABASES[0]}" "$folder/" "$RUNTIME_DIR/" || return
  [[ ! -L /run/user/$1 ]] ||
    more "The link /run/user/$1 is not needed any more. Remove the line of systemd.tmpfiles.rules that makes it."
}

# Stops the containers and all else of the user, whose old uid is $1. Fails unless nothing is left.
stop_podman() {
  local verb unit pid found uids=$MY_UID status=0 stop=() kill=()
  [[ $1 == "$MY_UID" ]] || uids+=", before $1"
  if has_systemd; then
    # Of the user are the containers' units, its own systemd, and the gates, which only a signal ends.
    while read -r verb unit; do
      if [[ $verb == yes ]]; then kill+=("$unit"); else stop+=("$unit"); fi
    done < <(systemctl show --property Id,User,RefuseManualStop '*.service' |
      awk -v RS= -F '[\n=]' -v user="$POD_USER" -v uid="$MY_UID" '{
        for (i = 1; i < NF; i += 2) value[$i] = $(i + 1)
        if (value["User"] == user || value["User"] == uid) print value["RefuseManualStop"], value["Id"]
      }')
    # The old uid may be somebody else's now.
    passwd_lines 3 "$1" | grep -q . || stop+=("user@$1.service")
    say "systemctl stop ${stop[*]}"
    ((${#kill[@]} == 0)) || systemctl kill --signal KILL "${kill[@]}" 2>/dev/null
    systemctl stop "${stop[@]}"
    STOPPED=1
  fi
  found=$(processes_of "$1" "$MY_UID") || status=$?
  # podman's pause process serves nobody if it is all that is left.
  if ((!status)) && [[ -n $found ]] && ! grep -qv '^[0-9]* catatonit' <<<"$found"; then
    while read -r pid _; do
      kill -TERM "$pid"
      await_end "$pid" 20
    done <<<"$found"
    found=$(processes_of "$1" "$MY_UID") || status=$?
  fi
  if ((status)); then
    problem "it cannot be told whether processes of $POD_USER run: /proc cannot be read"
  elif [[ -n $found ]]; then
    problem "processes of $POD_USER (uid $uids) still run: podman's database is not changed under them" "$found" \
      "Stop what they belong to, or reboot $HOST. Then run this again."
    status=1
  fi
  return "$status"
}

STOPPED=0 SUB_UIDS=()

# The processes of the given uids, and of the user's subordinate ids: "PID NAME UNIT" lines. Fails
# unless every process was seen.
processes_of() {
  local process key value other name state uids unit
  mapfile -t SUB_UIDS < <(sed -nE "s/^($POD_USER|$MY_UID|$1):([0-9]+:[0-9]+)$/\2/p" /etc/subuid)
  [[ -r /proc/$$/status ]] || return
  for process in /proc/[0-9]*; do
    uids=()
    while read -r key value other _; do
      case $key in
      Name:) name=$value ;;
      State:) state=$value ;;
      Uid:) uids=("$value" "$other") && break ;;
      esac
    done 2>/dev/null <"$process/status"
    # Only one that has ended meanwhile need not be read.
    if ((${#uids[@]} == 0)); then
      [[ ! -e $process ]] || return
    elif [[ $state != Z ]] && is_of_user "${uids[@]}" "$@"; then
      unit=$(sed -n 's#^0::.*/\([^/]*\.service\|[^/]*\.scope\).*#\1#p' "$process/cgroup" 2>/dev/null)
      echo "${process#/proc/} $name${unit:+ ($unit)}"
    fi
  done
}

# Whether the real uid $1 or the effective uid $2 of a process is one of the others, or a subordinate id.
is_of_user() {
  local uid range
  for uid in "${@:3}"; do
    (($1 != uid && $2 != uid)) || return 0
  done
  for range in "$POD_SUB_IDS" "${SUB_UIDS[@]}"; do
    (($2 < ${range%:*} || $2 >= ${range%:*} + ${range#*:})) || return 0
  done
  return 1
}

# Gives the user the files of uid $1 in its home and in podman's storage, and those of no other uid; if its
# primary group was changed as well, also those of the old one there.
give_files() {
  local folder gid failed=0
  gid=$(storage_gid)
  [[ $gid != "$MY_GID" && $gid != 0 ]] || gid=''
  for folder in "$POD_HOME" "$POD_STORAGE"; do
    [[ -d $folder ]] || continue
    say "giving $POD_USER ($MY_UID) the files of uid $1 in $folder${gid:+, and its group ($MY_GID) those of gid $gid}"
    in_place "$folder" give_files_here "$1" "$gid" && continue
    problem "not every file of uid $1${gid:+ and gid $gid} in $folder could be given to $POD_USER" \
      "If a link of $POD_USER leads there, only you know whether that is right. As root:" \
      "find $(typed "$(realpath -- "$folder")") -xdev -uid $1 -exec chown --no-dereference $MY_UID {} +" \
      ${gid:+"find $(typed "$(realpath -- "$folder")") -xdev -gid $gid -exec chgrp --no-dereference $MY_GID {} +"}
    failed=1
  done
  return "$failed"
}

give_files_here() {
  give_here -uid "$1" "$1" "$MY_UID" && { [[ -z $2 ]] || give_here -gid "$2" ":$2" ":$MY_GID"; }
}

# give_here -uid|-gid ID FROM TO: chown takes setuid and setgid bits away, which programs of images have: those are
# given back. A folder comes after what is in it: while anything is left, podman's storage has the old group.
give_here() {
  local mode path failed=0
  while read -r -d '' mode path; do
    chown --no-dereference --from="$3" -- "$4" "$path" && chmod -- "$mode" "$path" || failed=1
  done < <(find . -xdev -type f "$1" "$2" -perm /6000 -printf '%m %p\0')
  find . -xdev -depth "$1" "$2" -exec chown --no-dereference --from="$3" -- "$4" {} + || failed=1
  return "$failed"
}

# Has podman make an SQLite database of a BoltDB, which nothing else can correct.
migrate_boltdb() {
  local link='' status=0
  if ! as_user podman system migrate --help 2>/dev/null | grep -q -e --migrate-db; then
    problem "podman's database is a BoltDB, and this podman cannot migrate it: ${DATABASES[1]}" \
      "With podman 5.8 or newer this keeps the containers; run it again then. Or make them anew, with the volumes" \
      "and data that they have: recover.sh --cure --new-database"
    return 1
  fi
  check_runtime_directory
  ((READY)) || return
  # podman 5.8 does so only if the directory that the database names is there.
  if [[ ! -e /run/user/$1 ]]; then
    link=/run/user/$1
    ln -s "$MY_UID" "$link"
  fi
  say "podman system migrate --migrate-db"
  as_user podman system migrate --migrate-db >&2 || status=$?
  [[ -z $link ]] || rm -- "$link"
  [[ ! -e ${DATABASES[1]} ]] || status=1
  ((!status)) || problem "podman did not migrate ${DATABASES[1]}"
  return "$status"
}

# Replaces $2 by $3 in all of podman's database $1. Where that fails the database is what it was.
replace_paths() {
  local database=$1 old=$2 new=$3 copy owner columns=''
  if as_user sh -c 'command -v sqlite3' >/dev/null; then
    # This also ends what a transaction that was cut off has begun.
    columns=$(sqlite "$database" <<<"SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table';")
    if [[ -z $columns ]]; then
      problem "SQLite finds no tables in $database"
      return 1
    fi
  elif ((${#old} != ${#new})); then
    problem "sqlite3 is not installed; without it, uids of one length alone can be exchanged" "Install sqlite3, and run this again."
    return 1
  fi
  if [[ -e $database-journal || -e $database-wal ]]; then
    problem "a change of $database was cut off, which SQLite has to end" "Install sqlite3, and run this again."
    return 1
  fi
  copy=$database.before-$(date +%Y%m%d-%H%M%S)
  owner=$(stat --format '%u:%g %a' "$database")
  say "replacing $old by $new in $database; the old one is kept as $copy"
  as_user cp --preserve=mode,ownership,timestamps -- "$database" "$copy" || return
  if [[ -n $columns ]]; then
    replacement "$old" "$new" <<<"$columns" | sqlite "$database" >&2
  else
    as_user sed --in-place "s#$old#$new#g" "$database"
  fi && ! as_user grep --quiet --text --fixed-strings -e "$old" "$database" &&
    [[ $(stat --format '%u:%g %a' "$database") == "$owner" ]] && return
  problem "the paths in $database could not be replaced; the copy is put back"
  as_user rm --force -- "$database"-{journal,wal,shm}
  as_user mv --force -- "$copy" "$database"
  return 1
}

# Runs SQL on the database $1. Without file: sqlite3 may take a database whose name ends in .sql for a
# script, run that, and end with status 0.
sqlite() {
  local uri=${1//%/%25}
  uri=${uri//\?/%3f}
  as_user sqlite3 -batch -bail -init /dev/null "file:${uri//#/%23}?mode=rw"
}

# The SQL that replaces $1 by $2 in "TABLE|COLUMN" lines: all of it, or nothing where a row still has $1
# afterwards or the database is not intact. What is a BLOB stays one: podman reads nothing else.
replacement() {
  local table column text new
  printf '%s\n' 'BEGIN EXCLUSIVE;' \
    'CREATE TEMP TABLE rest (number CONSTRAINT "nothing is left" CHECK (number = 0));' \
    "CREATE TEMP TABLE integrity (answer CONSTRAINT \"it is intact\" CHECK (answer = 'ok'));"
  while IFS='|' read -r table column; do
    text="CAST(\"$column\" AS TEXT)" new="replace(CAST(\"$column\" AS TEXT), '$1', '$2')"
    printf '%s\n' \
      "UPDATE \"$table\" SET \"$column\" = CASE typeof(\"$column\") WHEN 'blob' THEN CAST($new AS BLOB) ELSE $new END WHERE instr($text, '$1');" \
      "INSERT INTO rest SELECT count(*) FROM \"$table\" WHERE instr($text, '$1');"
  done
  # What was replaced may still lie in unused parts of the file: VACUUM writes it without those.
  printf '%s\n' 'INSERT INTO integrity SELECT * FROM pragma_integrity_check;' 'COMMIT;' 'VACUUM;'
}

# Units that are for another uid start nothing, and nobody else may start what is theirs.
check_units() {
  local name said
  has_systemd && ((!BY_HAND)) || return 0
  for name in "${NAMES[@]}"; do
    said=$(systemctl show --value --property Environment "podman-$name.service" 2>/dev/null)
    [[ $said =~ XDG_RUNTIME_DIR=/run/user/([0-9]+) && ${BASH_REMATCH[1]} != "$MY_UID" ]] || continue
    blocker "podman-$name.service is for uid ${BASH_REMATCH[1]}, but $POD_USER has uid $MY_UID" \
      "Switch $HOST to a configuration that pins $MY_UID; that starts the containers."
    return
  done
}

# Whether podman answers at all; if not, why.
check_podman() {
  local said
  if ! as_user sh -c 'command -v podman' >/dev/null; then
    blocker "podman is not installed" "It is looked for in $PATH."
    return
  fi
  said=$(podman ps --quiet 2>&1 >/dev/null)
  case $? in
  0) return ;;
  124)
    blocker "podman does not answer for $POD_USER: podman ps was ended after 20 s" \
      "Something of it may hang, or its storage: ps -u $MY_UID -o pid,stat,args; mount; dmesg | tail" \
      "A process in state D waits for a disk or a network file system."
    return
    ;;
  esac
  blocker "podman does not work for $POD_USER. It says:" "$said"
  case ${said,,} in
  *'owned by a different user'*)
    more "=> Another user has uid $MY_UID too, see above." ;;
  *newuidmap*'not found'* | *newgidmap*'not found'*)
    more "=> newuidmap is missing: on NixOS it is /run/wrappers/bin/newuidmap, on Debian in the package uidmap." ;;
  *'not permitted'* | *newuidmap* | *newgidmap*)
    more "=> newuidmap must be setuid root, or have the capability cap_setuid, and newgidmap cap_setgid. They are:" \
      "$(ls -l "$(command -v newuidmap)" "$(command -v newgidmap)" 2>&1)" ;;
  *'boltdb database exists'*)
    more "=> podman 6 reads no BoltDB. After a reboot it moves the containers to db.sql by itself; the old file becomes bolt_state.db-old." \
      "Without a reboot, as $POD_USER and with none of its containers running: podman system migrate --migrate-db" ;;
  *'invalid internal status'*)
    more "=> podman's own process was killed. As root: systemctl restart user-runtime-dir@$MY_UID.service user@$MY_UID.service; that stops what still runs." ;;
  *'database configuration mismatch'*)
    if [[ $said =~ 'static dir "'([^\"]+)/.local/share/containers/storage/libpod\" && ${BASH_REMATCH[1]} != "$POD_HOME" ]]; then
      more "=> The home of $POD_USER was ${BASH_REMATCH[1]}. If it was moved, put a link there: ln -sT $(typed "$POD_HOME" "${BASH_REMATCH[1]}")"
    else
      more "=> podman was called with other paths before: see storage.conf(5), graphroot and runroot."
    fi ;;
  *storage*'permission denied'*)
    explain_storage ;;
  */run/user/*)
    more "=> Its state is looked for in the directory of another uid, see above." ;;
  esac
}

# podman's storage belongs to another group, the primary one of then, where nothing has said so yet.
explain_storage() {
  local gid ways
  gid=$(storage_gid)
  [[ -n $gid && $gid != "$MY_GID" && $gid != "$KEPT_GID" ]] || return 0
  mapfile -t ways < <(gid_again "$gid")
  more "=> $POD_STORAGE belongs to gid $gid, and the primary gid of $POD_USER is $MY_GID now. No container is lost." "${ways[@]}"
}

# podman 6 does not start what podman 4 made with slirp4netns. Once migrated it has pasta, the same ids and data.
check_slirp4netns() {
  local names
  local -a ids
  [[ $(podman --version 2>/dev/null) =~ ([0-9]+)\. ]] && ((BASH_REMATCH[1] >= 6)) || return 0
  mapfile -t ids < <(podman ps --all --quiet)
  ((${#ids[@]})) || return 0
  names=$(podman container inspect --format '{{.HostConfig.NetworkMode}} {{.Name}}' "${ids[@]}" 2>/dev/null |
    sed -n 's/^slirp4netns[^ ]* //p' | paste -sd ' ')
  [[ -n $names ]] || return 0
  if ((STATUS)) || { ((!CURE)) && [[ -n $(podman ps --quiet) ]]; }; then
    problem "podman 6 cannot start $names: made by podman 4, with slirp4netns" \
      "podman system migrate gives them pasta, and they keep their ids and data. It stops what runs:" \
      "run this with --cure, which does that and starts everything again."
  else
    say "podman 6 cannot start $names: made by podman 4, with slirp4netns. podman system migrate gives them pasta"
    try podman system migrate || problem "podman system migrate fails:" "$SAID"
  fi
}

# The mount points that this host is to have, one a line: those of fstab(5) and of mount units.
mount_points() {
  local point kind escaped
  {
    # Blanks are written as \040 there.
    while read -r _ escaped kind _; do
      [[ $escaped == /* && $kind != swap ]] && printf '%b\n' "${escaped//\\/\\0}"
    done < <(grep -v '^[[:space:]]*#' /etc/fstab 2>/dev/null)
    sed -n 's/^Where=//p' /etc/systemd/system/*.mount /run/systemd/generator/*.mount 2>/dev/null
  } | while read -r point; do printf '%s\n' "${point%/}"; done | sort -u
}

# Whether something is mounted at $1. An automount is asked for: it is mounted when it is looked at.
is_mounted() {
  timeout 10 stat "$1/." >/dev/null 2>&1
  awk -v point="$1" '$5 == point { kind = ""; for (i = 7; i < NF; i++) if ($i == "-") kind = $(i + 1)
    if (kind != "autofs") found = 1 } END { exit !found }' /proc/self/mountinfo
}

# Sets MISSING_MOUNTS to the mount points at which nothing is mounted.
MISSING_MOUNTS=()
find_missing_mounts() {
  local point
  while read -r point; do
    [[ -z $point ]] || is_mounted "$point" || MISSING_MOUNTS+=("$point")
  done < <(mount_points)
}

# The mount point above path $1 at which nothing is mounted.
missing_mount_of() {
  local point
  for point in "${MISSING_MOUNTS[@]}"; do
    [[ $1/ != "$point"/* ]] || { printf '%s\n' "$point" && return; }
  done
  return 1
}

# The paths of the host that container $1 mounts.
mounted_paths() {
  local entry
  read_command "$1"
  for entry in "${!WANT[@]}"; do
    [[ $entry == volume\ /* ]] || continue
    entry=${entry#volume } entry=${entry%:*}
    printf '%s\n' "${entry%%:*}"
  done | sort
}

# A container whose data lies on a disk that is not mounted would begin with nothing: it is not started.
check_disks() {
  local index path point
  find_missing_mounts
  ((${#MISSING_MOUNTS[@]})) || return 0
  for path in "$POD_HOME" "$POD_STORAGE"; do
    point=$(missing_mount_of "$path") || continue
    blocker "$path belongs on the disk at $point, which is not mounted" \
      "podman would begin there without images, containers and volumes. As root: mount $(typed "$point")"
    return
  done
  for index in "${!NAMES[@]}"; do
    ((CHOSEN[index])) || continue
    while read -r path; do
      point=$(missing_mount_of "$path") || continue
      problem "$path, which ${NAMES[index]} mounts, belongs on the disk at $point, which is not mounted" \
        "${NAMES[index]} is not started: it would run without its data. As root: mount $(typed "$point")"
      WITHHELD[$index]="the disk at $point is not mounted"
      break
    done < <(mounted_paths "$index")
  done
}

# A folder of data that is missing may be one that was lost: it is made only when asked. What was in it, only a
# backup has.
check_directories() {
  local path index mounted
  for path in "${DIRECTORIES[@]}"; do
    [[ ! -e $path ]] || continue
    missing_mount_of "$path" >/dev/null && continue
    if ((MAKE_FOLDERS)) && [[ -n $MY_UID ]]; then
      say "making $path, EMPTY (--make-folders)"
      make_folder "$path" || problem "$path cannot be made"
      continue
    fi
    problem "$path is missing: the data of its containers is not there" \
      "Restore it from a backup. If there never was any: recover.sh --make-folders"
    for index in "${!NAMES[@]}"; do
      while read -r mounted; do
        [[ $mounted/ != "$path"/* ]] || WITHHELD[$index]="$path is missing"
      done < <(mounted_paths "$index")
    done
  done
}

# Makes folder $1 for the user, below one that nobody but root can have led elsewhere.
make_folder() {
  if ((EUID != 0)); then
    change mkdir --parents --mode 0750 -- "$1"
  elif ((DRY_RUN)); then
    typed install --directory --mode 0750 --owner "$MY_UID" --group "$MY_GID" -- "$1"
  elif has_foreign_link "$1"; then
    more "$1 leads through a link that belongs to somebody other than root: namei --owners $(typed "$1")"
    return 1
  else
    mkdir --parents -- "$1" && in_place "$1" chown --no-dereference "$MY_UID:$MY_GID" . && in_place "$1" chmod 0750 .
  fi
}

# Whether a link of somebody's other than root's is in path $1: it could lead to the files of others.
has_foreign_link() {
  local part path=''
  local -a parts
  IFS=/ read -ra parts <<<"${1#/}"
  for part in "${parts[@]}"; do
    path+=/$part
    [[ ! -L $path || $(stat --format %u -- "$path") == 0 ]] || return 0
  done
  return 1
}

# Runs a command in folder $1, as root: not where a link of the user's leads. Once it is entered, no change of
# the path matters.
in_place() (
  has_foreign_link "$1" && exit 1
  cd -P -- "$1" && [[ $PWD == "$(realpath -- "$1")" ]] || exit 1
  has_foreign_link "$1" && exit 1
  shift
  "$@"
)

# Files of a uid that is neither the user's nor one of its subordinate ones are nobody's in a
# container: its service can neither chown nor chmod them, and databases fail to open.
check_ownership() {
  local path found owner first=${POD_SUB_IDS%:*} count=${POD_SUB_IDS#*:}
  for path in "${DIRECTORIES[@]}"; do
    [[ -d $path ]] || continue
    if ((EUID == 0)) && has_foreign_link "$path"; then
      problem "$path leads through a link that belongs to somebody other than root: it is not looked at" \
        "See where it leads: namei --owners $(typed "$path")"
      continue
    fi
    found=$(timeout 5 find "$path/" -xdev -maxdepth 3 ! -uid "$MY_UID" ! -uid 0 \
      \( -uid "-$first" -o -uid "+$((first + count - 1))" \) -printf '%U %p\n' -quit 2>/dev/null)
    [[ -n $found ]] || continue
    owner=${found%% *}
    problem "${found#* } belongs to uid $owner, which containers of $POD_USER do not know" \
      "As root: chown --recursive --no-dereference --from=$owner $MY_UID:$MY_GID $(typed "$path")"
    if ((CURE && EUID == 0)); then
      more "Doing it (--cure)."
      if ((DRY_RUN || STATUS)); then
        change chown --recursive --no-dereference "--from=$owner" "$MY_UID:$MY_GID" -- "$path"
      else
        in_place "$path" chown --recursive --no-dereference "--from=$owner" "$MY_UID:$MY_GID" .
      fi
    fi
  done
}

# podman reads them when it makes a container. They are often written by something else, which may not have run.
check_env_files() {
  local index file
  for index in "${!NAMES[@]}"; do
    ((CHOSEN[index])) || continue
    read_command "$index"
    for file in "${WANT_FILES[@]}"; do
      if [[ ! -f $file ]]; then
        problem "$file is missing, from which ${NAMES[index]} gets its variables" \
          "It is not made by this script: restore it, or start what writes it."
      elif [[ -n $MY_UID ]] && ! as_user test -r "$file"; then
        problem "$file cannot be read by $POD_USER: ${NAMES[index]} gets its variables from it" \
          "It is: $(ls -l -- "$file")"
      fi
    done
  done
}

check_networks() {
  local network options
  local -a words
  for network in "${NETWORKS[@]}"; do
    options=${NETWORK_OPTIONS[$network]-} words=()
    if podman network exists "$network"; then
      [[ -n $options && $(podman network inspect --format '{{index .Labels "io.nixgen.options"}}' "$network") != "$options" ]] || continue
      say "the network $network was made with other options; podman network rm"
      if ! try podman network rm "$network"; then
        more "It is left as it is: podman removes no network that containers are attached to." "$SAID"
        continue
      fi
    fi
    say "making the network $network"
    if [[ -n $options ]]; then
      read -ra words <<<"$options"
      words+=(--label "io.nixgen.options=$options")
    fi
    try podman network create "${words[@]}" "$network" || problem "the network $network cannot be made:" "$SAID"
  done
}

# All of the above. Under --dry-run what is not there yet keeps podman from being asked.
check_host() {
  check_disks
  check_user
  ((STATUS)) || check_directories
  ((STATUS)) || check_env_files
  ((READY)) || return
  check_subordinate_ids
  ((NEW_DATABASE)) && set_database_aside
  check_database
  check_runtime_directory
  check_units
  ((READY)) && check_podman
  ((READY)) || return
  check_slirp4netns
  check_ownership
  ((STATUS)) || check_networks
}

# ---- Is a container as its command would make it? -----------------------------------------------

clean_path() { realpath --canonicalize-missing --no-symlinks -- "$1"; }

# What one --publish asks for: "PORT/PROTOCOL ADDRESS HOSTPORT" a line, "any" where podman chooses.
published() {
  local text=$1 protocol=tcp address='' host container at
  if [[ $text == */* ]]; then protocol=${text##*/} text=${text%/*}; fi
  container=${text##*:}
  text=${text%"$container"} text=${text%:}
  host=${text##*:}
  [[ $text != *:* ]] || address=${text%:*}
  address=${address#\[} address=${address%\]}
  [[ $address != 0.0.0.0 ]] || address=''
  for ((at = ${container%-*}; at <= ${container#*-}; at++)); do
    printf '%s/%s %s %s\n' "$at" "$protocol" "${address:-*}" \
      "$([[ -z $host ]] && echo any || echo $((${host%-*} + at - ${container%-*})))"
  done
}

# Sets WANT_*: what the command of container $1 asks for.
read_command() {
  local -a words=("${WORDS[@]:FIRST_WORD[$1]:WORD_COUNT[$1]}")
  local at=3 value line source target options
  local -a networks=()
  WANT=() WANT_KEYS=() WANT_USER='' WANT_NETWORK=default WANT_PULL=missing WANT_RESTART='' WANT_FILES=()
  WANT_ENTRYPOINT='' WANT_USERNS='' WANT_CAPS=()
  while [[ ${words[at]} == --* ]]; do
    # A switch: --read-only=true.
    if [[ ${words[at]} == --*=* ]]; then
      case ${words[at]} in
      --privileged=true | --read-only=true) WANT["option ${words[at]%=*}"]=1 ;;
      esac
      at=$((at + 1))
      continue
    fi
    value=${words[at + 1]}
    case ${words[at]} in
    --pull) WANT_PULL=$value ;;
    --restart) WANT_RESTART=$value ;;
    --user) WANT_USER=$value ;;
    --entrypoint) WANT_ENTRYPOINT=$value ;;
    --userns) WANT_USERNS=$value ;;
    --dns) WANT["dns $value"]=1 ;;
    --pid | --ipc) [[ $value != host ]] || WANT["option ${words[at]} host"]=1 ;;
    --cap-add) value=${value^^} WANT_CAPS[${value#CAP_}]=1 ;;
    --security-opt) ! weakens "$value" || WANT["option --security-opt $value"]=1 ;;
    --network) networks+=("$(network_name "$value")") ;;
    --env-file) WANT_FILES+=("$value") ;;
    --env) WANT["env $value"]=1 WANT_KEYS[${value%%=*}]=1 ;;
    --publish) while read -r line; do WANT["port $line"]=1; done < <(published "$value") ;;
    --volume)
      IFS=: read -r source target options <<<"$value"
      [[ $source != /* ]] || source=$(clean_path "$source")
      [[ ,$options, == *,ro,* ]] && options=ro || options=rw
      WANT["volume $source:$(clean_path "$target"):$options"]=1
      ;;
    esac
    at=$((at + 2))
  done
  # podman shows them in the order of their names.
  ((${#networks[@]} == 0)) || WANT_NETWORK=$(printf '%s\n' "${networks[@]}" | LC_ALL=C sort | paste -s -d ' ' -)
  WANT_IMAGE=${words[at]}
  WANT_CMD=("${words[@]:at + 1}")
}

# Whether a security option takes away some of the isolation; others are shown in other words than they were given.
weakens() {
  [[ $1 == seccomp=unconfined || $1 == label=disable || $1 == apparmor=unconfined || $1 == unmask=* ]]
}

# The networks that come to the same: without --network podman uses slirp4netns, or pasta since 5.0.
network_name() {
  case $1 in
  '' | default | private | slirp4netns* | pasta*) echo default ;;
  bridge) echo podman ;;
  container:*) echo "$1" ;;
  # Behind the colon are names and addresses in it.
  *) echo "${1%%:*}" ;;
  esac
}

# What podman is asked about a container, each answer ended by a NUL.
# shellcheck disable=SC2016 # the $ are podman's
INSPECT='state {{.State.Status}}{{"\x00"}}exit {{.State.ExitCode}}{{"\x00"}}pid {{.State.Pid}}{{"\x00"}}id {{.Id}}{{"\x00"}}image {{.ImageName}}{{"\x00"}}image-id {{.Image}}{{"\x00"}}user {{.Config.User}}{{"\x00"}}mode {{.HostConfig.NetworkMode}}{{"\x00"}}{{if .HostConfig.Privileged}}option --privileged{{"\x00"}}{{end}}{{if .HostConfig.ReadonlyRootfs}}option --read-only{{"\x00"}}{{end}}{{if eq .HostConfig.PidMode "host"}}option --pid host{{"\x00"}}{{end}}{{if eq .HostConfig.IpcMode "host"}}option --ipc host{{"\x00"}}{{end}}{{range .HostConfig.CapAdd}}cap {{.}}{{"\x00"}}{{end}}{{range .HostConfig.SecurityOpt}}security {{.}}{{"\x00"}}{{end}}{{range .HostConfig.Dns}}dns {{.}}{{"\x00"}}{{end}}entrypoint {{printf "%v" .Config.Entrypoint}}{{"\x00"}}{{range $name, $_ := .NetworkSettings.Networks}}network {{$name}}{{"\x00"}}{{end}}{{range .Config.Cmd}}cmd {{.}}{{"\x00"}}{{end}}{{range .Config.Env}}env {{.}}{{"\x00"}}{{end}}{{range $port, $hosts := .HostConfig.PortBindings}}{{range $hosts}}port {{$port}} {{if or (eq .HostIP "") (eq .HostIP "0.0.0.0")}}*{{else}}{{.HostIP}}{{end}} {{.HostPort}}{{"\x00"}}{{end}}{{end}}{{range .Mounts}}{{.Type}} {{if eq .Type "volume"}}{{.Name}}{{else}}{{.Source}}{{end}}:{{.Destination}}:{{if .RW}}rw{{else}}ro{{end}}{{"\x00"}}{{end}}'
# And about its image, for what the definition leaves to that.
INSPECT_IMAGE='user {{.Config.User}}{{"\x00"}}entrypoint {{printf "%v" .Config.Entrypoint}}{{"\x00"}}{{range .Config.Cmd}}cmd {{.}}{{"\x00"}}{{end}}{{range .Config.Env}}env {{.}}{{"\x00"}}{{end}}'

declare -A WANT WANT_KEYS WANT_CAPS HAVE
STATE='' CONTAINER_ID='' DIFFERENCES=()

# Whether there surely is no process $1 in a container: there is none at all, or one in the user namespace of
# this script, which has the number by now.
gone() {
  [[ $(kill -0 "$1" 2>&1) != *'No such process'* ]] || return 0
  [[ $(readlink "/proc/$1/ns/user" 2>/dev/null) == "$(readlink /proc/self/ns/user)" ]]
}

# The network namespace of process $1.
net_of() { as_user readlink "/proc/$1/ns/net"; }

# Sets STATE of container $1 to what podman says, to "killed" if podman says that it runs and its process is gone,
# to "cut-off" if it is in the network of a container that ended or was started again since,
# to "done" for a job (--restart no) that has ended with status 0, to "missing", or to "external" where the name is held by storage that podman's database knows
# nothing of; and DIFFERENCES to a line for each way in which it is not as defined. Secrets are in
# environments: of those only the names are said.
look_at() {
  local name=${NAMES[$1]} entry key value pid=0 image='' image_id='' user='' mode='' entrypoint='' network=''
  local exit_status='' image_user='' image_entrypoint='' owner='' target='' found=0
  local -a cmd=() image_cmd=()
  STATE=missing CONTAINER_ID='' DIFFERENCES=() HAVE=()
  read_command "$1"
  while IFS= read -r -d '' entry; do
    found=1 key=${entry%% *} value=${entry#* }
    case $key in
    state) STATE=$value ;;
    exit) exit_status=$value ;;
    pid) pid=$value ;;
    id) CONTAINER_ID=$value ;;
    image) image=$value ;;
    image-id) image_id=$value ;;
    user) user=$value ;;
    mode) mode=$value ;;
    entrypoint) entrypoint=$value ;;
    network) network+=${network:+ }$value ;;
    cmd) cmd+=("$value") ;;
    port)
      [[ -z ${WANT["port ${value% *} any"]+set} ]] || value="${value% *} any"
      HAVE["port $value"]=1
      ;;
    env) HAVE["env $value"]=1 ;;
    dns) HAVE["dns $value"]=1 ;;
    option) HAVE["option $value"]=1 ;;
    cap)
      value=${value#CAP_}
      [[ -n ${WANT_CAPS[$value]+set} || -n ${WANT_CAPS[ALL]+set} ]] || HAVE["option --cap-add $value"]=1
      ;;
    security)
      # podman 6 says of a privileged one that it is unmasked.
      [[ -n ${HAVE["option --privileged"]+set} ]] || ! weakens "$value" ||
        HAVE["option --security-opt $value"]=1
      ;;
    volume | bind)
      # A name of 64 digits is one that podman gave, for a VOLUME of the image.
      [[ $key == bind || ! $value =~ ^[0-9a-f]{64}: ]] || continue
      target=${value#*:}
      HAVE["volume ${value%%:*}:$(clean_path "${target%:*}"):${value##*:}"]=1
      ;;
    esac
  done < <(podman container inspect --format "$INSPECT" "$name" 2>/dev/null)
  if ((!found)); then
    # A unit removes its container when that has ended, and stays active if the status was 0.
    if [[ $WANT_RESTART == no && $(unit_state "$name") == 'active exited' ]]; then
      STATE='done'
    elif podman container exists --external "$name" 2>/dev/null; then
      STATE=external
    fi
    return
  fi
  if [[ $WANT_RESTART == no && $STATE == exited && $exit_status == 0 ]]; then STATE='done'; fi

  if [[ $STATE == running || $STATE == stopping ]] && gone "$pid"; then STATE=killed; fi

  # Variables that are nobody's wish: podman's, the image's, those of files and of a proxy.
  local -A known=([PATH]=1 [TERM]=1 [container]=1 [HOME]=1 [HOSTNAME]=1 [NOTIFY_SOCKET]=1)
  while IFS= read -r -d '' entry; do
    key=${entry%% *} value=${entry#* }
    case $key in
    user) image_user=$value ;;
    entrypoint) image_entrypoint=$value ;;
    cmd) image_cmd+=("$value") ;;
    # An image may have a variable without a name.
    env) [[ $value == =* || -z $value ]] || known[${value%%=*}]=1 ;;
    esac
  done < <(podman image inspect --format "$INSPECT_IMAGE" "$image_id" 2>/dev/null)
  for entry in "${WANT_FILES[@]}"; do
    while IFS= read -r key; do known[$key]=1; done \
      < <(as_user sed -n 's/^ *\([^#=][^=]*\).*/\1/p' "$entry" 2>/dev/null)
  done

  same_image "$WANT_IMAGE" "$image" || differs "image: $image, but defined is $WANT_IMAGE"
  # With keep-id the user is that of the host.
  [[ ${WANT_USER:-$image_user} == "$user" || ($WANT_USERNS == keep-id* && -z $WANT_USER) ]] || differs "user: ${user:-none}, but defined is ${WANT_USER:-none}"
  [[ $mode == bridge ]] || network=$(network_name "$mode")
  if [[ $network == container:* ]]; then
    # podman knows it by its id.
    read -r owner target < <(podman container inspect --format '{{.Name}} {{.State.Pid}}' "${network#container:}" 2>/dev/null)
    network=container:${owner:-${network#container:}}
    if [[ $STATE == running && $(net_of "$pid") != "$(net_of "${target:-0}")" ]]; then STATE=cut-off; fi
  fi
  [[ $WANT_NETWORK == default && $network == podman ]] && network=default
  [[ $WANT_NETWORK == "$network" ]] || differs "network: ${network:-none}, but defined is $WANT_NETWORK"
  ((${#WANT_CMD[@]})) || WANT_CMD=("${image_cmd[@]}")
  [[ "$(typed "${WANT_CMD[@]}")" == "$(typed "${cmd[@]}")" ]] ||
    differs "command: $(typed "${cmd[@]}"), but defined is $(typed "${WANT_CMD[@]}")"
  # 4.x has a text, 5.x a list.
  if [[ -n $WANT_ENTRYPOINT ]]; then
    # A JSON list: its words with a blank between them, as podman shows them.
    image_entrypoint=${WANT_ENTRYPOINT//'","'/ } image_entrypoint=${image_entrypoint//\"/}
  fi
  [[ ${entrypoint//[][]/} == "${image_entrypoint//[][]/}" ]] || differs "entry point: $entrypoint"
  for entry in "${!WANT[@]}"; do
    [[ -n ${HAVE[$entry]+set} ]] || differs "defined, but it has not: $(nameable "$entry")"
  done
  for entry in "${!HAVE[@]}"; do
    [[ -z ${WANT[$entry]+set} ]] || continue
    if [[ $entry == env\ * ]]; then
      key=${entry#env } key=${key%%=*}
      # What is defined with another value was said above.
      [[ -z ${known[$key]+set} && -z ${WANT_KEYS[$key]+set} && ${key,,} != *_proxy ]] || continue
    fi
    differs "not defined, but it has: $(nameable "$entry")"
  done
}

differs() { DIFFERENCES+=("$1"); }

nameable() { if [[ $1 == env\ * ]]; then echo "${1%%=*}"; else echo "$1"; fi; }

# Whether podman could have meant image $2 when it was asked for $1.
same_image() {
  local want=$1 have=$2
  if [[ $want == *@* ]]; then
    [[ ${want%@*} =~ ^(.*/)?[^/:]+(:[^/]*)?$ ]] && want=${want%"${BASH_REMATCH[2]}"@*}@${want#*@}
    [[ ${have%@*} =~ ^(.*/)?[^/:]+(:[^/]*)?$ ]] && have=${have%"${BASH_REMATCH[2]}"@*}@${have#*@}
  elif [[ ${want##*/} != *:* ]]; then
    want+=:latest
  fi
  [[ $want == "$have" || ${have#*/} == "$want" || ${have#*/library/} == "$want" ]]
}

# ---- Starting one container ---------------------------------------------------------------------

# Runs a command of podman's and keeps what it says in SAID, for explain.
SAID=''
try() {
  if ((DRY_RUN)); then typed "$@"; else SAID=$("$@" 2>&1 >/dev/null); fi
}

# Runs the command of container $1, with --replace where $2 is "replace".
run_command() {
  local -a words=("${WORDS[@]:FIRST_WORD[$1]:WORD_COUNT[$1]}")
  local at
  if [[ ${2-} == replace ]]; then words=(podman run --replace "${words[@]:2}"); fi
  # It was pulled before, as far as that could be done.
  for at in "${!words[@]}"; do
    if [[ ${words[at]} == --pull ]] && ((!DRY_RUN)); then words[at + 1]=never && break; fi
  done
  try "${words[@]}"
}

# Keeps container NAME under another name, which is in ASIDE then.
ASIDE=''
set_aside() {
  ASIDE=$1-before-$(date +%Y%m%d-%H%M%S)
  say "$1: keeping the old one, with what was written inside of it, as $ASIDE"
  try podman rename "$1" "$ASIDE"
}

# What systemd says of the unit that the emitted modules have for container $1: "none", or
# ActiveState and SubState.
unit_state() {
  local load='' active='' sub=''
  if has_systemd; then
    { read -r load; read -r active; read -r sub; } < <(systemctl show --value \
      --property LoadState --property ActiveState --property SubState "podman-$1.service" 2>/dev/null)
  fi
  if [[ $load == loaded ]]; then echo "$active $sub"; else echo none; fi
}

# Makes container $1 run, and says in DID what was done. Fails where that is not possible.
bring_up() {
  local index=$1 name=${NAMES[$1]} unit
  look_at "$index"
  BEFORE[index]=$STATE
  ((${#DIFFERENCES[@]} == 0)) || BEFORE[index]+=', differs'

  if [[ $STATE == running ]]; then
    if ((${#DIFFERENCES[@]} == 0)); then
      DID[index]=nothing
      return
    fi
    say "$name: runs, but not as defined"
    more "${DIFFERENCES[@]}"
    if ((!REPLACE)); then
      more "It is left alone; --replace would stop it and make it anew."
      DID[index]='left alone'
      return
    fi
  fi

  # To run a job again is not for this script to decide.
  if [[ $STATE == 'done' ]] && ((${#DIFFERENCES[@]} == 0)); then
    DID[index]=nothing
    return
  fi

  unit=$(unit_state "$name")
  if [[ $unit != none ]]; then
    start_by_systemd "$index" "$unit"
    case $? in
    0) return ;;
    1) return 1 ;;
    esac
  fi
  if [[ $STATE == killed ]]; then
    say "$name: podman says that it runs, but its process is gone: podman stop"
    # That fails, but podman knows then.
    try podman stop --time 0 "$name"
    if ((DRY_RUN)); then STATE=exited; else look_at "$index"; fi
  fi
  if [[ $STATE == cut-off ]]; then
    say "$name: the container whose network it has ended, or was started again: podman stop"
    try podman stop "$name"
    if ((DRY_RUN)); then STATE=exited; else look_at "$index"; fi
  fi
  case $STATE in
  running)
    replace_running "$index"
    return
    ;;
  exited | 'done' | stopped | created | configured | initialized)
    if ((${#DIFFERENCES[@]} == 0)); then
      say "$name: podman start ($STATE)"
      if start_container "$index"; then
        DID[index]=started
        return
      fi
    else
      say "$name: does not run, and is not as defined; it is made anew"
      more "${DIFFERENCES[@]}"
      set_aside "$name" && make_container "$index" && return
    fi
    ;;
  paused)
    say "$name: podman unpause"
    try podman unpause "$name" && DID[index]=unpaused && return
    ;;
  killed)
    say "$name: podman cannot stop it, for another process has its number; it is made anew"
    set_aside "$name" && make_container "$index" && return
    ;;
  missing) make_container "$index" && return ;;
  external)
    if ((TWO_DATABASES && !REPLACE)); then
      SAID='the name is held by a container that is in none of podman'\''s tables: it may be in its other database'
    else
      say "$name: podman has forgotten the container, but its storage holds the name: replacing it"
      more "What it wrote outside of its volumes goes with it; volumes and /srv stay as they are."
      make_container "$index" replace && return
    fi
    ;;
  *)
    SAID="it is stuck in the state \"$STATE\"; podman rm --force $name frees it, with what it wrote outside of its volumes"
    ;;
  esac
  DID[index]=failed
  explain "$index"
  return 1
}

# Pulls the image of container $1 as its definition says. One that is here is good enough where it
# cannot be pulled: a registry that is down must not keep down what does not need it.
pull_image() {
  local here=0
  podman image exists "$WANT_IMAGE" && here=1
  case $WANT_PULL in
  missing) ((!here)) || return 0 ;;
  never)
    if ((!here)); then SAID="image $WANT_IMAGE: image not known, and it is not to be pulled now"; fi
    ((here || DRY_RUN))
    return
    ;;
  esac
  say "${NAMES[$1]}: podman pull $WANT_IMAGE"
  try as_user timeout "${TIMEOUTS[STAGE_OF[$1]]}" podman pull --quiet --policy "$WANT_PULL" "$WANT_IMAGE" && return
  ((here)) && say "${NAMES[$1]}: it cannot be pulled; the image that is here is taken"
}

# Starts container $1, which is there.
start_container() {
  local attempt
  try podman start "${NAMES[$1]}" && return
  # Where only a clean-up was cut off, podman makes up for it when this start fails: crun still has the
  # container, though nothing of it runs.
  [[ $SAID == *'already exists'* ]] || clear_cut_off "$1" || return
  # What was ended is cleared up by podman, which may take a moment.
  for attempt in 1 2 3 4 5; do
    try podman start "${NAMES[$1]}" && return
    sleep "0.$attempt"
  done
  return 1
}

# The processes that podman has beside each container that runs: "PID CONTAINER-ID" lines.
monitors() {
  local process
  for process in $(pgrep -u "$MY_UID" -x conmon); do
    tr '\0' '\n' <"/proc/$process/cmdline" 2>/dev/null |
      awk -v process="$process" 'option == "-c" { print process, $0; exit } { option = $0 }'
  done
}

# Waits until process $1 is gone; after $2 tenths of a second it is killed.
await_end() {
  local tenths
  for ((tenths = 0; tenths < $2; tenths++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null
}

# A start that was cut off, by a kill or by a lack of memory, leaves processes behind of which podman
# knows nothing, and which hold the ports: ends those of container $1. Processes that belong to a
# container that works are let alone. Fails where there was nothing to end.
clear_cut_off() {
  local index=$1 known process id child entry port host strangers=0 cleared=1
  known=$(podman ps --quiet --no-trunc)
  while read -r process id; do
    [[ $known != *"$id"* ]] || continue
    if [[ $id != "$CONTAINER_ID" ]]; then
      strangers=1
      continue
    fi
    say "${NAMES[index]}: ending what is left of a start that was cut off (process $process)"
    for child in $(pgrep --parent "$process"); do
      # As long as crun has not started the program, nothing would answer another signal.
      if grep -qaE 'crun|runc' "/proc/$child/cmdline"; then kill -KILL "$child"; else kill -TERM "$child"; fi
      await_end "$child" 100
    done
    # It ends by itself then, and has podman clear up.
    await_end "$process" 50
    cleared=0
  done < <(monitors)
  # What podman does not know may be a container of a lost database, which works: see explain.
  ((!strangers)) || return "$cleared"
  read_command "$index"
  for entry in "${!WANT[@]}"; do
    [[ $entry == port\ * ]] || continue
    read -r _ port _ host <<<"$entry"
    [[ -z $(publishers "$host") ]] || continue
    while read -r process entry; do
      [[ $entry == *rootlessport* || $entry == *pasta* || $entry == *slirp4netns* ]] || continue
      [[ $(stat --format %u "/proc/$process" 2>/dev/null) == "$MY_UID" ]] || continue
      say "${NAMES[index]}: port $host is held for a start that was cut off; ending process $process"
      kill -TERM "$process"
      await_end "$process" 20
      cleared=0
    done < <(holders "$host/${port#*/}")
  done
  return "$cleared"
}

# The containers that run and publish a port of the host.
publishers() {
  podman ps --format '{{.Names}} {{.Ports}}' 2>/dev/null | grep -E ":([0-9]+-)?$1(-[0-9]+)?->" | cut -d' ' -f1
}

# Makes container $1 with its command; $2 may be "replace".
make_container() {
  local index=$1 name=${NAMES[$1]} attempt
  read_command "$index"
  pull_image "$index" || return
  say "$name: podman run${2:+ --replace}"
  for attempt in 1 2 3; do
    if run_command "$index" "${2-}"; then
      DID[index]=made
      return
    fi
    # Another podman was at work, as after this script was killed: it may have got there first, or have
    # left something in the way.
    look_at "$index"
    if [[ ${SAID,,} == *'address already in use'* ]]; then
      clear_cut_off "$index" || return 1
    elif [[ $SAID == *'already in use'*name* || $SAID == *name*'already in use'* ]]; then
      sleep "$attempt"
      look_at "$index"
    else
      return 1
    fi
    case $STATE in
    running | 'done') ((${#DIFFERENCES[@]} == 0)) && DID[index]=made && return ;;
    created | configured | initialized | exited)
      ((${#DIFFERENCES[@]} == 0)) && start_container "$index" && DID[index]=made && return
      ;;
    external) set -- "$1" replace ;;
    esac
  done
  return 1
}

# Stops container $1 and makes it anew. Where the new one does not start, the old one is put back.
replace_running() {
  local index=$1 name=${NAMES[$1]}
  say "$name: podman stop, for it is to be replaced (--replace)"
  if try podman stop "$name" && set_aside "$name"; then
    make_container "$index" && DID[index]=replaced && return
    say "$name: the new one does not start; the old one is put back"
    # What was made was never started: there is nothing in it.
    podman container exists "$name" && podman rm "$name" >/dev/null 2>&1
    podman rename "$ASIDE" "$name"
  fi
  podman start "$name" >/dev/null
  DID[index]='put back'
  explain "$index"
  return 1
}

# Lets systemd start container $1, whose unit is in state $2: two masters of one container would stop
# each other's. Returns 2 where it is to be started by hand.
start_by_systemd() {
  local index=$1 name=${NAMES[$1]} unit=podman-${NAMES[$1]}.service verb=start
  if ((BY_HAND)); then
    if ((EUID != 0)); then
      problem "$unit can be stopped by root alone" "As root: systemctl stop $unit"
      return 1
    fi
    say "$name: stopping $unit (--by-hand); start it again once all is well"
    change systemctl stop "$unit"
    # The unit removes its container when it stops.
    look_at "$index"
    return 2
  fi
  case $2 in
  active\ *)
    if [[ $STATE == running ]]; then
      more "It is the container of $unit: nixos-rebuild switch replaces it; this script does not."
      DID[index]='left alone'
      return
    fi
    ;;
  activating\ *)
    say "$name: $unit is starting it (${2#* })"
    more "If it does not come up: journalctl --unit $unit --lines 20; or --by-hand."
    DID[index]=waited
    return
    ;;
  esac
  if ((EUID != 0)); then
    problem "$name is started by systemd, which takes root" "As root: systemctl start $unit"
    DID[index]=failed
    return 1
  fi
  # The unit removes a container of its name before it makes its own.
  if ((${#DIFFERENCES[@]})); then
    [[ $STATE != running && $STATE != cut-off ]] || try podman stop "$name"
    set_aside "$name"
  fi
  if [[ $STATE == cut-off ]]; then verb=restart; fi
  say "$name: systemctl $verb $unit"
  change systemctl reset-failed "$unit" 2>/dev/null
  change systemctl "$verb" --no-block "$unit"
  DID[index]='by systemd'
}

# ---- When it fails ------------------------------------------------------------------------------

# Who listens on a port of the host, as "PID COMMAND" lines. /proc says it, to root for every process.
holders() {
  local port protocol=${1#*/} inode fd
  printf -v port %04X "${1%/*}"
  while read -r inode; do
    for fd in /proc/[0-9]*/fd/*; do
      [[ $(readlink "$fd" 2>/dev/null) == "socket:[$inode]" ]] || continue
      fd=${fd#/proc/} fd=${fd%%/*}
      printf '%s %s\n' "$fd" "$(tr '\0' ' ' <"/proc/$fd/cmdline")"
      break
    done
  done < <(awk -v port="$port" -v state="$([[ $protocol == tcp ]] && echo 0A || echo 07)" \
    '$2 ~ ":" port "$" && $4 == state { print $10 }' "/proc/net/$protocol" "/proc/net/${protocol}6" 2>/dev/null)
}

# Says why container $1 did not start, by what podman SAID, and what to do.
explain() {
  local index=$1 name=${NAMES[$1]} entry port protocol address host shown orphans=0 lowest=1024
  problem "$name does not start:" "$SAID"
  read_command "$index"
  case ${SAID,,} in
  *'address already in use'*)
    for entry in "${!WANT[@]}"; do
      [[ $entry == port\ * ]] || continue
      read -r _ port address host <<<"$entry"
      protocol=${port#*/}
      while read -r shown; do
        more "=> port $host/$protocol is held by process $shown"
        [[ $shown != *rootlessport* && $shown != *pasta* && $shown != *slirp4netns* ]] || orphans=1
      done < <(holders "$host/$protocol")
      while read -r shown; do
        more "=> port $host/$protocol is published by container $shown"
      done < <(publishers "$host" | grep -vxF -- "$name")
    done
    ((!orphans)) ||
      more "Where podman shows no container for it, it belongs to one whose database was removed while it ran:" \
        "it works on. To have it back under podman, end its conmon and this process, and run this again."
    ;;
  *'cannot assign requested address'*)
    for entry in "${!WANT[@]}"; do
      [[ $entry == port\ * ]] || continue
      read -r _ port address host <<<"$entry"
      [[ $address == '*' || $address == 127.* || $address == ::1 ]] && continue
      ip -oneline address show 2>/dev/null | grep -qF " $address/" ||
        more "=> $HOST does not have the address $address yet. If it is a VPN's: is that up?"
    done
    more "Run this again once it is there. It need not be, with: sysctl net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1"
    ;;
  *'privileged port'* | *'permission denied'*bind* | *bind*'permission denied'* | *'listen failed'*'permission denied'*)
    for entry in "${!WANT[@]}"; do
      [[ $entry == port\ * && ${entry##* } != any ]] || continue
      ((${entry##* } >= lowest)) || lowest=${entry##* }
    done
    more "=> Ports below 1024 are root's alone. As root: sysctl net.ipv4.ip_unprivileged_port_start=$lowest"
    ;;
  *'image not known'* | *'initializing source'* | *'unable to copy from source'* | *'unable to find'*image* | *'pinging container registry'*)
    more "=> Image $WANT_IMAGE is not on $HOST, and its registry may not be up yet." \
      "On a host that has it:  podman save --output image.tar $WANT_IMAGE" \
      "Here, as $POD_USER:      podman load --input image.tar"
    ;;
  *statfs*'no such file'*)
    for entry in "${!WANT[@]}"; do
      [[ $entry == volume\ /* ]] || continue
      entry=${entry#volume } entry=${entry%%:*}
      [[ -e $entry ]] || more "=> $entry is missing. It is not made by this script: restore it, or mount its disk."
    done
    ;;
  *storage*'permission denied'*)
    explain_storage
    ;;
  esac
}

# What else is known of container $1 when it does not become healthy.
explain_unhealthy() {
  local name=${NAMES[$1]} line status=0 answer
  more 'it was asked:'
  while IFS= read -r line; do more "  | ${line#    }"; done < <(declare -f "healthy_$name" | sed '1,2d; $d')
  answer=$("healthy_$name" 2>&1) || status=$?
  more "and the last answer was status $status${answer:+:}"
  [[ -z $answer ]] || while IFS= read -r line; do more "  | $line"; done < <(tail -n 5 <<<"$answer")
  more "state: $(podman container inspect --format '{{.State.Status}}, exit status {{.State.ExitCode}}, restarted {{.RestartCount}} times' "$name" 2>&1)" \
    "its last words (podman logs $name):"
  while IFS= read -r line; do more "  | $line"; done < <(podman logs --tail 5 "$name" 2>&1)
}

# ---- Health -------------------------------------------------------------------------------------

# dig, where the host has none: asks for the SOA of a name and says how the answer went.
command -v dig >/dev/null || dig() {
  local address=${3#@} label query='\x4e\x47\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00' code
  local -a labels
  IFS=. read -ra labels <<<"$4"
  for label in "${labels[@]}"; do query+=$(printf '\\x%02x%s' "${#label}" "$label"); done
  {
    # shellcheck disable=SC2059 # the format is the query
    printf "$query"'\x00\x00\x06\x00\x01' >&3
    code=$(timeout 1 head --bytes 4 <&3 | od --address-radix n --format u1 | awk '{ print $4 % 16 }')
  } 3<>"/dev/udp/$address/53" 2>/dev/null
  [[ $code != 0 ]] || echo 'status: NOERROR'
}

# grpc-health-probe, where the host has none: the same request by curl. Its answer is one message,
# of 2 bytes, which say SERVING.
command -v grpc-health-probe >/dev/null || grpc-health-probe() {
  local option address='' service='' url
  local -a tls=(--http2-prior-knowledge)
  url=http
  for option in "$@"; do
    case $option in
    -addr=*) address=${option#-addr=} ;;
    -service=*) service=${option#-service=} ;;
    -tls) url=https tls=(--http2 --insecure) ;;
    esac
  done
  local message='' length
  if [[ -n $service ]]; then printf -v message '\\x0a\\x%02x%s' "${#service}" "$service"; fi
  printf -v length '\\x%02x' "$((${#service} ? ${#service} + 2 : 0))"
  # shellcheck disable=SC2059 # the format is the message
  printf "\\x00\\x00\\x00\\x00$length$message" |
    curl --silent --globoff --max-time 2 "${tls[@]}" --header 'content-type: application/grpc' \
      --header 'te: trailers' --data-binary @- "$url://$address/grpc.health.v1.Health/Check" |
    od --address-radix n --format x1 | grep -q '^ 00 00 00 00 02 08 01'
}

# Waits until the containers of stage $1 that were brought up are healthy, or its time is over.
# Returns 1 if one of them is not.
await_stage() {
  local stage=$1 index waiting said begun limit failed=0
  begun=$(now)
  limit=$((begun + TIMEOUTS[stage] * 1000)) said=$begun
  while :; do
    waiting=()
    for index in "${!NAMES[@]}"; do
      ((CHOSEN[index] && STAGE_OF[index] == stage)) || continue
      [[ ${HEALTHY[index]} == waiting ]] || continue
      if "healthy_${NAMES[index]}" >/dev/null 2>&1; then
        HEALTHY[index]=yes TOOK[index]=$(seconds $(($(now) - BEGUN[index])))
        say "${NAMES[index]}: ${GOALS[index]}"
      else
        waiting+=("$index")
      fi
    done
    ((${#waiting[@]})) || break
    if (($(now) >= limit)); then
      for index in "${waiting[@]}"; do
        HEALTHY[index]=no TOOK[index]=$(seconds $(($(now) - BEGUN[index])))
        problem "${NAMES[index]} was not healthy within ${TIMEOUTS[stage]} s: not yet \"${GOALS[index]}\""
        explain_unhealthy "$index"
      done
      failed=1
      break
    fi
    if (($(now) - said >= 10000)); then
      said=$(now)
      for index in "${waiting[@]}"; do
        say "${NAMES[index]}: still waiting until it ${GOALS[index]} ($(((limit - said) / 1000)) s left)"
      done
    fi
    sleep 0.1
  done
  return "$failed"
}
BEGUN=()

# ---- All of it ----------------------------------------------------------------------------------

# Whether a stage has containers that were chosen.
stage_chosen() {
  local index
  for index in "${!NAMES[@]}"; do
    ((CHOSEN[index] && STAGE_OF[index] == $1)) && return
  done
  return 1
}

recover() {
  local stage index failed blocked=''
  for stage in "${!STAGES[@]}"; do
    stage_chosen "$stage" || continue
    if [[ -n $blocked ]]; then
      say "stage ${STAGES[stage]}: not tried, for stage $blocked failed and is to block"
      more "To go on regardless: recover.sh --from-stage ${STAGES[stage]}"
      continue
    fi
    say "stage ${STAGES[stage]}"
    failed=0
    for index in "${!NAMES[@]}"; do
      ((CHOSEN[index] && STAGE_OF[index] == stage)) || continue
      if [[ -n ${WITHHELD[$index]-} ]]; then
        say "${NAMES[index]}: not started: ${WITHHELD[$index]}"
        failed=1
        continue
      fi
      BEGUN[index]=$(now)
      if bring_up "$index"; then
        HEALTHY[index]=waiting
      else
        failed=1
        # One that was left alone or put back still runs.
        if [[ ${DID[index]} == failed ]]; then HEALTHY[index]=no; else HEALTHY[index]=waiting; fi
      fi
    done
    ((DRY_RUN)) && continue
    await_stage "$stage" || failed=1
    if ((failed)) && [[ ${ON_FAILURE[stage]} == block ]]; then blocked=${STAGES[stage]}; fi
  done
}

status() {
  local index
  for index in "${!NAMES[@]}"; do
    ((CHOSEN[index])) || continue
    look_at "$index"
    BEFORE[index]=$STATE DID[index]=yes HEALTHY[index]=no
    if ((${#DIFFERENCES[@]})); then
      DID[index]=no
      say "${NAMES[index]}: not as defined"
      more "${DIFFERENCES[@]}"
    fi
    [[ $STATE == running || $STATE == 'done' ]] || DID[index]=-
    if [[ $STATE == 'done' ]]; then HEALTHY[index]=yes; fi
    if [[ $STATE == running ]] && "healthy_${NAMES[index]}" >/dev/null 2>&1; then HEALTHY[index]=yes; fi
  done
}

# A table of what was chosen: its lines are the arguments' arrays.
print_table() {
  local index row
  {
    if ((STATUS)); then echo 'STAGE|CONTAINER|STATE|AS DEFINED|HEALTHY'; else echo 'STAGE|CONTAINER|BEFORE|DONE|HEALTHY|SECONDS'; fi
    for index in "${!NAMES[@]}"; do
      ((CHOSEN[index])) || continue
      row="${STAGES[STAGE_OF[index]]}|${NAMES[index]}|${BEFORE[index]}|${DID[index]}|${HEALTHY[index]}"
      ((STATUS)) || row+="|${TOOK[index]}"
      echo "$row"
    done
  } | awk -F'|' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
    END {
      for (row = 1; row <= NR; row++) {
        line = ""
        for (i = 1; i <= NF; i++) line = line sprintf("%-" width[i] "s  ", cell[row, i])
        sub(/ +$/, "", line)
        print line
      }
    }'
}

# Whether all that was chosen runs as defined and is healthy.
all_well() {
  local index
  for index in "${!NAMES[@]}"; do
    ((CHOSEN[index])) || continue
    [[ ${HEALTHY[index]} == yes ]] || return 1
    if ((STATUS)); then [[ ${DID[index]} == yes ]] || return 1; fi
    [[ ${DID[index]} != 'left alone' && ${DID[index]} != 'put back' ]] || return 1
  done
}

bad_usage() {
  printf 'recover.sh: %s\n' "$@" 'See recover.sh --help.' >&2
  exit 2
}

read_options() {
  while (($#)); do
    case $1 in
    --dry-run) DRY_RUN=1 ;;
    --status) STATUS=1 ;;
    --replace) REPLACE=1 ;;
    --cure) CURE=1 ;;
    --by-hand) BY_HAND=1 ;;
    --new-database) NEW_DATABASE=1 ;;
    --make-folders) MAKE_FOLDERS=1 ;;
    --on-this-machine) ON_THIS_MACHINE=1 ;;
    --only)
      [[ $# -gt 1 && $2 != --* ]] || bad_usage '--only needs a name'
      while [[ $# -gt 1 && $2 != --* ]]; do
        ONLY+=("$2")
        shift
      done
      ;;
    --from-stage)
      (($# > 1)) || bad_usage '--from-stage needs the name of a stage'
      FROM_STAGE=$2
      shift
      ;;
    -h | --help)
      usage
      exit
      ;;
    *) bad_usage "unknown argument $1" ;;
    esac
    shift
  done
  ((!CURE || EUID == 0)) || bad_usage '--cure takes root'
}

# Sets CHOSEN by --only and --from-stage.
choose() {
  local index name stage from=0 found
  if [[ -n $FROM_STAGE ]]; then
    from=-1
    for stage in "${!STAGES[@]}"; do [[ ${STAGES[stage]} != "$FROM_STAGE" ]] || from=$stage; done
    ((from >= 0)) || bad_usage "there is no stage $FROM_STAGE on $HOST; there are: ${STAGES[*]}"
  fi
  for index in "${!NAMES[@]}"; do
    CHOSEN[index]=$((STAGE_OF[index] >= from && ${#ONLY[@]} == 0))
  done
  for name in "${ONLY[@]}"; do
    found=0
    for index in "${!NAMES[@]}"; do
      case $name in
      "${NAMES[index]}" | "${OF[index]}" | "${OF[index]%/*}")
        found=1
        CHOSEN[index]=$((STAGE_OF[index] >= from))
        ;;
      esac
    done
    ((found)) || bad_usage "there is no service, component or container $name on $HOST; there are: ${NAMES[*]}"
  done
}

main() {
  local index
  read_options "$@"
  containers
  choose
  check_machine
  check_host
  if ((!READY && !DRY_RUN)); then
    say "podman cannot be used yet: nothing was started. Do what is said above, and run this again."
    exit 1
  elif ((!READY)); then
    say "podman cannot be used yet: these are the commands for all containers, if none is there"
    for index in "${!NAMES[@]}"; do ((CHOSEN[index])) && run_command "$index"; done
    exit 1
  fi
  if ((STATUS)); then status; else recover; fi
  # The rest of what the cure has stopped, like the stages themselves.
  ((!STOPPED)) || systemctl start --no-block multi-user.target
  ((DRY_RUN)) && exit 0
  print_table
  all_well && exit 0
  say "not everything is as it should be: see the table, and what is said above it"
  exit 1
}

main "$@"
