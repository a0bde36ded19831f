"""Packages of live patches as RHEL has them, in a repository on the nodes' own disks, for dnf in there."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from nodelab import Lab
from nodelab.command import run
from nodelab.module import Module, make_module

SPECS = Path(__file__).resolve().parent.parent / "PcmkKpatch.ToolTests/Specs"
# The nodes' kernel is the host's, whose name need not be one that rpm takes for a version.
KERNEL = "5.14.0-362.8.1.el9_3.x86_64"
NAME = "kpatch-patch-5_14_0-362_8_1"
TRACE = "/var/lib/scriptlets-ran"


class Repository:
    """One repository, the same on every node."""

    def __init__(self, lab: Lab):
        self._lab = lab
        self._nodes = range(1, lab.node_count + 1)
        self._scratch = Path(tempfile.mkdtemp(prefix="lab-packages-"))
        self._offered = self._scratch / "offered"
        self._offered.mkdir()

    def prepare(self) -> None:
        """Nodes that run a RHEL kernel by name, with what a live patch needs there."""
        base = [self._build("other", other="kernel-core", other_version="5.14.0", more=f"Provides: kernel-uname-r = {KERNEL}"),
                self._build("other", other="kpatch", other_version="0.9.7"),
                self._build("other", other="bash", other_version="5", more="Provides: /bin/sh")]
        for index in self._nodes:
            self._write(index, "etc/rpm/macros", "%_dbpath /var/lib/rpm\n")
            self._write(index, "etc/dnf/vars/releasever", "9\n")
            self._write(index, "etc/yum.repos.d/patches.repo",
                        "[patches]\nname=patches\nbaseurl=file:///srv/patches\ngpgcheck=0\nmetadata_expire=0\n")
            for file in base:
                self._copy(index, file, "srv/base")
            self._lab.on(index, "rpm --upgrade --replacepkgs --noscripts --nodeps /srv/base/*.rpm")
            self._lab.on(index, f"echo {KERNEL} >/run/osrelease && mount --bind /run/osrelease /proc/sys/kernel/osrelease")
            # Every module is for that kernel, and the stand-in's own is the host's.
            self._lab.kernel(index, vermagic="lax")

    def undo(self) -> None:
        for index in self._nodes:
            self._lab.on(index, "umount /proc/sys/kernel/osrelease; rm -rf /srv/patches /srv/base /etc/yum.repos.d /etc/dnf/vars/releasever "
                                f"/run/pcmk-kpatch/package {TRACE}; rpm --query --all | grep '^{NAME}' | xargs -r rpm --erase --noscripts", check=False)
        shutil.rmtree(self._scratch)

    def offer(self, number: int, more: str = "") -> Module:
        """Offers one more patch; the module that is in the package."""
        module = make_module(f"kpatch-5_14_0-362_8_1-1-{number}.ko", vermagic=KERNEL)
        path = self._scratch / module.file_name
        path.write_bytes(module.content)
        self._publish(self._build("kpatch-patch", module=path, patch_release=number, **({"more": more} if more else {})))
        return module

    def offer_other(self, name: str) -> None:
        self._publish(self._build("other", other=name, other_version="1"))

    def take_back(self, module: Module) -> None:
        """No longer offers that patch."""
        number = module.name.rpartition("_")[2]
        for file in self._offered.glob(f"{NAME}-1-{number}.*.rpm"):
            file.unlink()
        self._publish()

    def installed(self, index: int) -> list:
        return [name for name in self._lab.on(index, "rpm --query --all").stdout.split() if name.startswith(NAME)]

    def scriptlets(self, index: int) -> str:
        """What scriptlets ran there."""
        return self._lab.on(index, f"cat {TRACE}", check=False).stdout

    def _publish(self, *files: Path) -> None:
        for file in files:
            shutil.copy(file, self._offered)
        run(["createrepo_c", "--quiet", self._offered])
        for index in self._nodes:
            target = self._lab.disk(index) / "srv/patches"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(self._offered, target)

    def _build(self, spec: str, **macros) -> Path:
        top = Path(tempfile.mkdtemp(dir=self._scratch))
        defines = [word for name, value in {"_topdir": top, "_dbpath": top / "db", "kernel_release": KERNEL, **macros}.items()
                   for word in ("--define", f"{name} {value}")]
        run(["rpmbuild", "-bb", "--quiet", "--target=x86_64", *defines, SPECS / f"{spec}.spec"])
        return next(top.glob("RPMS/*/*.rpm"))

    def _write(self, index: int, path: str, text: str) -> None:
        file = self._lab.disk(index) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _copy(self, index: int, file: Path, folder: str) -> None:
        target = self._lab.disk(index) / folder
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
