# ---- Whether the containers' user is the one that its definition pins ----------------------------
#
# look_at_… reads what the host has, and each check_… looks at one fact. wrong WHAT WAY… is of the
# script that this is a part of: it says what is wrong, and then what loses nothing, a line each.

ETC=/etc
# What the user was when a container of it started last (host-check.sh).
KEPT=/var/lib/nixgen/identity

# Of the user's line in /etc/passwd; empty if it has none.
HERE_UID='' HERE_GID='' HERE_HOME=''
# Others who have the pinned uid or the user's own: whether listed before the user, NAME UID GID HOME.
SHARERS=()
# Who of them is the user itself, under the name that it has before it is renamed.
FORMER=''
# The gid of the user's primary group, the group that its gid in /etc/passwd is of, and others that have
# the pinned gid.
GROUP_GID='' HERE_GROUP='' GID_GROUPS=()
# Ranges of a file of subordinate ids: the user's own as START:COUNT, and NAME START COUNT of others.
RANGES=() OTHER_RANGES=()
# Of the file KEPT; empty where it says nothing.
KEPT_USER='' KEPT_GID='' KEPT_HOME='' KEPT_STORAGE='' KEPT_SUB_IDS=''

# Whether there is a file that can be read to its end: one that is missing is like an empty one.
is_readable() { [[ -f $1 && -r $1 ]]; }

# Sets NUMBER to what a decimal number of /etc/passwd or /etc/group means; status 1 for anything else.
decimal() {
  [[ $1 =~ ^[0-9]{1,10}$ ]] || return 1
  NUMBER=$((10#$1))
}

# The same for a number of /etc/subuid, as newuidmap reads it: 0… is octal, and 0x… hexadecimal.
number() {
  [[ $1 =~ ^[[:space:]]*\+?(0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})$ ]] || return 1
  NUMBER=$((BASH_REMATCH[1]))
}

look_at_user() {
  local name uid gid home before=1
  HERE_UID='' HERE_GID='' HERE_HOME='' SHARERS=() FORMER=''
  is_readable "$ETC/passwd" || return 0
  while IFS=: read -r name _ uid gid _ home _ || [[ -n $name ]]; do
    # Almost every line is of somebody else.
    [[ $name == "$POD_USER" || $uid == *"$POD_UID" || $uid == *"${HERE_UID:-$POD_UID}" ]] || continue
    decimal "$uid" || continue
    uid=$NUMBER
    if [[ $name == "$POD_USER" ]]; then
      # The first line counts.
      ((before)) || continue
      before=0 HERE_UID=$uid HERE_GID=$gid HERE_HOME=${home%"${home##*[!/]}"}
      if decimal "$gid"; then HERE_GID=$NUMBER; fi
    elif [[ $uid == "$POD_UID" || $uid == "$HERE_UID" ]]; then
      SHARERS+=("$before $name $uid $gid $home")
      [[ $name != "$KEPT_USER" && ${home%/} != "$POD_HOME" ]] || FORMER=$name
    fi
  done <"$ETC/passwd"
  [[ -z $HERE_UID ]] || FORMER=''
}

look_at_groups() {
  local name gid
  GROUP_GID='' HERE_GROUP='' GID_GROUPS=()
  is_readable "$ETC/group" || return 0
  while IFS=: read -r name _ gid _ || [[ -n $name ]]; do
    [[ $name == "$POD_GROUP" || $gid == *"$POD_GID" || $gid == *"${HERE_GID:-$POD_GID}" ]] || continue
    decimal "$gid" || continue
    gid=$NUMBER
    if [[ $name == "$POD_GROUP" ]]; then
      GROUP_GID=${GROUP_GID:-$gid}
    elif [[ $gid == "$POD_GID" && $name != "$FORMER" ]]; then
      GID_GROUPS+=("$name")
    fi
    [[ $gid != "$HERE_GID" ]] || HERE_GROUP=${HERE_GROUP:-$name}
  done <"$ETC/group"
}

# look_at_ranges FILE: FILE is /etc/subuid or /etc/subgid. A line may name its user by the uid.
look_at_ranges() {
  local line name start count
  RANGES=() OTHER_RANGES=()
  is_readable "$1" || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    # A line with a fourth field is skipped by newuidmap, too.
    [[ $line =~ ^([^:]+):([^:]+):([^:]+)$ ]] || continue
    name=${BASH_REMATCH[1]} start=${BASH_REMATCH[2]} count=${BASH_REMATCH[3]}
    number "$start" || continue
    start=$NUMBER
    number "$count" || continue
    count=$NUMBER
    if [[ $name == "$POD_USER" || $name == "$FORMER" ]] || { decimal "$name" && [[ $NUMBER == "${HERE_UID:-$POD_UID}" ]]; }; then
      [[ " ${RANGES[*]} " == *" $start:$count "* ]] || RANGES+=("$start:$count")
    else
      OTHER_RANGES+=("$name $start $count")
    fi
  done <"$1"
}

# Whether /etc/passwd has a user, by name or by uid.
is_user() {
  local name uid
  is_readable "$ETC/passwd" || return 1
  while IFS=: read -r name _ uid _ || [[ -n $name ]]; do
    [[ $name != "$1" && $uid != "$1" ]] || return 0
  done <"$ETC/passwd"
  return 1
}

look_at_kept() {
  local key value
  is_readable "$KEPT" || return 0
  while IFS='=' read -r key value; do
    case $key in
    user) KEPT_USER=$value ;;
    gid) KEPT_GID=$value ;;
    home) KEPT_HOME=$value ;;
    storage) KEPT_STORAGE=$value ;;
    sub_ids) KEPT_SUB_IDS=$value ;;
    esac
  done <"$KEPT"
}

