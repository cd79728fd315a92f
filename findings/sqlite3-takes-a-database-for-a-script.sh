#!/usr/bin/env bash
# sqlite3 3.53: a database whose name ends in .sql is run as a script of SQL, if its size is not that of whole
# pages, and the status is 0.
#
# podman's database is called db.sql. After a kill or a power cut in the middle of a write the file may end within a
# page, with a rollback journal beside it that says what is right; any SQLite repairs that when it opens the file. So
# does `sqlite3 NAME.db`. `sqlite3 NAME.sql` instead feeds the bytes of the database to its SQL parser, works on an
# empty database in memory, and leaves the journal alone. One expects the database, an error, or a status. The same
# file by its URI (file:NAME.sql?mode=rw) is opened. Debian 13's 3.46.1 opens it by its name too.
#
# Needs mmdebstrap and a Debian mirror. It unpacks Debian's sqlite3 of sid (3.53.4 on 2026-12-01) and trixie in a
# temporary folder. Exits 1 if that is not what happens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT
mirror=$(sed -n 's/^URIs: *//p; s/^deb \([^[][^ ]*\) .*/\1/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -m 1 '/debian/*$') || true

# sqlite TREE ARGUMENT...: the sqlite3 of a tree, with the libraries that are there.
sqlite() {
  "$1/usr/lib64/ld-linux-x86-64.so.2" --library-path "$1/usr/lib/x86_64-linux-gnu" "$1/usr/bin/sqlite3" -init /dev/null -batch "${@:2}"
}

status=0
same() { [[ $2 == "$3" ]] || { echo "$1: \"$3\", not \"$2\""; status=1; } }
for suite in sid trixie; do
  mmdebstrap --quiet --variant=extract --include=sqlite3 --aptopt='Acquire::Check-Valid-Until "false"' \
    "$suite" "$folder/$suite" "${mirror:-http://deb.debian.org/debian}" 2>/dev/null
  tree=$folder/$suite
  version=$(sqlite "$tree" --version)
  version=${version%% *}
  echo "sqlite3 $version:"
  sqlite "$tree" "$tree/torn.db" "CREATE TABLE t (a); INSERT INTO t VALUES ('here');"
  cp "$tree/torn.db" "$tree/whole.sql"
  printf x >>"$tree/torn.db"
  cp "$tree/torn.db" "$tree/torn.sql"
  for name in torn.db whole.sql torn.sql 'file:torn.sql?mode=rw'; do
    answer=$(cd "$tree" && sqlite "$tree" "$name" <<<'SELECT * FROM t;' 2>/dev/null) && code=0 || code=$?
    printf '  %-22s %-5s status %s\n' "$name" "${answer:--}" "$code"
    expected=here
    [[ $suite != sid || $name != torn.sql ]] || expected=
    same "$version, $name" "$expected status 0" "$answer status $code"
  done
done
exit "$status"
