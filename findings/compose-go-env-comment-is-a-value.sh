#!/usr/bin/env bash
# compose-go (docker compose) and comments in .env files.
#
# The specification of Compose's .env files has "VAR=VAL # comment" as VAL. So one would think that "VAR= # comment" is an
# empty value. It is the text "# comment". And between double quotes "\041", which is "!" in C and in a shell's $'…',
# loses its zero and becomes the three characters \41; only \0 with three digits behind it is octal.
#
# Seen with github.com/compose-spec/compose-go/v2 v2.16.2:
#   A=x # c      x
#   B= # c       # c
#   C="\0101"    A
#   D="\041"     \41
#
# Needs Go, which fetches the module. Exits with 1 if the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'chmod -R u+w -- "$work"; rm -rf -- "$work"' EXIT
cd "$work"
export GOPATH=$work/go GOFLAGS=-mod=mod
go mod init finding 2>/dev/null
go get github.com/compose-spec/compose-go/v2@v2.16.2 2>/dev/null
cat >main.go <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func main() {
	values, err := dotenv.Parse(os.Stdin)
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"A", "B", "C", "D"} {
		fmt.Printf("%s=[%s]\n", name, values[name])
	}
}
END
go list -m github.com/compose-spec/compose-go/v2
found=$(printf '%s\n' 'A=x # c' 'B= # c' 'C="\0101"' 'D="\041"' | go run .)
echo "$found"
[[ $found == $'A=[x]\nB=[# c]\nC=[A]\nD=[\\41]' ]] || {
  echo "the behaviour changed" >&2
  exit 1
}
