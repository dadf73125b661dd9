#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sees to it that what a make target needs is there: need.sh [build] [test] [fuzz]
# [bench].  What is missing is installed from Debian's packages; when nothing is missing,
# nothing is asked, started or fetched.  Without the right to install, says what to type.
set -eu

packages=

# The package, unless the command succeeds.
unless() {
	package=$1
	shift
	"$@" >/dev/null 2>&1 || packages="$packages $package"
}

need_build() {
	unless gcc command -v cc
	unless libc6-dev test -e /usr/include/stdio.h
	unless make command -v make
	unless pkg-config command -v pkg-config
	unless libgit2-dev pkg-config --exists libgit2
	unless libcjson-dev pkg-config --exists libcjson
	unless libssl-dev pkg-config --exists libcrypto
	unless libsodium-dev pkg-config --exists libsodium
	unless zlib1g-dev pkg-config --exists zlib
	unless libdeflate-dev pkg-config --exists libdeflate
	unless libpcre2-dev pkg-config --exists libpcre2-8
	unless libutf8proc-dev pkg-config --exists libutf8proc
	unless git command -v git
	unless openssh-client command -v ssh-keygen
}

need_test() {
	unless g++ command -v c++
	unless binutils command -v size
	unless perl command -v prove
	unless python3 test -x /usr/bin/python3
	unless python3-jsonschema /usr/bin/python3 -c 'import jsonschema'
	unless mandoc command -v mandoc
	unless shellcheck command -v shellcheck
}

need_fuzz() {
	unless clang command -v clang
}

need_bench() {
	unless python3 /usr/bin/python3 -c 'import sqlite3'
	unless sqlite3 command -v sqlite3
	unless sqlite3-tools command -v sqldiff
}

for group; do
	"need_$group"
done
[ "$packages" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "need.sh: not installed, by Debian's names:$packages; install them, then try again" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	sudo=sudo
	if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
		echo "need.sh: not installed:$packages; as root: apt-get install$packages" >&2
		exit 1
	fi
fi

echo "Installing$packages"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	# shellcheck disable=SC2086 # words
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 "$@" >"$log" 2>&1 </dev/null
}
# shellcheck disable=SC2086 # words
if ! { apt update && apt install -y --no-install-recommends $packages; }; then
	cat "$log" >&2
	echo "need.sh: apt-get failed, see above; mend that, then try again" >&2
	exit 1
fi
