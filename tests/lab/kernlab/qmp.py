"""QEMU's monitor: one command at a time, and what happens to the machine meanwhile."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from typing import Callable

from nodelab.errors import LabError
from nodelab.keeper import short_path


def connect(folder, name: str, timeout: float) -> socket.socket:
    """A unix socket that QEMU makes a moment after its start."""
    deadline = time.monotonic() + timeout
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with short_path(folder) as short:
                connection.connect(f"{short}/{name}")
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            if time.monotonic() > deadline:
                raise LabError(f"{folder}/{name}: QEMU does not answer, see qemu.log") from None
            time.sleep(0.05)


class Control:
    def __init__(self, folder, name: str, on_event: Callable[[str, dict], None]):
        self._connection = connect(folder, name, timeout=30)
        self._on_event = on_event
        self._answers: queue.Queue = queue.Queue()
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()
        self.execute("qmp_capabilities")

    def close(self) -> None:
        self._connection.close()

    def execute(self, command: str, timeout: float = 60, **arguments):
        with self._one_at_a_time:
            try:
                self._connection.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
                answer = self._answers.get(timeout=timeout)
            except (OSError, queue.Empty):
                # An answer that comes after all would be taken for the next one's.
                self._connection.close()
                raise LabError(f"QEMU does not answer {command}") from None
        if answer is None:
            raise LabError(f"QEMU ended in {command}")
        if "error" in answer:
            raise LabError(f"QEMU: {command}: {answer['error'].get('desc')}")
        return answer["return"]

    def human(self, line: str, timeout: float = 180) -> None:
        """The commands for snapshots are there for people only: they say what went wrong, and are silent otherwise."""
        said = self.execute("human-monitor-command", timeout, **{"command-line": line}).strip()
        if said:
            raise LabError(f"QEMU: {line}: {said}")

    def _read(self) -> None:
        try:
            with self._connection.makefile("rb") as lines:
                for line in lines:
                    message = json.loads(line)
                    if "event" in message:
                        self._on_event(message["event"], message.get("data", {}))
                    elif "return" in message or "error" in message:
                        self._answers.put(message)
        except (OSError, ValueError):
            pass
        self._answers.put(None)