# The text that keeps KEY = VALUE… as the host has it.
keep() { printf 'Keep it: user = { %s } in the node %s of nixgen.toml.' "$1" "$HOST"; }

# A text as TOML has it.
toml() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# The other way, for a change of KIND that is meant.
move() { printf 'Or move it: nixgen lock accept %s %s@%s --reason "…" prints the commands that lose nothing.' "$1" "$POD_USER" "$HOST"; }

check_uid() {
  [[ -n $HERE_UID && $HERE_UID != "$POD_UID" ]] || return 0
  wrong "user $POD_USER has uid $HERE_UID on $HOST, the configuration pins $POD_UID: podman finds its containers under $HERE_UID alone" \
    "$(keep "uid = $HERE_UID")" \
    "$(move uid)"
}

# Somebody else has the uid.
check_uid_alone() {
  local sharer name uid home
  for sharer in "${SHARERS[@]}"; do
    read -r _ name uid _ home <<<"$sharer"
    if [[ $uid == "$HERE_UID" ]]; then
      wrong "uid $uid belongs to $POD_USER and also to $name on $HOST: newuidmap refuses, now or after the next boot" \
        "Give $name another uid: usermod --uid NEW $name. NixOS does not change the uid of a user that exists." \
        "Never change $POD_USER: its containers are bound to uid $uid."
    elif [[ -n $HERE_UID ]]; then
      wrong "uid $uid belongs to $name on $HOST, the configuration pins it for $POD_USER, which has $HERE_UID there" \
        "$(keep "uid = $HERE_UID")"
    elif [[ $name == "$FORMER" ]]; then
      wrong "uid $uid belongs to user $name on $HOST, whose name the configuration changes to $POD_USER" \
        "Keep it: name = $(toml "$name") in [user] of nixgen.toml." \
        "$(move name)"
    else
      wrong "uid $uid belongs to $name on $HOST, the configuration pins it for $POD_USER, which is not there yet" \
        "Pin a uid that is free on $HOST: user = { uid = NEW } in the node $HOST of nixgen.toml." \
        "Or give $name another one: usermod --uid NEW $name. NixOS does not change the uid of a user that exists."
    fi
  done
}

# The gid in the user's line of /etc/passwd. NixOS writes another one without a word; that may be the one that
# podman's files belong to, given back.
check_primary_gid() {
  local key
  [[ -n $HERE_GID && $HERE_GID != "$POD_GID" && $(storage_gid) != "$POD_GID" ]] || return 0
  key="gid = $HERE_GID"
  [[ -z $HERE_GROUP || $HERE_GROUP == "$POD_USER" ]] || key="group = $(toml "$HERE_GROUP"), $key"
  wrong "user $POD_USER has the primary gid $HERE_GID (${HERE_GROUP:-no group}) on $HOST, the configuration pins $POD_GID ($POD_GROUP): containers that exist would not start" \
    "$(keep "$key")" \
    "$(move gid)"
}

# The gid that podman's storage belongs to: podman made it with the primary gid of then.
storage_gid() { stat --format %g -- "$POD_STORAGE" 2>/dev/null; }

# What to do about files that belong to another primary gid than the user has: GID.
gid_again() {
  if [[ $1 == "$POD_GID" ]]; then
    echo "Give it back: switch $HOST to this configuration, and reboot. Without NixOS: usermod --gid $1 $POD_USER"
  else
    keep "gid = $1"
    echo
    move gid
  fi
}

