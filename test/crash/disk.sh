# Runs in a sandbox as root: each command of /sandbox/fleets on disks that cannot be written. A folder there
# has `source` (the fleet before the command), `done` (after it) and `argv`. Prints a line for each try:
# what was wrong, the command, its exit status, whether the files are the old or the new ones, what was
# left beside them, the exit status of the same call once the disk is well, whether the files are then the
# new ones, and the messages.
mkdir -p /disk
# Where everybody can read it.
cp /sandbox/nixgen.cjs /nixgen.cjs
fleets=/sandbox/fleets

begin() {
  command=$1
  mount -t tmpfs -o mode=777 tmpfs /disk
  cp -a "$fleets/$command/source/." /disk/
  args=$(cat "$fleets/$command/argv")
}

state() {
  if diff -r "$fleets/$command/source" /disk >/dev/null; then echo old
  elif diff -r "$fleets/$command/done" /disk >/dev/null; then echo new
  # A build whose last step fails.
  elif diff -r -x nixgen.lock "$fleets/$command/source" /disk >/dev/null; then echo "only the lock is new"
  else echo mixed
  fi
}

# Runs the command, with what is before it: `as user`, for one.
call() {
  status=0
  (cd /disk && eval "$* node /nixgen.cjs $args") >/sandbox/stdout 2>/sandbox/stderr || status=$?
}

# record WHAT UNDO: tells what came of it, undoes what was wrong and calls again.
record() {
  local what=$1 first=$status files left messages
  shift
  left=$(find /disk -name '.*.nixgen-*' -printf '%P ')
  files=$(state 2>/dev/null)
  messages=$(tr '\n\t' '  ' </sandbox/stderr)
  "$@"
  if [ "$files" != new ]; then call; fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
    "$what" "$command" "$first" "$files" "$left" "$status" "$(state)" "$messages"
  umount /disk
}

used() { df --output="$1" -k /disk | tail -n 1 | tr -d ' '; }
more_space() { mount -o remount,size=64m,nr_inodes=10000 /disk; }

full() {
  local free
  for free in 0 1 5 20 70; do
    begin "$1"
    mount -o "remount,size=$(($(used used) + 4 * free))k" /disk
    call
    record "$free free blocks" more_space
    begin "$1"
    mount -o "remount,nr_inodes=$(($(used iused) + free))" /disk
    call
    record "$free free inodes" more_space
  done
}

writable() { mount -o remount,rw /disk; }
read_only() {
  begin "$1"
  mount -o remount,ro /disk
  call
  record "read-only file system" writable
}

user="setpriv --reuid=1000 --regid=1000 --clear-groups"
permitted() { find /disk -type d -exec chmod u+w {} +; }
forbidden() {
  begin "$1"
  chown -R 1000:1000 /disk
  find /disk -type d -exec chmod a-w {} +
  call "$user"
  record "folders without write permission" permitted
}

mutable() { chattr -R -i /disk; }
immutable() {
  begin "$1"
  # Not every tmpfs has such files.
  if ! chattr -R +i /disk 2>/dev/null; then
    umount /disk
    return
  fi
  call
  record "immutable files" mutable
}

owned() { chown -R 1000:1000 /disk; }
somebody_elses() {
  begin build
  chown -R 1000:1000 /disk
  chown -R 0:0 /disk/out /disk/nixgen.lock
  call "$user"
  record "files of somebody else" owned
}

unmounted() { umount /disk/out; }
mounted() {
  begin build
  mount --bind /disk/out /disk/out
  call
  record "a mount point" unmounted
  begin build
  mount -t tmpfs tmpfs /disk/out
  cp -a "$fleets/build/source/out/." /disk/out/
  call
  record "another file system" unmounted
}

for command in $(ls "$fleets"); do
  full "$command"
  read_only "$command"
  forbidden "$command"
  immutable "$command"
done
somebody_elses
mounted
