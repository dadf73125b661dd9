#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What no file may hold: HACKING.md says why.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
cd "$root" || exit 1
must git ls-files --error-unmatch Makefile

# Calls of these functions in these files.
calls() {
	functions=$1
	shift
	grep -nE "(^|[^_[:alnum:]])($functions)[[:blank:]]*\\(" "$@" /dev/null
}

is "the library does not end the program" \
	"$(calls 'exit|_exit|_Exit|abort|quick_exit|raise|kill' store/*/*.[ch] |
		grep -v '^store/base/program\.c:.*kill(r->pid')" ""
is "nor print" "$(calls 'v?printf|puts|putchar|v?fprintf|fputs|fputc|fwrite|perror' store/*/*.[ch]
	grep -nwE 'stdout|stderr' store/*/*.[ch])" ""
is "nor read the environment" "$(calls '(secure_)?getenv|setenv|putenv|setlocale' store/*/*.[ch])" ""
is "the program does so in one place" \
	"$(calls 'exit|_exit|abort|getenv|perror|printf|puts' cli/*.[ch] | grep -v '^cli/main\.c:.*getenv(' |
		grep -v '^cli/[a-z]*\.c:.*[^_]_exit(')" ""
is "no function without a bound" "$(calls 'strcpy|stpcpy|strcat|v?sprintf|gets|alloca' store/*/*.[ch] cli/*.[ch])" ""
is "none that guesses or keeps state" \
	"$(calls 'strtok|atoi|atol|atoll|atof|sscanf|rand|srand|gmtime|localtime|ctime|asctime|strerror|tmpnam|mktemp' \
		store/*/*.[ch] cli/*.[ch])" ""
is "none that starts a shell" "$(calls 'system|popen' store/*/*.[ch] cli/*.[ch])" ""
is "JSON is read and written by codec/json and codec/jsonw" \
	"$(calls 'cJSON_(Print|Parse)[A-Za-z]*' store/*/*.[ch] cli/*.[ch] | grep -v '^store/codec/json\.c:.*cJSON_Parse'
		grep -nE 'printf|_addf' store/*/*.c cli/*.c | grep -F '"{\"')" ""
is "comments are /* */" "$(git ls-files '*.c' '*.h' | xargs grep -nE '^([^"]|"[^"]*")*[^:"]//' |
	grep -vE '^[^:]*:[0-9]*:.*(/\*|^ \*).*//')" ""
is "nothing is put off" "$(git ls-files -- ':!tests/lint/banned.t' | xargs grep -nwE 'TODO|FIXME|XXX|HACK' |
	grep -v '^Binary')" ""
is "no white space at the end of a line" \
	"$(git ls-files '*.c' '*.h' '*.sh' '*.t' '*.py' '*.def' '*.awk' Makefile | xargs grep -nE '[[:blank:]]+$')" ""
is "every source says its licence" "$(git ls-files '*.c' '*.h' '*.sh' '*.t' '*.py' '*.def' '*.awk' Makefile |
	xargs grep -L 'SPDX-License-Identifier: Apache-2.0')" ""
is "no path of one machine" "$(git ls-files | xargs grep -nE '(^|[^.[:alnum:]])/(root|work)/' |
	grep -v '^tests/lint/banned\.t:')" ""

# Tables of constants with pointers are in .data.rel.ro.
is "the library has no variables" "$(size -A "$build/libellwand.a" |
	awk '/:$/ { file = $1 } /^\.t?(data|bss) / && $2 > 0 { print file, $1, $2 }')" ""
finish
