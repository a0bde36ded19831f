"""Where the kernel lab keeps its state: beside the node lab's, and as safe to delete after `kernel-lab down`."""

from __future__ import annotations

from pathlib import Path

from nodelab.places import SOURCE, LabPlaces, state_folder

MACHINE_FILES = SOURCE / "machine-files"
SHARED_MACHINE_FILES = SOURCE / "shared-machine-files"


class KernLabPlaces(LabPlaces):
    def __init__(self, name: str):
        super().__init__(name)
        self.root = state_folder() / "kernlab/labs" / name
        self.lock = state_folder() / "kernlab/labs" / f"{name}.lock"
        self.description = self.root / "lab.json"
        self.furniture = self.root / "furniture"
        self.shared = self.root
        self.socket = self.root / "keeper.sock"
        self.keeper_id = self.root / "keeper.json"
        self.keeper_log = self.root / "keeper.log"
        self.fences_log = self.root / "fences.log"
        # Beside the machines' own disks: all of them have these two.
        self.shared_disks = (self.root / "shared-1.raw", self.root / "shared-2.raw")

    def machine(self, index: int) -> "MachinePlaces":
        return MachinePlaces(self.root / f"node{index}")


class MachinePlaces:
    def __init__(self, folder: Path):
        self.folder = folder
        self.disk = folder / "disk.qcow2"
        self.own = folder / "own.tar"
        self.console = folder / "console.log"
        self.qemu_log = folder / "qemu.log"
        self.qemu_id = folder / "qemu.json"
        # Unix sockets, by name: QEMU is started in this folder, for a socket's path may have about a hundred characters only.
        self.control = "control.sock"
        self.agent = "agent.sock"
