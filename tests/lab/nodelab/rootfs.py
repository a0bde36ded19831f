"""Trees of Debian packages, above all the base tree that all nodes of a release share: each is built once with the host's own apt
sources, then only ever read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .command import run
from .errors import LabError
from .places import state_folder

RELEASES = ("bullseye", "bookworm", "trixie")

PACKAGES = (
    "systemd", "systemd-sysv", "dbus",
    "corosync", "pacemaker", "pacemaker-cli-utils", "pacemaker-resource-agents", "resource-agents", "pcs",
    "kmod", "iproute2", "iputils-ping", "procps",
    # What the kpatch utility and xz-compressed modules ask for.
    "binutils", "gawk", "xz-utils",
    "libxml2-utils",
    # patch=package; the repositories are made outside.
    "dnf", "rpm", "rpm2cpio", "cpio",
)

# What administrators use beside pcs, and to send what happened.
NODE_PACKAGES = (*PACKAGES, "crmsh", "sosreport")

# A remote node has neither corosync nor the cluster's daemons, for its package and theirs exclude each other; and is configured on members.
REMOTE_PACKAGES = ("pacemaker-remote", *(package for package in PACKAGES if package not in ("corosync", "pacemaker", "pcs")))

# Raise it when the way of building changes, so that trees built the old way are not taken for new ones.
RECIPE = "2"


@dataclass(frozen=True)
class Tree:
    """What a tree is made of. `name` is the first part of its folder's name, and no other tree's name begins with it and a dash."""

    name: str
    release: str
    packages: tuple
    # "extract" unpacks without installing: for trees that nobody boots.
    variant: str = "minbase"
    # Shell commands for when the packages are unpacked; $1 is the tree.
    hooks: tuple = ()
    folder: str = "base"
    # Debian's word for it; empty is this machine's. Another one can only be unpacked.
    architecture: str = ""

    def path(self) -> Path:
        if self.release not in RELEASES:
            raise LabError(f"release {self.release!r}: one of {', '.join(RELEASES)}")
        recipe = (RECIPE, self.release) + self.packages
        if self.variant != "minbase" or self.hooks:
            recipe += (self.variant,) + self.hooks
        if self.architecture:
            recipe += (self.architecture,)
        key = hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:12]
        return state_folder() / self.folder / f"{self.name}-{key}"


def releases_of(text: str, members: int, remotes: int) -> list:
    """The release of each node: one word for all, or one for each member with commas between them; remote nodes have the first one's."""
    words = text.split(",")
    if len(words) not in (1, members):
        raise LabError(f"release {text!r}: one for all, or one for each of the {members} nodes")
    for word in words:
        if word not in RELEASES:
            raise LabError(f"release {word!r}: one of {', '.join(RELEASES)}")
    return (words if len(words) > 1 else words * members) + words[:1] * remotes


def base_tree(release: str) -> Path:
    return Tree(release, release, NODE_PACKAGES).path()


def ensure_base(release: str, say=print) -> Path:
    """The base tree of a release, built now where it is not there yet."""
    return ensure_tree(Tree(release, release, NODE_PACKAGES), say)


def ensure_remote(release: str, say=print) -> Path:
    """The tree of a release's remote nodes, built now where it is not there yet."""
    return ensure_tree(Tree(f"remote-{release}", release, REMOTE_PACKAGES), say)


def ensure_tree(wanted: Tree, say=print) -> Path:
    tree = wanted.path()
    if tree.is_dir():
        return tree
    tree.parent.mkdir(parents=True, exist_ok=True)
    with locked(tree.with_name(f"{wanted.name}.lock")):
        if tree.is_dir():
            return tree
        started = time.monotonic()
        say(f"{wanted.folder}: building {wanted.name} (about a minute, once)")
        # Built elsewhere and renamed, so that a build which was killed is never taken for a tree.
        unfinished = tree.with_name(tree.name + ".unfinished")
        remove_tree(unfinished)
        _mmdebstrap(wanted, unfinished, tree.with_name(tree.name + ".log"))
        unfinished.rename(tree)
        for older in tree.parent.glob(f"{wanted.name}-*"):
            if older.is_dir() and older != tree and not _in_use(older):
                remove_tree(older)
        say(f"{wanted.folder}: {wanted.name} built in {time.monotonic() - started:.0f} s")
    return tree


