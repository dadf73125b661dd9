# SPDX-License-Identifier: Apache-2.0
# One Makefile for everything; HACKING.md says how the parts fit.
#
#   make          the program, in build/ellwand, and the library, build/libellwand.a
#   make demo     installs what is missing, builds, runs the shipped example
#   make check    installs what is missing, builds, runs all tests, or those in TESTS=
#   make lint     installs what is missing, builds, runs tests/lint only
#   make fuzz     each parser of tests/fuzz for SECONDS=60 under clang's libFuzzer
#   make bench    N=100000 RUNS=3 ROWS= PEERS=: the speed beside its peers; tests/bench/bench.py
#   make install  PREFIX=/usr/local DESTDIR=
#
# WERROR=1 makes warnings errors, as check does; SAN=1 builds with ASan and UBSan in build/san;
# V=1 shows the commands.

VERSION = 0.1.0
PREFIX = /usr/local
CC ?= cc
PKGS = libcjson libcrypto libsodium zlib libdeflate libpcre2-8 libutf8proc
# Not linked: store/repo/libgit.c loads it.
LOADED = libgit2
B = build$(if $(FUZZ),/clang,$(if $(SAN),/san))
JOBS = $(shell nproc)
MAKEFLAGS += --no-builtin-rules

WARN = -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wvla -Wformat=2 \
	-Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings -Wundef -Wpointer-arith \
	-Wno-unknown-warning-option -Wno-format-truncation -Wno-missing-field-initializers
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
	$(if $(FUZZ),-fsanitize=fuzzer-no-link)
OPT = $(if $(SAN)$(FUZZ),-O1 -g $(SANITIZE),-O2 -g)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(LOADED) 2>/dev/null)
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
DIALECT = -std=c11 -D_GNU_SOURCE -DEW_VERSION='"$(VERSION)"' -Istore -I. $(WARN) $(PKG_CFLAGS)
ALL_CFLAGS = $(DIALECT) $(OPT) -fvisibility=hidden $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(if $(SAN)$(FUZZ),$(SANITIZE)) $(LDFLAGS)

