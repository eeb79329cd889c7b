#!/bin/sh
# Looks for known vulnerabilities in what the program is made of and calls. The
# index is https://vuln.go.dev in a file, ../shared/data/security/go-vulndb.tar.xz;
# VULNDB names another: VULNDB=https://vuln.go.dev testkit/govulncheck.sh
set -eu
tool=golang.org/x/vuln/cmd/govulncheck@v1.1.4
index=../shared/data/security/go-vulndb.tar.xz
if [ -n "${VULNDB:-}" ]; then
	exec go run "$tool" -db "$VULNDB" ./...
fi
if [ ! -f "$index" ]; then
	echo "govulncheck was not run: $index is missing; VULNDB=https://vuln.go.dev asks the database itself" >&2
	[ "${YUMEN_TEST_SKIP:-}" != never ] || [ -z "${CI:-}" ]
	exit
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
tar -xJf "$index" -C "$dir"
go run "$tool" -db "file://$dir/vulndb-idx" ./...
