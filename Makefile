# SPDX-License-Identifier: Apache-2.0
# One Makefile for everything; HACKING.md says how the parts fit.
#
#   make          the program, in build/ellwand, and the library, build/libellwand.a
#   make demo     installs what is missing, builds, runs the shipped example
#   make check    installs what is missing, builds, runs all tests
#   make lint     layers, shell, manual, banned words
#   make install  PREFIX=/usr/local DESTDIR=
#
# WERROR=1 makes warnings errors; SAN=1 builds with ASan and UBSan in build/san.

VERSION = 0.1.0
PREFIX = /usr/local
CC ?= cc
PKGS = libgit2 libcjson libcrypto zlib libpcre2-8 libutf8proc
B = $(if $(SAN),build/san,build)
MAKEFLAGS += --no-builtin-rules

WARN = -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wvla -Wformat=2 \
	-Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings -Wundef -Wpointer-arith -Wno-unknown-warning-option -Wno-format-truncation -Wno-missing-field-initializers \
	$(if $(WERROR),-Werror)
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
OPT = $(if $(SAN),-O1 -g $(SANITIZE),-O2 -g)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DEW_VERSION='"$(VERSION)"' $(OPT) $(WARN) -fvisibility=hidden \
	-Istore -I. -I$(B)/gen $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(if $(SAN),$(SANITIZE)) $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null)

STORE_SRC := $(sort $(wildcard store/*/*.c))
CLI_SRC := $(sort $(wildcard cli/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
TOOL_SRC := $(sort $(wildcard tests/tools/*.c))
LIB_OBJ = $(STORE_SRC:%.c=$(B)/%.o) $(B)/gen/assets.o
CLI_OBJ = $(CLI_SRC:%.c=$(B)/%.o)
UNIT_BIN = $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
TOOL_BIN = $(TOOL_SRC:tests/tools/%.c=$(B)/tools/%)

all: $(B)/ellwand

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Schemas and presets are data files that the library carries with it.
ASSETS := $(sort $(wildcard schemas/*.json) $(wildcard maps/*.json))
$(B)/gen/assets.c: $(ASSETS) store/assets.awk
	@mkdir -p $(@D)
	LC_ALL=C awk -f store/assets.awk $(ASSETS) > $@.tmp && mv $@.tmp $@
$(B)/gen/assets.o: $(B)/gen/assets.c
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libellwand.a: $(LIB_OBJ)
	rm -f $@ && ar rcsD $@ $^

$(B)/ellwand: $(CLI_OBJ) $(B)/libellwand.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/tests/lib/tap.o $(B)/libellwand.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tools/%: $(B)/tests/tools/%.o $(B)/libellwand.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

unit: $(UNIT_BIN)
tools: $(TOOL_BIN)

clean:
	rm -rf build

.PHONY: all unit tools clean
.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
