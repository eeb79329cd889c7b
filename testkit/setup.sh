#!/bin/sh
# Installs the system parts that running and testing use, where apt-get is at
# hand and we may use it. Elsewhere it says what to install; tests that need a
# missing part are then skipped by name.
#
#   testkit/setup.sh run     what `make run` needs (nothing but Go)
#   testkit/setup.sh test    what `make test` needs
set -eu
what=${1:-test}
command -v go >/dev/null 2>&1 || { echo "Go 1.26 is needed: https://go.dev/dl/"; exit 1; }
[ "$what" = test ] || exit 0

missing=
need() { # need PROGRAM-OR-FILE PACKAGE...
	probe=$1; shift
	case $probe in
	/*) for f in $probe; do [ -e "$f" ] && return; done ;;
	*) command -v "$probe" >/dev/null 2>&1 && return ;;
	esac
	missing="$missing $*"
}
need gcc gcc libc6-dev
need chromium chromium
need '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' fonts-noto-cjk
need '/usr/lib/postgresql/*/bin/initdb' postgresql
need '/usr/share/perl5/Net/EPP/Simple.pm' libnet-epp-perl
need xmllint libxml2-utils
need strace strace
need xz xz-utils
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q >/dev/null
	# shellcheck disable=SC2086 # a list of packages
	apt-get install -y -q --no-install-recommends $missing >/dev/null
elif command -v apt-get >/dev/null 2>&1 && command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	sudo apt-get update -q >/dev/null
	# shellcheck disable=SC2086
	sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
else
	echo "some tests will be skipped; to run them all: apt-get install$missing"
fi
