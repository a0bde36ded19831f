"""Where the lab keeps its state: all of it outside the checkout, all of it safe to delete after `lab down`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .errors import LabError

SOURCE = Path(__file__).resolve().parent.parent
ROOTFS_FILES = SOURCE / "rootfs-files"


def state_folder() -> Path:
    named = os.environ.get("PCMK_KPATCH_LAB")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(named or os.path.join(cache, "pcmk-kpatch-lab")).absolute()
    # Overlay mounts take them for separators, and the ways to escape them differ between kernels.
    if any(letter in str(folder) for letter in ":,\\ \n"):
        raise LabError(f"{folder}: the lab's folder may have no space, colon, comma or backslash in its path")
    return folder


class LabPlaces:
    """The files of one lab. Several labs may exist side by side under different names."""

    def __init__(self, name: str):
        # The name becomes part of network namespace and cgroup names, so it is kept short and plain.
        if not re.fullmatch(r"[a-z][a-z0-9]{0,11}", name):
            raise LabError(f"lab name {name!r}: use 1 to 12 lower-case letters and digits, a letter first")
        self.name = name
        self.root = state_folder() / "labs" / name
        self.lock = state_folder() / "labs" / f"{name}.lock"
        self.description = self.root / "lab.json"
        self.furniture = self.root / "furniture"
        self.shared = self.root / "shared"
        self.socket = self.shared / "keeper.sock"
        self.keeper_id = self.root / "keeper.json"
        self.keeper_log = self.root / "keeper.log"
        self.fences_log = self.root / "fences.log"

    def node(self, index: int) -> "NodePlaces":
        return NodePlaces(self, index)


class NodePlaces:
    def __init__(self, lab: LabPlaces, index: int):
        self.folder = lab.root / f"node{index}"
        self.upper = self.folder / "upper"
        self.work = self.folder / "work"
        self.root = self.folder / "root"
        self.console = self.folder / "console.log"
        self.nspawn_id = self.folder / "nspawn.json"
