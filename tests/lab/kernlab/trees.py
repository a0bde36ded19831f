"""What is taken from Debian for the emulated machines: a release's user land, and its kernel with what builds modules for it."""

from __future__ import annotations

from pathlib import Path

from nodelab.rootfs import PACKAGES, Tree, ensure_tree

RELEASES = ("bookworm", "trixie")

FOLDER = "kernlab/trees"

# What a cluster of shared disks has besides. The agent of dlm_controld calls killall.
SHARED_PACKAGES = ("dlm-controld", "gfs2-utils", "lvm2-lockd", "psmisc")


def machine_tree(release: str, say=print, shared: bool = False) -> Path:
    """Installed and configured: a node's user land, without a kernel. shared: with what shared disks ask for."""
    # The kpatch utility is packaged from Debian 13 on; image.py puts the same script into Debian 12's machine.
    more = ("sbd", "kpatch") if release == "trixie" else ("sbd",)
    if shared:
        return ensure_tree(Tree(f"shared-{release}", release, PACKAGES + more + SHARED_PACKAGES, folder=FOLDER), say)
    return ensure_tree(Tree(f"machine-{release}", release, PACKAGES + more, folder=FOLDER), say)


def kernel_tree(release: str, say=print) -> Path:
    """Only unpacked: the kernel, its headers and its compiler, entered by chroot to build modules."""
    packages = ("linux-image-amd64", "linux-headers-amd64", "make", "gawk", "busybox-static",
                "bash", "binutils", "coreutils", "dash", "findutils", "grep", "gzip", "sed", "xz-utils", "kmod")
    hooks = ('ln -s gawk "$1/usr/bin/awk"',)  # as its installation would do
    return ensure_tree(Tree(f"kernel-{release}", release, packages, "extract", hooks, FOLDER), say)


def kernel_release(tree: Path) -> str:
    """What `uname -r` says where that tree's kernel runs."""
    folder, = (tree / "usr/lib/modules").iterdir()
    return folder.name