# The gid of the primary group in /etc/group.
check_group() {
  [[ -n $GROUP_GID && $GROUP_GID != "$POD_GID" ]] || return 0
  # Said by check_primary_gid.
  [[ $GROUP_GID != "$HERE_GID" ]] || return 0
  wrong "group $POD_GROUP has gid $GROUP_GID on $HOST, the configuration pins $POD_GID: NixOS would not change it" \
    "$(keep "gid = $GROUP_GID")"
}

# Another group has the gid.
check_gid_alone() {
  local group
  for group in "${GID_GROUPS[@]}"; do
    if [[ $HERE_GID == "$POD_GID" ]]; then
      wrong "gid $POD_GID is the primary gid of $POD_USER and belongs to group $group on $HOST, the configuration pins it for group $POD_GROUP" \
        "If $group is the group of $POD_USER: user = { group = $(toml "$group"), gid = $POD_GID } in the node $HOST of nixgen.toml." \
        "Else give $group another gid: groupmod --gid NEW $group"
    else
      wrong "gid $POD_GID belongs to group $group on $HOST, the configuration pins it for group $POD_GROUP" \
        "Pin a gid that is free on $HOST: user = { gid = NEW } in the node $HOST of nixgen.toml." \
        "Or give $group another one: groupmod --gid NEW $group. NixOS does not change the gid of a group that exists."
    fi
  done
}

# NixOS writes another home without a word, and podman begins with nothing there.
check_home() {
  [[ -n $HERE_UID && $HERE_HOME != "$POD_HOME" ]] || return 0
  # It was moved, and a link is in the old place.
  [[ ! $HERE_HOME -ef $POD_HOME ]] || return 0
  # It is given back: containers started with what is there last.
  [[ $KEPT_HOME != "$POD_HOME" || $KEPT_STORAGE != "$POD_STORAGE" || ! -e $POD_STORAGE/db.sql && ! -e $POD_STORAGE/libpod/bolt_state.db ]] || return 0
  # These stand for no home at all.
  case $HERE_HOME in '' | /var/empty | /nonexistent | /dev/null) return 0 ;; esac
  wrong "user $POD_USER has the home $HERE_HOME on $HOST, the configuration pins $POD_HOME: podman would begin with nothing there" \
    "$(keep "home = $(toml "$HERE_HOME")")" \
    "$(move home)"
}

