"""One node: its disk (an overlay over the base tree), its container, and the way in."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import uuid
from pathlib import Path
from typing import Optional

from . import cgroups
from .command import run
from .errors import LabError
from .network import Network
from .places import LabPlaces
from .process import ProcessId, container_leader, wait_until

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
}


def node_name(index: int) -> str:
    return f"node{index}"


class Node:
    def __init__(self, places: LabPlaces, index: int):
        self.index = index
        self.name = node_name(index)
        self._lab = places
        self._places = places.node(index)
        self._group = cgroups.NodeGroup(places.name, self.name)

    # The disk.

    @property
    def disk(self) -> Path:
        """The node's file system as the host sees it, running or not."""
        return self._places.root

    def create_disk(self, base: Path) -> None:
        for folder in (self._places.upper, self._places.work, self._places.root):
            folder.mkdir(parents=True)
        lower = f"{self._lab.furniture}:{base}"
        run(["mount", "-t", "overlay", f"pcmk-kpatch-lab.{self._lab.name}.{self.name}",
             "-o", f"lowerdir={lower},upperdir={self._places.upper},workdir={self._places.work}", self._places.root])
        etc = self.disk / "etc"
        (etc / "hostname").write_text(f"{self.name}\n")
        # With an id of its own systemd does not take the boot for a machine's first one.
        (etc / "machine-id").unlink(missing_ok=True)
        (etc / "machine-id").write_text(uuid.uuid4().hex + "\n")

    def remove_disk(self) -> None:
        def gone() -> bool:
            if f" {self._places.root} " not in Path("/proc/self/mountinfo").read_text():
                return True
            run(["umount", self._places.root], check=False)
            return False

        if not wait_until(gone, timeout=15):
            run(["umount", "--lazy", self._places.root])
        shutil.rmtree(self._places.folder, ignore_errors=True)

    # The container. Only the keeper starts one; anybody may end one.

    def nspawn(self) -> Optional[ProcessId]:
        known = ProcessId.load(self._places.nspawn_id)
        return known if known and known.alive() else None

    def leader(self) -> Optional[int]:
        nspawn = self.nspawn()
        return container_leader(nspawn) if nspawn else None

    def start(self, unified_cgroups: bool) -> subprocess.Popen:
        self._group.create()
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
        if unified_cgroups and not cgroups.host_is_unified():
            # systemd of trixie runs on cgroup v2 only, which is there beside v1 on such a host.
            environment["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "1"
        command = [
            "systemd-nspawn", "--quiet", f"--directory={self._places.root}", "--boot",
            "--register=no", "--keep-unit", "--settings=no",
            f"--machine={self._lab.name}-{self.name}", f"--hostname={self.name}",
            f"--network-namespace-path=/run/netns/{Network(self._lab.name).node_namespace(self.index)}",
            # corosync locks its memory and asks for real-time scheduling, as on a real node.
            "--capability=CAP_SYS_NICE,CAP_IPC_LOCK",
            "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=pipe",
            f"--bind={self._lab.shared}:/lab",
        ]
        with open(self._places.console, "ab") as console:
            process = subprocess.Popen(command, env=environment, cwd="/", stdin=subprocess.DEVNULL,
                                       stdout=console, stderr=console, preexec_fn=self._become_container)
        known = ProcessId.of(process.pid)
        if known:
            known.save(self._places.nspawn_id)
        return process

    def _become_container(self) -> None:
        self._group.enter()
        os.setsid()
        # A node does not outlive its keeper: nobody would be left to end it.
        libc = ctypes.CDLL(None, use_errno=True)
        PR_SET_PDEATHSIG = 1
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    def kill(self) -> None:
        """The power goes off. All processes of the node are gone when this returns."""
        nspawn = self.nspawn()
        leader = self.leader()
        if leader:
            known = ProcessId.of(leader)
            if known:
                known.kill()
        if nspawn:
            # It ends by itself once its container is gone, and cleans up; it need not be waited for long.
            wait_until(lambda: not nspawn.alive(), timeout=5, interval=0.02)
            nspawn.kill()
        if not self._group.kill():
            raise LabError(f"{self.name}: processes {self._group.processes()} do not go away")
        self._places.nspawn_id.unlink(missing_ok=True)

    def remove_group(self) -> None:
        self._group.remove()

    def entered(self) -> bool:
        """True once systemd runs inside and answers: commands can be run from here on."""
        leader = self.leader()
        return bool(leader) and Path(f"/proc/{leader}/root/run/systemd/private").exists()

    def enter_command(self, command: list) -> list:
        leader = self.leader()
        if not leader:
            raise LabError(f"{self.name} is not running")
        return ["nsenter", "-t", str(leader), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
