"""Processes of the lab, known beyond doubt: a pid alone may have been given to somebody else since."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional


def _stat_fields(pid: int) -> Optional[list]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name is in parentheses and may hold anything: count from the last one.
    return text.rsplit(")", 1)[1].split()


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@dataclass(frozen=True)
class ProcessId:
    pid: int
    started: int
    boot: str

    @staticmethod
    def of(pid: int) -> Optional["ProcessId"]:
        fields = _stat_fields(pid)
        return ProcessId(pid, int(fields[19]), boot_id()) if fields else None

    @staticmethod
    def load(path: Path) -> Optional["ProcessId"]:
        try:
            return ProcessId(**json.loads(path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)

    def alive(self) -> bool:
        fields = _stat_fields(self.pid)
        return bool(fields) and fields[0] != "Z" and int(fields[19]) == self.started and self.boot == boot_id()

    def kill(self, timeout: float = 20) -> bool:
        """SIGKILL, and wait for the end. True when it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            # The pidfd pins the process, so that what is looked at now is what is killed below.
            if not self.alive():
                return True
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            poller = select.poll()
            poller.register(handle, select.POLLIN)
            poller.poll(timeout * 1000)
        except ProcessLookupError:
            return True
        finally:
            os.close(handle)
        return not self.alive()


def children(pid: int) -> list:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def container_leader(nspawn: ProcessId) -> Optional[int]:
    """The process that is pid 1 inside: nspawn's one child that lives in a pid namespace of its own."""
    if not nspawn.alive():
        return None
    for child in children(nspawn.pid):
        try:
            status = Path(f"/proc/{child}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for line in status.splitlines():
            if line.startswith("NSpid:"):
                inside = line.split()[1:]
                if len(inside) > 1 and inside[-1] == "1":
                    return child
    return None


def wait_until(condition, timeout: float, interval: float = 0.1) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True
