"""The disk that all machines of a release begin with, and the kernel beside it. A machine writes to an overlay of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nodelab.command import run
from nodelab.furniture import MASKED
from nodelab.places import ROOTFS_FILES, state_folder
from nodelab.rootfs import locked, remove_tree

from . import kernel
from .places import MACHINE_FILES, SHARED_MACHINE_FILES
from .trees import kernel_release, kernel_tree, machine_tree

# Raise it when the way of building changes.
RECIPE = "5"

SIZE = "3G"

# Their file systems are the machine's own kernel's.
NOT_MASKED = ("sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-kernel-config.mount")

ENABLED = {
    "sysinit.target": ("kernlab-agent.service",),
    "multi-user.target": ("kernlab-network.service", "corosync.service", "pacemaker.service"),
}

# Taken from the node lab, as they are: its fence agent finds the same socket here.
SHARED_FILES = ("usr/sbin/fence_lab", "etc/systemd/journald.conf.d/lab.conf")

# With shared disks: what locks them, and what volume groups are made of.
SHARED_MODULES = ("dlm", "gfs2", "dm_mod")
SHARED_ENABLED = {"sysinit.target": ("kernlab-shared.service",)}
# The cluster's agents start what these do, and nobody else. As patterns: a link into the machine leads nowhere out here, and only a pattern finds it.
SHARED_NOT_ENABLED = ("dlm.*", "lvm*.*")

# Debian 12 has no package of the kpatch utility. It is a shell script that asks for nothing newer: 13's serves.
KPATCH_FILES = ("usr/sbin/kpatch", "usr/lib/systemd/system/kpatch.service")


@dataclass(frozen=True)
class Image:
    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk.raw"

    @property
    def vmlinux(self) -> Path:
        return self.folder / "vmlinux"

    @property
    def initramfs(self) -> Path:
        return self.folder / "initramfs"

    @property
    def kernel(self) -> str:
        return self._facts()["kernel"]

    @property
    def cib_owner(self) -> tuple:
        return tuple(self._facts()["cib_owner"])

    def _facts(self) -> dict:
        return json.loads((self.folder / "image.json").read_text())


def ensure_image(release: str, say=print, shared: bool = False) -> Image:
    """shared: for machines with shared disks."""
    userland, system = machine_tree(release, say, shared), kernel_tree(release, say)
    lender = machine_tree("trixie", say) if release == "bookworm" else None
    key = hashlib.sha256(f"{RECIPE} {userland.name} {system.name} {lender.name if lender else ''}".encode())
    furniture = (MACHINE_FILES, SHARED_MACHINE_FILES) if shared else (MACHINE_FILES,)
    files = [path for folder in furniture for path in sorted(folder.rglob("*")) if path.is_file()] + [ROOTFS_FILES / name for name in SHARED_FILES]
    for path in [*files, Path(kernel.__file__), Path(__file__)]:
        key.update(str(path.name).encode() + b"\0" + path.read_bytes())
    name = f"shared-{release}" if shared else release
    folder = state_folder() / "kernlab/images" / f"{name}-{key.hexdigest()[:12]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_name(f"{name}.lock")):
        if not folder.is_dir():
            say(f"kernlab: making the disk of {name}")
            unfinished = folder.with_name(folder.name + ".unfinished")
            remove_tree(unfinished)
            unfinished.mkdir()
            _make(userland, system, lender, unfinished, shared)
            unfinished.rename(folder)
            for older in folder.parent.glob(f"{name}-*"):
                if older != folder and not _in_use(older):
                    shutil.rmtree(older)
    return Image(folder)


def _make(userland: Path, system: Path, lender, target: Path, shared: bool) -> None:
    release = kernel_release(system)
    kernel.write_vmlinux(system, release, target / "vmlinux")
    kernel.write_initramfs(system, release, target / "initramfs")
    with _overlay(userland, target / "work") as root:
        for source, names in ((MACHINE_FILES, _files(MACHINE_FILES)), (SHARED_MACHINE_FILES, _files(SHARED_MACHINE_FILES) if shared else ()),
                              (ROOTFS_FILES, SHARED_FILES), (lender, KPATCH_FILES if lender else ())):
            for name in names:
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                # A copy's owner is root, whoever owns the checkout.
                shutil.copy(source / name, path)
                os.chmod(path, 0o755 if path.read_bytes()[:2] == b"#!" else 0o644)
        modules = root / "usr/lib/modules" / release
        modules.mkdir(parents=True)
        for path in kernel.module_files(system, release, SHARED_MODULES if shared else ()):
            shutil.copy(path, modules)
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            shutil.copy(system / "usr/lib/modules" / release / name, modules)
        run(["depmod", "-b", root, release])
        _units(root / "etc/systemd/system", shared)
        for folder in ("lab", "etc/kernlab", f"usr/lib/kpatch/{release}", f"var/lib/kpatch/{release}"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        # With a journal: a machine that panics is to find its CIB again.
        run(["mkfs.ext4", "-q", "-F", "-d", root, "-E", "lazy_itable_init=1,lazy_journal_init=1", target / "disk.raw", SIZE], timeout=300)
    owner = (userland / "var/lib/pacemaker/cib").stat()
    (target / "image.json").write_text(json.dumps({"kernel": release, "cib_owner": [owner.st_uid, owner.st_gid]}))


def _files(folder: Path) -> list:
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()]


def _units(units: Path, shared: bool) -> None:
    for unit in MASKED:
        if unit not in NOT_MASKED:
            (units / unit).unlink(missing_ok=True)
            (units / unit).symlink_to("/dev/null")
    # Its package enables it with corosync, with a watchdog of five seconds, which an emulated machine may miss, and the last of a cluster to be
    # stopped has no quorum and is reset: sbd is for the test that wants it.
    for link in units.glob("*.requires/sbd*.service"):
        link.unlink()
    for link in [link for unit in SHARED_NOT_ENABLED for link in units.glob(f"*.wants/{unit}")]:
        link.unlink()
    for target, wanted in [*ENABLED.items(), *(SHARED_ENABLED.items() if shared else ())]:
        wants = units / f"{target}.wants"
        wants.mkdir(exist_ok=True)
        for unit in wanted:
            (wants / unit).unlink(missing_ok=True)
            (wants / unit).symlink_to(f"/usr/lib/systemd/system/{unit}")
    (units / "default.target").unlink(missing_ok=True)
    (units / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")


@contextmanager
def _overlay(lower: Path, work: Path):
    """The tree with a layer over it, so that the tree itself stays as it was built."""
    for name in ("upper", "work", "root"):
        (work / name).mkdir(parents=True)
    root = work / "root"
    run(["mount", "-t", "overlay", "kernlab-image", "-o", f"lowerdir={lower},upperdir={work / 'upper'},workdir={work / 'work'}", root])
    try:
        yield root
    finally:
        run(["umount", root])
        shutil.rmtree(work)


def _in_use(image: Path) -> bool:
    """A lab's disks name the image below them."""
    return any(str(image) in path.read_text() for path in (state_folder() / "kernlab/labs").glob("*/lab.json"))
