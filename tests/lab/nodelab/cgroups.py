"""A control group for each node: systemd inside needs a root of its own, and it names every process of the node for good."""

from __future__ import annotations

import os
from pathlib import Path

from .process import ProcessId, wait_until

# Only the hierarchies that a service manager keeps its groups in. The controllers of a cgroup v1 host stay as they are:
# corosync asks for real-time scheduling, which a new group of the cpu controller would not grant.


def _hierarchies() -> list:
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, right = line.split(" - ", 1)
        kind, _, options = right.split()[:3]
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            found.append(Path(left.split()[4]))
    return found


def host_is_unified() -> bool:
    return (Path("/sys/fs/cgroup") / "cgroup.controllers").exists()


class NodeGroup:
    def __init__(self, lab_name: str, node_name: str):
        self._paths = [root / f"pcmk-kpatch-lab.{lab_name}" / node_name for root in _hierarchies()]

    def create(self) -> None:
        for path in self._paths:
            path.mkdir(parents=True, exist_ok=True)

    def enter(self) -> None:
        """Moves the calling process. Meant for the moment between fork and exec."""
        for path in self._paths:
            with open(path / "cgroup.procs", "w") as procs:
                procs.write(str(os.getpid()))

    def processes(self) -> list:
        found = set()
        for path in self._paths:
            for folder, _, _ in os.walk(path):
                try:
                    found.update(int(word) for word in (Path(folder) / "cgroup.procs").read_text().split())
                except OSError:
                    continue
        # 0 stands for a process outside of our pid namespace: none of ours.
        return sorted(found - {0})

    def kill(self) -> bool:
        def emptied() -> bool:
            for pid in self.processes():
                known = ProcessId.of(pid)
                if known:
                    known.kill(timeout=5)
            return not self.processes()

        return wait_until(emptied, timeout=30)

    def remove(self) -> None:
        for path in self._paths:
            for folder, _, _ in os.walk(path, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
            try:
                # The lab's own group goes with its last node.
                os.rmdir(path.parent)
            except OSError:
                pass
