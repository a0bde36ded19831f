# pcmk-kpatch. "make help" lists the targets.
SHELL       := /bin/bash -o pipefail
.DEFAULT_GOAL := help

prefix      ?= /usr
libexecdir  ?= $(prefix)/libexec
sbindir     ?= $(prefix)/sbin
mandir      ?= $(prefix)/share/man
ocfdir      ?= $(prefix)/lib/ocf/resource.d
unitdir     ?= $(prefix)/lib/systemd/system
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d
DESTDIR     ?=

VERSION     := $(shell sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
RID         ?= linux-$(subst aarch64,arm64,$(subst x86_64,x64,$(shell uname -m)))
PUBLISHED   := src/PcmkKpatch/bin/Release/net10.0/$(RID)/publish
PRODUCT     := out/pcmk-kpatch
SOURCES     := $(shell find src -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*') $(wildcard src/*/*.csproj Directory.*.props)

.PHONY: help deps build install rpm test demo lint format bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what building and testing need (Debian 12, as root); quick when all is there
	@tests/deps

build: $(PRODUCT) ## the native binary, in out/

$(PRODUCT): $(SOURCES)
	dotnet publish src/PcmkKpatch -c Release -r $(RID) --nologo -v quiet
	mkdir -p out
	install -m 755 $(PUBLISHED)/pcmk-kpatch $(PUBLISHED)/libMonoPosixHelper.so out/

install: $(PRODUCT) ## install into DESTDIR (default: this machine)
	install -d $(DESTDIR)$(libexecdir)/pcmk-kpatch $(DESTDIR)$(sbindir) $(DESTDIR)$(ocfdir)/pcmk $(DESTDIR)$(unitdir)/kpatch.service.d \
	    $(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(mandir)/man7
	install -m 755 out/pcmk-kpatch out/libMonoPosixHelper.so $(DESTDIR)$(libexecdir)/pcmk-kpatch/
	ln -sfr $(DESTDIR)$(libexecdir)/pcmk-kpatch/pcmk-kpatch $(DESTDIR)$(sbindir)/pcmk-kpatch
	ln -sfr $(DESTDIR)$(libexecdir)/pcmk-kpatch/pcmk-kpatch $(DESTDIR)$(ocfdir)/pcmk/kpatch
	install -m 644 rpm/pcmk-kpatch-resume.service $(DESTDIR)$(unitdir)/
	install -m 644 rpm/kpatch.service.d/pcmk-kpatch.conf $(DESTDIR)$(unitdir)/kpatch.service.d/
	install -m 644 rpm/pcmk-kpatch.tmpfiles $(DESTDIR)$(tmpfilesdir)/pcmk-kpatch.conf
	install -m 644 rpm/pcmk-kpatch.8 $(DESTDIR)$(mandir)/man8/

clean: ## remove what was built
	rm -rf out src/*/bin src/*/obj tests/*/bin tests/*/obj