# check_range FILE: the user's own range. It may grow at its end, or change once the files were given to the new
# one.
check_range() {
  local old start=${POD_SUB_IDS%:*} count=${POD_SUB_IDS#*:}
  ((${#RANGES[@]})) || return 0
  old=${RANGES[0]}
  if ((${#RANGES[@]} > 1)); then
    wrong "$POD_USER has the ranges ${RANGES[*]} in $1 on $HOST, the configuration pins $POD_SUB_IDS alone: files of the other ids would be nobody's" \
      "Move the files of the other ids first, and then remove their lines from $1."
  elif [[ ${old%:*} != "$start" ]] || ((${old#*:} > count)); then
    if [[ -z $(find_range "$old" "$POD_SUB_IDS") && -n $(find_range "$POD_SUB_IDS" "$old") ]]; then return 0; fi
    wrong "$POD_USER has the range $old in $1 on $HOST, the configuration pins $POD_SUB_IDS: files of its images and volumes would be nobody's" \
      "$(keep "sub_ids = { start = ${old%:*}, count = ${old#*:} }")" \
      "$(move sub_ids)"
  fi
}

# check_range_there FILE: without a range newuidmap refuses.
check_range_there() {
  ((!${#RANGES[@]})) || return 0
  wrong "$POD_USER has no range in $1 on $HOST that newuidmap can read: containers have but one uid without" \
    "Add its line again, with a line break at the end: echo $POD_USER:$POD_SUB_IDS >>$1"
}

# check_range_alone FILE: ranges of others that have an id in common with the pinned one.
check_range_alone() {
  local other name start count first=${POD_SUB_IDS%:*} size=${POD_SUB_IDS#*:} last
  for other in "${OTHER_RANGES[@]}"; do
    read -r name start count <<<"$other"
    ((start < first + size && first < start + count)) || continue
    # A line of nobody, or of who is renamed.
    is_user "$name" || continue
    last=$((start + count - 1))
    if ((${#RANGES[@]})); then
      wrong "the range $start:$count of $name in $1 on $HOST overlaps $POD_SUB_IDS of $POD_USER: files of the one's containers belong to the other's" \
        "Give $name another range, here and in its own configuration (NixOS: users.users.$name.subUidRanges, subGidRanges): usermod --del-subuids $start-$last --del-subgids $start-$last --add-subuids FIRST-LAST --add-subgids FIRST-LAST $name" \
        "Never change that of $POD_USER: the files of its images and volumes belong to it."
    else
      wrong "the range $start:$count of $name in $1 on $HOST overlaps $POD_SUB_IDS, which the configuration pins for $POD_USER" \
        "$POD_USER has no range yet, so pin a free one: user = { sub_ids = { start = NEW, count = $size } } in the node $HOST of nixgen.toml."
    fi
  done
}

# Both files of subordinate ids, which are mostly alike.
check_ranges() {
  local file said=''
  for file in "$ETC/subuid" "$ETC/subgid"; do
    look_at_ranges "$file"
    [[ "${RANGES[*]}:${OTHER_RANGES[*]}" != "$said" ]] || continue
    said="${RANGES[*]}:${OTHER_RANGES[*]}"
    check_range "$file"
    check_range_alone "$file"
  done
}

# check_table FILE: what newuidmap of shadow 4.20 does not read, and older ones do.
check_table() {
  local line
  is_readable "$1" || return 0
  while IFS= read -r line; do
    [[ $line == "$POD_USER":*:*:* ]] || continue
    wrong "the line $line in $1 on $HOST has a fourth field: newuidmap of shadow 4.20 skips it" \
      "Take it away: NAME:START:COUNT."
  done <"$1"
  [[ -z $line ]] || wrong "$1 on $HOST does not end with a line break: newuidmap of shadow 4.20 reads nothing of it" \
    "Add one: echo >>$1"
}

# podman's storage is not where it was when a container started last, and the old one is still there.
check_kept_storage() {
  local key
  [[ -n $KEPT_STORAGE && $KEPT_STORAGE != "$POD_STORAGE" && ! $KEPT_STORAGE -ef $POD_STORAGE ]] || return 0
  [[ -e $KEPT_STORAGE/db.sql || -e $KEPT_STORAGE/libpod/bolt_state.db ]] || return 0
  key="home = $(toml "$KEPT_HOME")"
  [[ $KEPT_STORAGE == "$KEPT_HOME/.local/share/containers/storage" ]] || key+=", storage = $(toml "$KEPT_STORAGE")"
  wrong "podman's images, volumes and containers are in $KEPT_STORAGE on $HOST (user $KEPT_USER), the configuration has $POD_STORAGE (user $POD_USER): podman would begin with nothing there" \
    "$(keep "$key")" \
    "If all of it was copied, or none of it is wanted any more: rm $KEPT"
}

# find_file TEST…: a file of podman's or of the containers that meets a test of find.
find_file() {
  local folders=() folder
  for folder in "$POD_STORAGE" "${DIRECTORIES[@]}"; do [[ ! -d $folder ]] || folders+=("$folder"); done
  ((!${#folders[@]})) || timeout 30 find "${folders[@]}" -xdev "$@" -print -quit 2>/dev/null ||
    echo 'What could not be looked at'
}

# find_range START:COUNT OTHER: the same, of a file that belongs to a uid of the range that OTHER does not have.
find_range() {
  local start=${1%:*} count=${1#*:} first=${2%:*} many=${2#*:}
  find_file -uid "+$((start - 1))" -uid "-$((start + count))" ! '(' -uid "+$((first - 1))" -uid "-$((first + many))" ')'
}

# check_kept_gid GID: it is not the one of the last start, and files of that are left; fails if so.
check_kept_gid() {
  local found ways
  [[ $KEPT_GID =~ ^[0-9]{1,10}$ && $KEPT_GID != "$1" ]] || return 0
  found=$(find_file -maxdepth 2 -gid "$KEPT_GID")
  [[ -n $found ]] || return 0
  mapfile -t ways < <(gid_again "$KEPT_GID")
  wrong "$found on $HOST belongs to gid $KEPT_GID, which was the primary gid of $POD_USER; now it is $1: containers that exist do not start, and new ones see files of nobody" \
    "${ways[@]}"
  return 1
}

# check_kept_range START:COUNT: it is not the one of the last start, and files of that are left.
check_kept_range() {
  local found
  [[ $KEPT_SUB_IDS =~ ^[0-9]{1,10}:[0-9]{1,10}$ && $KEPT_SUB_IDS != "$1" ]] || return 0
  found=$(find_range "$KEPT_SUB_IDS" "$1")
  [[ -z $found ]] || wrong "$found on $HOST belongs to a uid of the range $KEPT_SUB_IDS, which $POD_USER had; now it has $1: in containers the file is nobody's" \
    "$(keep "sub_ids = { start = ${KEPT_SUB_IDS%:*}, count = ${KEPT_SUB_IDS#*:} }")" \
    "$(move sub_ids)"
}
