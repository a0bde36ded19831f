"""What every lab can be asked, whatever its nodes are made of: the cluster on them, through the cluster's own tools."""

from __future__ import annotations

import fcntl
import json
import os
import time
import xml.etree.ElementTree as ElementTree
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Optional, Union

from . import cluster
from .errors import LabError
from .node import node_name


@dataclass(frozen=True)
class OnResult:
    """What a command in a node came to. An exit code of 124 means that its deadline ended it."""

    command: tuple
    exit_code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.exit_code == 0


class Driven(ABC):
    """A cluster of nodes named node1 … nodeN in which commands can be run."""

    # There is a fence device, and the cluster is whole only when it is started.
    fenced = True

    # How often a condition is looked at: a look costs the nodes time, too.
    looks_every = 0.5

    # Nodes behind the members that corosync does not know.
    remote_count = 0

    def __init__(self, name: str, lock: Path, say: Callable[[str], None]):
        self.name = name
        self._lock_file = lock
        self._say = say
        self._held: Optional[int] = None

    @property
    @abstractmethod
    def node_count(self) -> int:
        """How many members the cluster has, running or not."""

    @property
    def machine_count(self) -> int:
        """How many nodes the lab has of both kinds, running or not. The remote ones come last."""
        return self.node_count + self.remote_count

    @abstractmethod
    def running(self) -> list:
        """The indices of the nodes that have power and answer."""

    @abstractmethod
    def on(self, index: int, command: Union[str, Iterable[str]], *, check: bool = True, timeout: float = 60,
           stdin: Optional[str] = None) -> OnResult:
        """Runs a command in a node; a string is run by bash. With check, a bad exit code is an error."""

    @abstractmethod
    def fences(self) -> list:
        """What the fence device was asked to do, oldest first."""

    @staticmethod
    def checked(index: int, result: OnResult, timeout: float) -> OnResult:
        if not result.ok:
            why = f"no end within {timeout:g} s" if result.exit_code == 124 else f"exit code {result.exit_code}"
            raise LabError(f"{node_name(index)}: {' '.join(result.command)[:300]}: {why}\n"
                           f"{result.stdout[-1500:]}{result.stderr[-1500:]}".rstrip())
        return result

    # One process at a time takes a lab up or down.

    def hold(self) -> None:
        """Keeps every other process from taking this lab up or down for as long as this one lives."""
        if self._held is None:
            self._held = self._lock()

    @contextmanager
    def _locked(self):
        """One `up` or `down` of a lab at a time."""
        if self._held is not None:
            yield
            return
        handle = self._lock()
        try:
            yield
        finally:
            os.close(handle)

    def _lock(self) -> int:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise LabError(f"the lab {self.name!r} is in the hands of another process: take another name, or wait") from None
        return handle

    # The cluster.

    def crm_mon(self) -> ElementTree.Element:
        """crm_mon's document from the first node that gives one."""
        said = "no node is running"
        for index in self.running():
            result = self.on(index, ["crm_mon", "-1", "--output-as=xml", "--inactive", "--show-node-attributes",
                                     "--failcounts", "--fence-history=3"], check=False, timeout=30)
            if result.ok:
                return ElementTree.fromstring(result.stdout)
            said = f"node{index}: crm_mon: exit code {result.exit_code}: {result.stderr.strip()[-300:]}"
        raise LabError(said)

    def idle(self) -> bool:
        """No action is under way or due, as the DC sees it."""
        dc = self.crm_mon().find("summary/current_dc")
        name = dc.get("name", "") if dc is not None and dc.get("present") == "true" else ""
        if not name.startswith("node"):
            return False
        state = self.on(int(name[4:]), ["crmadmin", "-q", "-S", name], check=False, timeout=30)
        return "S_IDLE" in state.stdout + state.stderr

    def online(self, index: int) -> bool:
        node = self.crm_mon().find(f"nodes/node[@name='node{index}']")
        return node is not None and node.get("online") == "true" and node.get("pending") == "false"

    def wait_until(self, description: str, predicate: Callable[[], object], timeout: float = 120, interval: Optional[float] = None):
        """Waits for a condition and returns its value. LabErrors on the way are a 'not yet'; in vain, all that may tell
        why is in the message."""
        deadline = time.monotonic() + timeout
        last = ""
        while True:
            try:
                value = predicate()
                if value:
                    return value
                last = f"it was {value!r}"
            except LabError as error:
                last = str(error)
            if time.monotonic() >= deadline:
                raise LabError(f"{description}: not within {timeout:g} s; last: {last}\n{self.diagnosis()}")
            time.sleep(interval or self.looks_every)

    def diagnosis(self, lines: int = 25) -> str:
        parts = []
        for index in self.running():
            for title, command in {
                "crm_mon": "crm_mon -1rfA --fence-history=3",
                "journal": f"journalctl -b --no-pager -n {lines} -o short-precise "
                           "-u corosync -u pacemaker -u 'pcmk-kpatch*' -u 'kpatch*' -u lab-kernel",
            }.items():
                try:
                    result = self.on(index, command, check=False, timeout=30)
                    parts.append(f"--- node{index}: {title}\n{result.stdout}{result.stderr}".rstrip())
                except LabError as error:
                    parts.append(f"--- node{index}: {title}: {error}")
        off = [node_name(index) for index in range(1, self.machine_count + 1) if index not in self.running()]
        if off:
            parts.append(f"--- not running: {', '.join(off)}")
        parts += ["--- fences", *(json.dumps(fence) for fence in self.fences())]
        return "\n".join(parts)

    # Its beginning.

    def _formed(self) -> bool:
        mon = self.crm_mon()
        count = self.machine_count
        dc = mon.find("summary/current_dc")
        members = mon.findall("nodes/node")
        return (
            dc is not None and dc.get("with_quorum") == "true"
            and len(members) == count
            and all(n.get("online") == "true" and n.get("pending") == "false" and n.get("unclean") == "false" for n in members)
            and (not self.fenced or mon.find(
                f"resources//resource[@id='{cluster.FENCE_DEVICE}'][@role='Started'][@blocked='false']") is not None)
        )

    def _define_workload(self, release: str, timeout: float) -> None:
        self.on(1, ["bash", "-s"], stdin=cluster.workload_script(release), timeout=240)
        count = self.machine_count

        def runs() -> bool:
            mon = self.crm_mon()
            active = [r for r in mon.iter("resource") if r.get("active") == "true"]
            started = {r.get("id") for r in active}
            logger = [r for r in active if r.get("id") == "logger"]
            store = [r for r in active if r.get("id") == "store"]
            promoted = [r for r in store if r.get("role") in ("Promoted", "Master")]
            return started.issuperset(cluster.WORKLOAD_PRIMITIVES) and len(logger) == len(store) == count and len(promoted) == 1

        self.wait_until("the workload runs", runs, timeout)
        self.wait_until("the cluster is idle", self.idle, timeout)
        self._say(f"{self.name}: workload runs")
