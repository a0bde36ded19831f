# pcmk-kpatch. "make help" lists the targets.
SHELL       := /bin/bash -o pipefail
.DEFAULT_GOAL := help

prefix      ?= /usr
libexecdir  ?= $(prefix)/libexec
sbindir     ?= $(prefix)/sbin
mandir      ?= $(prefix)/share/man
unitdir     ?= $(prefix)/lib/systemd/system
presetdir   ?= $(prefix)/lib/systemd/system-preset
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d
catalogdir  ?= $(prefix)/lib/systemd/catalog
sysconfdir  ?= /etc
selinuxdir  ?= $(prefix)/share/selinux/packages/pcmk-kpatch
bashcompdir ?= $(prefix)/share/bash-completion/completions
# sos looks for what others want collected here, whatever the prefix.
sosdir      ?= $(sysconfdir)/sos/extras.d
licensedir  ?= $(prefix)/share/licenses/pcmk-kpatch
sharedir    ?= $(prefix)/share/pcmk-kpatch
# Pacemaker looks for agents here, whatever the prefix.
ocfdir      ?= /usr/lib/ocf/resource.d
DESTDIR     ?=

VERSION     := $(shell sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
# The day of the newest entry in the package's changelog; the manual pages bear it.
RELEASED    := $(shell date -u +%F -d "$$(sed -n '/^%changelog/{n;s/^\* \(... ... .. ....\).*/\1/p}' rpm/pcmk-kpatch.spec)")
RID         ?= linux-$(subst aarch64,arm64,$(subst x86_64,x64,$(shell uname -m)))
PUBLISHED   := src/PcmkKpatch/bin/Release/net10.0/$(RID)/publish
PRODUCT     := out/pcmk-kpatch
PORTABLE    := out/portable/pcmk-kpatch
# The same for aarch64, made on another machine.
AARCH64     := out/aarch64/pcmk-kpatch
# Where install and the packages take the binary from.
BINARIES    ?= out
SOURCES     := $(shell find src -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*') $(wildcard src/*/*.csproj src/*/*.c Directory.*.props)

.PHONY: help deps build portable check-abi aarch64 install uninstall rpm check-rpm deb check-deb release check-selinux check-reproducible check test test-kernel test-kernel-all test-matrix test-gfs2 capture-golden capture-formats campaign soak pairs replay transcripts reliability reference demo lint format bench bench-plan bench-status bench-rollouts bench-kernel clean

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what building and testing need (Debian 12, as root); quick when all is there
	@tests/deps

build: $(PRODUCT) ## the native binary, in out/

$(PRODUCT): $(SOURCES)
	dotnet publish src/PcmkKpatch -c Release -r $(RID) --nologo -v quiet
	mkdir -p out
	install -m 755 $(PUBLISHED)/pcmk-kpatch $(PUBLISHED)/libMonoPosixHelper.so out/
	install -m 644 $(PUBLISHED)/pcmk-kpatch.dbg out/

portable: $(PORTABLE) ## the same code linked for every distribution from RHEL 8 on, in out/portable; fetches an old C library once

# The object code is that of the build before; only the last step is made again, against another C library.
$(PORTABLE): $(PRODUCT) rpm/sysroot
	rm -rf out/portable
	root=$$(rpm/sysroot $(RID)) && dotnet publish src/PcmkKpatch -c Release -r $(RID) --nologo -v quiet -p:SysRoot="$$root" \
	    -p:NativeOutputPath=$(CURDIR)/out/portable/native/ -p:PublishDir=$(CURDIR)/out/portable/
	rm -rf out/portable/native out/portable/*.xml out/portable/*.pdb

check-abi: $(PORTABLE) ## prove that the portable binary needs no glibc newer than RHEL 8's, and run it with an old one
	@rpm/check-abi out/portable $(RID)

aarch64: $(PRODUCT) $(AARCH64) ## the portable binary for aarch64, cross-built, in out/aarch64; looked at as above, and run in an emulator
	@rpm/check-abi out/aarch64 linux-arm64

$(AARCH64): $(SOURCES) rpm/sysroot
	@for tool in aarch64-linux-gnu-gcc qemu-aarch64-static; do \
	    command -v $$tool >/dev/null || { echo "make aarch64 needs $$tool: install gcc-aarch64-linux-gnu and qemu-user-static" >&2; exit 1; }; done
	rm -rf out/aarch64
	root=$$(rpm/sysroot linux-arm64) && dotnet publish src/PcmkKpatch -c Release -r linux-arm64 --nologo -v quiet -p:SysRoot="$$root" -p:PublishDir=$(CURDIR)/out/aarch64/
	rm -f out/aarch64/*.xml out/aarch64/*.pdb

# Fills in the folders, so that units and manual pages say where things really are.
FILL = sed -e 's:@VERSION@:$(VERSION):g; s:@RELEASED@:$(RELEASED):g; s:@sbindir@:$(sbindir):g; s:@libexecdir@:$(libexecdir):g' \
    -e 's:@ocfdir@:$(ocfdir):g; s:@unitdir@:$(unitdir):g; s:@presetdir@:$(presetdir):g; s:@catalogdir@:$(catalogdir):g; s:@sharedir@:$(sharedir):g'
# Where this machine itself is installed to, and it runs systemd.
LIVE = [ -z "$(DESTDIR)" ] && [ -d /run/systemd/system ]

out/ocf_pcmk_kpatch.7: $(PRODUCT) rpm/metadata-to-man rpm/pcmk-kpatch.spec
	(exec -a kpatch ./$(PRODUCT) meta-data) | rpm/metadata-to-man $(RELEASED) >$@.new
	mv $@.new $@

install: $(PRODUCT) out/ocf_pcmk_kpatch.7 ## install into DESTDIR (default: this machine)
	install -d $(DESTDIR)$(libexecdir)/pcmk-kpatch $(DESTDIR)$(sbindir) $(DESTDIR)$(ocfdir)/pcmk $(DESTDIR)$(unitdir)/kpatch.service.d \
	    $(DESTDIR)$(presetdir) $(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(mandir)/man7 $(DESTDIR)$(bashcompdir) $(DESTDIR)$(licensedir) \
	    $(DESTDIR)$(sysconfdir)/pcmk-kpatch $(DESTDIR)$(selinuxdir) $(DESTDIR)$(catalogdir) $(DESTDIR)$(sosdir) $(DESTDIR)$(sharedir)/prometheus $(DESTDIR)$(sharedir)/grafana
	install -m 755 $(BINARIES)/pcmk-kpatch $(BINARIES)/libMonoPosixHelper.so $(DESTDIR)$(libexecdir)/pcmk-kpatch/
	ln -sfr $(DESTDIR)$(libexecdir)/pcmk-kpatch/pcmk-kpatch $(DESTDIR)$(sbindir)/pcmk-kpatch
	ln -sfr $(DESTDIR)$(libexecdir)/pcmk-kpatch/pcmk-kpatch $(DESTDIR)$(ocfdir)/pcmk/kpatch
	$(FILL) rpm/before-removal.in | install -m 755 /dev/stdin $(DESTDIR)$(libexecdir)/pcmk-kpatch/before-removal
	$(FILL) rpm/pcmk-kpatch-resume.service.in | install -m 644 /dev/stdin $(DESTDIR)$(unitdir)/pcmk-kpatch-resume.service
	$(FILL) rpm/pcmk-kpatch-metrics.service.in | install -m 644 /dev/stdin $(DESTDIR)$(unitdir)/pcmk-kpatch-metrics.service
	install -m 644 rpm/pcmk-kpatch-metrics.timer $(DESTDIR)$(unitdir)/
	install -m 644 rpm/prometheus/pcmk-kpatch.rules.yml $(DESTDIR)$(sharedir)/prometheus/
	install -m 644 rpm/grafana/pcmk-kpatch.json $(DESTDIR)$(sharedir)/grafana/
	install -m 644 rpm/kpatch.service.d/pcmk-kpatch.conf $(DESTDIR)$(unitdir)/kpatch.service.d/
	install -m 644 rpm/pcmk-kpatch.preset $(DESTDIR)$(presetdir)/85-pcmk-kpatch.preset
	install -m 644 rpm/pcmk-kpatch.tmpfiles $(DESTDIR)$(tmpfilesdir)/pcmk-kpatch.conf
	$(FILL) rpm/pcmk-kpatch.8.in | install -m 644 /dev/stdin $(DESTDIR)$(mandir)/man8/pcmk-kpatch.8
	install -m 644 out/ocf_pcmk_kpatch.7 $(DESTDIR)$(mandir)/man7/
	install -m 644 rpm/pcmk-kpatch.bash $(DESTDIR)$(bashcompdir)/pcmk-kpatch
	install -m 644 rpm/pcmk-kpatch.catalog $(DESTDIR)$(catalogdir)/
	install -m 644 rpm/selinux/pcmk_kpatch.cil $(DESTDIR)$(selinuxdir)/
	install -m 644 rpm/pcmk-kpatch.sos $(DESTDIR)$(sosdir)/pcmk-kpatch
	install -m 644 LICENSE docs/licenses.md $(DESTDIR)$(licensedir)/
	@if $(LIVE); then systemctl daemon-reload && systemctl preset pcmk-kpatch-resume.service && journalctl --update-catalog; fi

uninstall: ## take away what install has put into DESTDIR; what a run has written stays
	@if $(LIVE) && [ -x $(libexecdir)/pcmk-kpatch/before-removal ]; then $(libexecdir)/pcmk-kpatch/before-removal; fi
	@if $(LIVE); then systemctl disable --now pcmk-kpatch-metrics.timer; systemctl disable pcmk-kpatch-resume.service; fi
	rm -f $(DESTDIR)$(sbindir)/pcmk-kpatch $(DESTDIR)$(ocfdir)/pcmk/kpatch $(DESTDIR)$(unitdir)/pcmk-kpatch-resume.service \
	    $(DESTDIR)$(unitdir)/pcmk-kpatch-metrics.service $(DESTDIR)$(unitdir)/pcmk-kpatch-metrics.timer \
	    $(DESTDIR)$(unitdir)/kpatch.service.d/pcmk-kpatch.conf $(DESTDIR)$(presetdir)/85-pcmk-kpatch.preset $(DESTDIR)$(tmpfilesdir)/pcmk-kpatch.conf \
	    $(DESTDIR)$(mandir)/man8/pcmk-kpatch.8 $(DESTDIR)$(mandir)/man7/ocf_pcmk_kpatch.7 $(DESTDIR)$(bashcompdir)/pcmk-kpatch \
	    $(DESTDIR)$(catalogdir)/pcmk-kpatch.catalog $(DESTDIR)$(sosdir)/pcmk-kpatch
	rm -rf $(DESTDIR)$(libexecdir)/pcmk-kpatch $(DESTDIR)$(licensedir) $(DESTDIR)$(selinuxdir) $(DESTDIR)$(sharedir)
	for folder in $(DESTDIR)$(ocfdir)/pcmk $(DESTDIR)$(unitdir)/kpatch.service.d $(DESTDIR)$(sysconfdir)/pcmk-kpatch $(DESTDIR)$(sosdir) $(dir $(DESTDIR)$(sosdir)); do \
	    [ ! -d $$folder ] || rmdir --ignore-fail-on-non-empty $$folder; done
	@if $(LIVE); then systemctl daemon-reload && journalctl --update-catalog; fi

check: $(PRODUCT) ## look at an installed tree: programs, units, manual pages, for two prefixes
	@rpm/check-install

rpm: $(PORTABLE) ## the RPM of the portable binary, checked; the last line is its path
	@rpm/build out/portable

check-rpm: rpm ## have dnf install, upgrade and remove the RPM in a root of its own
	@rpm/check-life out/rpm

deb: $(PORTABLE) out/ocf_pcmk_kpatch.7 ## the Debian package of the portable binary; the last line is its path
	@rpm/build-deb out/portable $(RID)

check-deb: deb ## have dpkg install, upgrade, remove and purge the Debian package in a root of its own
	@rpm/check-deb out/deb/*.deb

# The one for aarch64 only where somebody has built it.
release: check-abi rpm deb $(if $(wildcard $(AARCH64)),aarch64) ## what a release consists of, of the last commit, in out/release: archive, packages, bill of materials, checksums
	@rpm/release out/portable $(RID)

check-selinux: ## link the SELinux module into a whole policy and ask it what is allowed
	@rpm/check-selinux

check-reproducible: ## build the last commit twice, in two folders, and compare binaries and packages: two whole builds
	@rpm/check-reproducible

lint: ## what is wrong with style, scripts, manual pages, the spec; a line for each check
	@tests/lint

format: ## put the C# in the form that lint asks for
	dotnet format whitespace PcmkKpatch.sln
	dotnet format style PcmkKpatch.sln

test: deps ## lint, unit, what they reach, real tools, packages, real kernels, a real cluster; the last line sums up
	@$(MAKE) --no-print-directory build
	@tests/run

test-kernel: deps ## real kernels only, in emulated machines: kinds of live patches, and what the product does about each
	@$(MAKE) --no-print-directory build
	@tests/run kernel

test-kernel-all: deps ## the same, with what takes long
	@$(MAKE) --no-print-directory build
	@PCMK_KPATCH_KERNEL_TESTS= tests/run kernel

test-gfs2: deps ## three emulated machines that share a GFS2: rollout, what is mounted by hand, nodes and lock daemons that die, with somebody who writes on each
	@$(MAKE) --no-print-directory build
	@tests/run gfs2

test-matrix: deps ## what releases of Pacemaker may do otherwise: the portable binary on clusters of Debian 11 (2.0.5) and 13 (3.0.0), of several at once, and over an upgrade of its own
	@$(MAKE) --no-print-directory portable
	@BINARIES=out/portable tests/run matrix

capture-golden: deps ## write anew what crm_mon, cibadmin and crm_simulate of each release say, for the parsers' tests, to be read with git diff
	@tests/lab/capture-golden

capture-formats: deps ## have this release write every form that it keeps or publishes, once, for the tests of later ones
	@$(MAKE) --no-print-directory build
	@d=$$(mktemp -d) && trap 'rm -rf "$$d"' EXIT && $(MAKE) --no-print-directory install DESTDIR=$$d >/dev/null && tests/lab/capture-formats $$d

campaign: deps ## every fault scenario on a real cluster, the laws watched: about an hour; ONLY=word plays a part of it; the last line sums up
	@$(MAKE) --no-print-directory build
	@PCMK_KPATCH_ONLY="$(ONLY)" tests/run campaign

SIMULATION := dotnet run --project tests/PcmkKpatch.Tests -c Release -- --filter

soak: ## simulated worlds with faults for HOURS (default 1), from SEED on (default: any); prints the seed of each that breaks a law
	PCMK_KPATCH_HOURS=$(or $(HOURS),1) PCMK_KPATCH_SEED=$(SEED) $(SIMULATION) FullyQualifiedName=PcmkKpatch.Tests.Suites.RandomWorldTests.soak

replay: ## the world of SEED again, all that happened in it
	PCMK_KPATCH_SEED=$(SEED) $(SIMULATION) FullyQualifiedName=PcmkKpatch.Tests.Suites.RandomWorldTests.replay

pairs: ## two faults at each pair of a simulated run's port calls: some minutes
	PCMK_KPATCH_PAIRS=all $(SIMULATION) FullyQualifiedName~PairTests

transcripts: ## write the stories of the simulator anew, to be read with git diff
	PCMK_KPATCH_REWRITE=$(CURDIR)/tests/PcmkKpatch.Tests/Suites/Transcripts $(SIMULATION) FullyQualifiedName~TranscriptTests

reference: ## write docs/reference.md from the code
	PCMK_KPATCH_REFRESH=1 $(SIMULATION) FullyQualifiedName~ReferenceTests

reliability: ## write docs/reliability.md from the simulation's figures, and from the lab campaign's where they are there
	@tests/reliability

bench: deps ## measure monitor and a node's run beside other agents and the same work by hand
	@$(MAKE) --no-print-directory build
	dotnet publish bench/Empty -c Release -r $(RID) --nologo -v quiet -o out/bench
	gcc -O2 -Wall -Werror -o out/bench/measure bench/measure.c
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/out/bench/product >/dev/null
	@bench/run out/bench/product out/bench/empty out/bench/measure

bench-plan: $(PRODUCT) ## measure status and a plan of 32 nodes and 2,000 resources beside crm_mon and simulations, and the reading of a large crm_mon document
	mkdir -p out/bench
	gcc -O2 -Wall -Werror -o out/bench/measure bench/measure.c
	gcc -O2 -Wall -Werror -o out/bench/clocked bench/clocked.c
	@bench/plan out out/bench/clocked out/bench/measure $(SIMULATIONS)

bench-status: deps ## measure status beside the crm_mon that it asks, and what status --watch takes in a rollout, on three nodes
	@$(MAKE) --no-print-directory build
	mkdir -p out/bench
	gcc -O2 -Wall -Werror -o out/bench/measure bench/measure.c
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/out/bench/product >/dev/null
	@bench/status out/bench/product out/bench/measure

bench-rollouts: deps ## measure rollouts over NODES (default 3 8 16) beside one node's run alone
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/out/bench/product >/dev/null
	@bench/rollouts out/bench/product $(NODES)

bench-kernel: deps ## measure a load on a real kernel beside kpatch alone: how long, and how long corosync waits
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/out/bench/product >/dev/null
	@bench/kernel out/bench/product

demo: deps ## watch a patch go through a real three-node cluster on this machine
	@$(MAKE) --no-print-directory build
	@d=$${PCMK_KPATCH_LAB:-$${XDG_CACHE_HOME:-$$HOME/.cache}/pcmk-kpatch-lab}/product && rm -rf $$d && \
	    $(MAKE) --no-print-directory install DESTDIR=$$d >/dev/null && tests/lab/demo $$d

clean: ## remove what was built
	rm -rf out src/*/bin src/*/obj tests/*/bin tests/*/obj
