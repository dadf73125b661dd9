#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The README's commands succeed one after another, and print what it shows of their output,
# whatever the commits and dates are.  Its links lead somewhere.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# The commands of the console blocks, and for the N-th of them, what is shown of it.
awk '/^```/ { on = $0 == "```console"; next }
	on && /^\$ / { n++; print substr($0, 3) >"commands"; next }
	on { print >("shown." n) }' "$root/README.md"
ln -s "$root/examples" examples

normal() {
	sed 's/[0-9a-f]\{7,40\}/ID/g; s/20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]  /DATE  /g'
}

# In this shell: a command may set variables for those that follow.
n=0
while read -r line; do
	n=$((n + 1))
	eval "$line" >out 2>err </dev/null
	is "$line" "$? $(cat err)" "0 "
	[ -f "shown.$n" ] && is "prints what is shown" "$(normal <out)" "$(normal <"shown.$n")"
done <commands
ok "there were commands" test "$n" -gt 10

for link in $(grep -o '](\([^)]*\))' "$root/README.md" | tr -d '()]'); do
	ok "$link exists" test -e "$root/$link"
done
finish