STORE_SRC := $(sort $(wildcard store/*/*.c))
CLI_SRC := $(sort $(wildcard cli/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
FAULT_SRC := $(sort $(wildcard tests/fault/*_test.c))
TOOL_SRC := $(sort $(wildcard tests/tools/*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
LIB_OBJ = $(STORE_SRC:%.c=$(B)/%.o) $(B)/gen/assets.o
CLI_OBJ = $(CLI_SRC:%.c=$(B)/%.o)
UNIT_BIN = $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
FAULT_BIN = $(FAULT_SRC:tests/fault/%.c=$(B)/fault/%)
TOOL_BIN = $(TOOL_SRC:tests/tools/%.c=$(B)/tools/%)
BENCH_BIN = $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
FUZZ_BIN = $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)

# Before a command: its name and what it makes, in place of the command itself.
Q = $(if $(V),,@echo '$(1) $@';)

all: $(B)/ellwand

$(B)/%.o: %.c $(B)/gen/flags
	@mkdir -p $(@D)
	$(call Q,cc)$(CC) $(ALL_CFLAGS) $(if $(WERROR),-Werror) -MMD -MP -c -o $@ $<

# Objects that were made with other flags are made again.
$(B)/gen/flags: export FLAGS = $(CC) $(ALL_CFLAGS)
$(B)/gen/flags: FORCE
	@mkdir -p $(@D)
	@echo "$$FLAGS" | cmp -s - $@ || echo "$$FLAGS" >$@

# Schemas and presets are data files that the library carries with it.
ASSETS := $(sort $(wildcard schemas/*.json) $(wildcard maps/*.json)) $(sort $(wildcard hooks/*))
$(B)/gen/assets.c: $(ASSETS) store/assets.awk
	@mkdir -p $(@D)
	$(call Q,awk)LC_ALL=C awk -f store/assets.awk $(ASSETS) >$@.tmp && mv $@.tmp $@
$(B)/gen/assets.o: $(B)/gen/assets.c $(B)/gen/flags
	$(call Q,cc)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libellwand.a: $(LIB_OBJ)
	$(call Q,ar)rm -f $@ && ar rcsD $@ $^

$(B)/ellwand: $(CLI_OBJ) $(B)/libellwand.a
	$(call Q,cc)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/tests/lib/tap.o $(B)/libellwand.a
	@mkdir -p $(@D)
	$(call Q,cc)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# The allocations of our own objects go through the test, which makes them fail.
WRAP = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
$(B)/fault/%: $(B)/tests/fault/%.o $(B)/tests/lib/tap.o $(B)/libellwand.a
	@mkdir -p $(@D)
	$(call Q,cc)$(CC) $(ALL_LDFLAGS) $(WRAP) -o $@ $^ $(LIBS)

$(B)/tools/%: $(B)/tests/tools/%.o $(B)/libellwand.a
	@mkdir -p $(@D)
	$(call Q,cc)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/bench/%: $(B)/tests/bench/%.o $(B)/libellwand.a
	@mkdir -p $(@D)
	$(call Q,cc)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# A harness runs under libFuzzer (FUZZ=1, by `make fuzz`), else under replay.c.
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(if $(FUZZ),,$(B)/tests/fuzz/replay.o) $(B)/libellwand.a
	@mkdir -p $(@D)
	$(call Q,cc)$(CC) $(ALL_LDFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) -o $@ $^ $(LIBS)

unit: $(UNIT_BIN) $(FAULT_BIN)
tools: $(TOOL_BIN)
fuzzers: $(FUZZ_BIN)

# What is missing may only just have been installed: flags are found out anew by a make
# of its own.  The sanitizers have nothing to say about the sources.
MAKE_ALL = $(MAKE) --no-print-directory -j$(JOBS)
TEST_SRC = tests/interop/*.t $(if $(SAN),,tests/lint/*.t) tests/cli/*.t tests/fault/*.t
TESTS = $(wildcard $(TEST_SRC)) $(FUZZ_BIN) $(UNIT_BIN) $(FAULT_BIN)
PROVE = TEST_BUILD='$(CURDIR)/$(B)' prove -j2 --failures --comments --timer \
	--exec 'sh tests/lib/run.sh'

demo:
	@sh tests/lib/need.sh build
	@$(MAKE_ALL) all
	@ELLWAND='$(CURDIR)/$(B)/ellwand' sh examples/demo.sh </dev/null

check:
	@sh tests/lib/need.sh build test
	@$(MAKE_ALL) WERROR=1 all unit tools fuzzers
	@$(PROVE) $(TESTS) </dev/null

lint:
	@sh tests/lib/need.sh build test
	@$(MAKE_ALL) all
	@$(PROVE) $(wildcard tests/lint/*.t) </dev/null

# What is found is left in build/clang/fuzz; build/fuzz/NAME_fuzz FILE runs it again.
SECONDS = 60
fuzz:
	@sh tests/lib/need.sh build fuzz
	@$(MAKE_ALL) FUZZ=1 CC=clang fuzzers
	@bad=; for name in $(FUZZ_SRC:tests/fuzz/%_fuzz.c=%); do \
		echo "== $$name"; \
		mkdir -p build/clang/fuzz/$$name || exit; \
		build/clang/fuzz/$${name}_fuzz -max_total_time=$(SECONDS) -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=build/clang/fuzz/$$name. \
			build/clang/fuzz/$$name tests/fuzz/seeds/$$name || bad="$$bad $$name"; \
	done; [ -z "$$bad" ] || { echo "found something:$$bad"; exit 1; }

bench:
	@sh tests/lib/need.sh build bench
	@$(MAKE_ALL) all $(BENCH_BIN)
	@/usr/bin/python3 -B tests/bench/bench.py $(B)

# The public headers are those that ellwand.h includes, and what those include.
INSTALL = install -m 644
PUBLIC = $(sort $(filter %.h,$(shell $(CC) -std=c11 -Istore -MM store/ellwand.h)))
D = $(DESTDIR)$(PREFIX)
install: all
	install -d $(D)/bin $(D)/lib/pkgconfig $(D)/share/man/man1 $(D)/share/ellwand/maps
	install -m 755 $(B)/ellwand $(D)/bin
	$(INSTALL) $(B)/libellwand.a $(D)/lib
	for h in $(PUBLIC:store/%=%); do install -D -m 644 store/$$h $(D)/include/ellwand/$$h || exit; done
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: ellwand' 'Description: Versioned, signed benchmark labels' \
		'Version: $(VERSION)' 'Requires: $(PKGS)' 'Libs: -L$${prefix}/lib -lellwand' \
		'Cflags: -I$${prefix}/include -I$${prefix}/include/ellwand' >$(D)/lib/pkgconfig/ellwand.pc
	$(INSTALL) cli/ellwand.1 $(D)/share/man/man1
	$(INSTALL) maps/*.json $(D)/share/ellwand/maps

clean:
	rm -rf build

.PHONY: all unit tools fuzzers demo check lint fuzz bench install clean FORCE
.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
