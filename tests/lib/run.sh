#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs one test for prove: a script whether or not it has a run bit, and nothing for ever.
case $1 in
*.t) set -- sh "$@" ;;
esac
exec timeout -k 10 900 "$@"
