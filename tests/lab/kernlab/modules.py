"""The live patch modules of tests/lab/modules, built for a kernel, once for the same sources."""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from nodelab.command import run
from nodelab.errors import LabError
from nodelab.places import SOURCE, state_folder
from nodelab.rootfs import locked

from .trees import kernel_release, kernel_tree

SOURCES = SOURCE / "modules"

# Made from built ones rather than built. What each is made of is in _derive().
DERIVED = {"wrong_kernel": 40, "other_name": 41, "compressed": 42}

# Raise it when the way of building changes.
RECIPE = "2"


@dataclass(frozen=True)
class KernelModules:
    """The modules for one kernel."""

    kernel: str
    folder: Path

    def file(self, what: str) -> Path:
        """A live patch by what it is (the words of modules/Kbuild), or a helper by its name."""
        numbers = {**releases(), **DERIVED}
        if what not in numbers:
            path = self.folder / f"{what}.ko"
        else:
            path = self.folder / f"{stem(self.kernel)}-1-{numbers[what]}.ko{'.xz' if what == 'compressed' else ''}"
        if not path.exists():
            raise LabError(f"no module {what!r}: one of {', '.join(numbers)}, or a helper")
        return path

    def name(self, what: str) -> str:
        """The name that the module has in the kernel."""
        return self.file(what).name.split(".ko")[0].replace("-", "_")


def releases() -> dict:
    """What each module is → the last number of its name, as modules/Kbuild has it."""
    listed = re.findall(r"\(call module,(\d+),(\w+),", (SOURCES / "Kbuild").read_text())
    return {what: int(number) for number, what in listed}


def stem(kernel: str) -> str:
    """kpatch-6_1_0-50 for 6.1.0-50-amd64, as Red Hat's packages have it: without the architecture."""
    return "kpatch-" + re.sub(r"[+.]", "_", re.sub(r"(\+deb\d+)?-amd64$", "", kernel))


def ensure_modules(release: str, say=print) -> KernelModules:
    """The modules for a Debian release's kernel, built now where they are not there yet."""
    tree = kernel_tree(release, say)
    kernel = kernel_release(tree)
    key = hashlib.sha256(f"{RECIPE}{tree.name}".encode())
    sources = sorted(path for path in SOURCES.iterdir() if path.is_file())
    for path in sources:
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    folder = state_folder() / "kernlab/modules" / f"{release}-{key.hexdigest()[:12]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_name(f"{release}.lock")):
        if not folder.is_dir():
            say(f"kernlab: building the modules for {kernel}")
            unfinished = folder.with_name(folder.name + ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _build(tree, kernel, sources, unfinished)
            _derive(KernelModules(kernel, unfinished))
            unfinished.rename(folder)
            for older in folder.parent.glob(f"{release}-*"):
                if older != folder:
                    shutil.rmtree(older)
    return KernelModules(kernel, folder)


def _build(tree: Path, kernel: str, sources: list, target: Path) -> None:
    work = tree / "build"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for path in sources:
        shutil.copy(path, work)
    run(["chroot", tree, "make", "-s", "-j2", "-C", f"/usr/lib/modules/{kernel}/build", "M=/build", f"NAME={stem(kernel)}", "modules"],
        timeout=600)
    built = sorted(work.glob("*.ko"))
    missing = [what for what, number in releases().items() if not (work / f"{stem(kernel)}-1-{number}.ko").exists()]
    if missing:
        raise LabError(f"not built: {', '.join(missing)}")
    # Debug information is most of a module and of no use in a machine.
    run(["strip", "--strip-debug", *built])
    for path in built:
        shutil.copy(path, target)
    shutil.rmtree(work)


def _derive(modules: KernelModules) -> None:
    """What no compiler makes: a patch for another kernel, one under another's name, a compressed one."""
    base = modules.folder / f"{stem(modules.kernel)}-1"
    good = modules.file("instant").read_bytes()
    ours = b"vermagic=" + modules.kernel.encode() + b" "
    # A release of the same length, so that nothing else in the file moves.
    other = b"vermagic=5" + modules.kernel[1:].encode() + b" "
    if good.count(ours) != 1:
        raise LabError(f"{modules.file('instant')}: its vermagic is not {ours!r} once")
    wrong = base.with_name(f"{base.name}-{DERIVED['wrong_kernel']}.ko")
    # Nothing else is wrong with it: it has the name of its file, which is as long.
    wrong.write_bytes(good.replace(ours, other).replace(modules.name("instant").encode(), wrong.stem.replace("-", "_").encode()))
    base.with_name(f"{base.name}-{DERIVED['other_name']}.ko").write_bytes(good)
    base.with_name(f"{base.name}-{DERIVED['compressed']}.ko.xz").write_bytes(lzma.compress(good, check=lzma.CHECK_CRC32))
