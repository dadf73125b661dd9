# SPDX-License-Identifier: Apache-2.0
# Turns data files into one C table: {path, bytes}.  Used by the Makefile only.
BEGIN {
	for (i = 32; i < 127; i++) ascii[sprintf("%c", i)] = 1
	print "/* Made from schemas/ and maps/ by store/assets.awk; do not edit. */"
	print "#include \"codec/assets.h\"\n\nconst struct ew_asset ew_assets[] = {"
}
FNR == 1 {
	if (open_) print "\t),"
	open_ = 1
	print "\tEW_ASSET(\"" FILENAME "\","
}
{
	gsub(/\\/, "&&"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); gsub(/\?/, "\\?")
	print "\t\t\"" $0 "\\n\""
}
END {
	if (open_) print "\t),"
	print "\t{ { NULL, 0 }, { NULL, 0 } }\n};"
}