def _mmdebstrap(wanted: Tree, target: Path, log: Path) -> None:
    release = wanted.release
    sources = _debian_sources(release)
    command = [
        "mmdebstrap", "--mode=root", f"--variant={wanted.variant}", "--format=directory",
        '--aptopt=APT::Install-Recommends "false"',
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--include=" + ",".join(wanted.packages),
    ]
    command += [f"--aptopt={line}" for line in _apt_proxies()]
    if wanted.architecture:
        command.append(f"--architectures={wanted.architecture}")
    if release == "bullseye" or wanted.variant == "extract":
        # From bookworm on /sbin is /usr/sbin by itself where packages are installed, and the stand-ins rely on it.
        command.append('--setup-hook=for d in bin sbin lib lib64; do mkdir -p "$1/usr/$d" && ln -s "usr/$d" "$1/$d"; done')
    command += [f"--extract-hook={hook}" for hook in wanted.hooks]
    command += ["--customize-hook=rm -rf \"$1\"/var/lib/apt/lists/* \"$1\"/var/cache/apt/*.bin", release, str(target), "-"]
    with open(log, "w") as out:
        try:
            done = subprocess.run(command, input="\n".join(sources) + "\n", text=True, timeout=1800,
                                  stdout=out, stderr=subprocess.STDOUT)
        except FileNotFoundError:
            raise LabError("mmdebstrap is not installed on this machine") from None
        except subprocess.TimeoutExpired:
            raise LabError(f"mmdebstrap: no end within 30 minutes, see {log}") from None
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise LabError(f"mmdebstrap: exit code {done.returncode}, see {log}:\n{tail}")


def _debian_sources(release: str) -> list:
    """The host's own Debian sources as one-line entries, with its release exchanged for the wanted one."""
    host_release = _os_release().get("VERSION_CODENAME", "")
    if not host_release:
        raise LabError("/etc/os-release names no VERSION_CODENAME: the host's apt sources cannot be read")
    entries = []
    folder = Path("/etc/apt")
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if path.suffix == ".list" and path.is_file():
            entries += _one_line_entries(path.read_text())
        elif path.suffix == ".sources" and path.is_file():
            entries += _stanza_entries(path.read_text())
    lines = []
    for uri, suite, components, signed_by in entries:
        # No security suite: mirrors lose an old release's files bit by bit, and nothing reaches these nodes from outside.
        if not re.fullmatch(re.escape(host_release) + r"(-updates)?", suite) or "main" not in components:
            continue
        option = f"[signed-by={signed_by}] " if signed_by.startswith("/") else ""
        line = f"deb {option}{uri} {release}{suite[len(host_release):]} main"
        if line not in lines:
            lines.append(line)
    if not lines:
        raise LabError(f"no apt source for {host_release} was found on this machine")
    return lines


def _one_line_entries(text: str) -> list:
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>[^#]+)", line)
        if match:
            signed = re.search(r"signed-by=(\S+)", match["options"] or "")
            found.append((match["uri"], match["suite"], match["components"].split(), signed[1] if signed else ""))
    return found


def _stanza_entries(text: str) -> list:
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = {}
        for line in stanza.splitlines():
            match = re.match(r"([A-Za-z-]+):\s*(.*)", line)
            if match:
                fields[match[1].lower()] = match[2].strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                found.append((uri, suite, fields.get("components", "").split(), fields.get("signed-by", "")))
    return found


def _apt_proxies() -> list:
    dumped = run(["apt-config", "dump"], check=False).stdout
    return [line for line in dumped.splitlines() if re.match(r'Acquire::\w+::Proxy\S* "', line)]


def _os_release() -> dict:
    fields = {}
    for line in Path("/etc/os-release").read_text().splitlines():
        if "=" in line:
            name, value = line.split("=", 1)
            fields[name] = value.strip('"')
    return fields


def _in_use(tree: Path) -> bool:
    return f"{tree}" in Path("/proc/self/mountinfo").read_text()


def remove_tree(tree: Path) -> None:
    if not tree.exists():
        return
    # A build that was killed may have left the kernel's file systems mounted in there: deleting must not walk into them.
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{tree}/")), reverse=True):
        run(["umount", "--lazy", mount])
    shutil.rmtree(tree)


@contextmanager
def locked(path: Path):
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
