"""The host's end of a machine's agent: commands side by side, each with a deadline, none that outlives the boot it was meant for."""

from __future__ import annotations

import json
import threading
import time
from typing import Callable, Optional

from nodelab.errors import LabError

from .qmp import connect

# The agent keeps the deadline; this is for one that does not answer any more.
GRACE = 30


class Channel:
    def __init__(self, folder, name: str, on_request: Callable[[dict], dict]):
        self._connection = connect(folder, name, timeout=30)
        self._on_request = on_request
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._number = 0
        self._answers: dict = {}
        self.boot: Optional[str] = None
        threading.Thread(target=self._read, daemon=True).start()

    def close(self) -> None:
        self._connection.close()

    def down(self) -> None:
        """The machine was reset: nobody there knows of what was asked."""
        self.restored(None)

    def restored(self, boot: Optional[str]) -> None:
        """The machine is in another state all at once."""
        with self._changed:
            self.boot = boot
            self._answers.clear()
            self._changed.notify_all()

    def run(self, command: list, stdin: str, timeout: float) -> dict:
        with self._changed:
            if self.boot is None:
                raise LabError("the machine is not up")
            self._number += 1
            number = self._number
            self._answers[number] = None
        self._send({"id": number, "command": command, "stdin": stdin, "timeout": timeout})
        deadline = time.monotonic() + timeout + GRACE
        with self._changed:
            while number in self._answers and self._answers[number] is None and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())
            if number not in self._answers:
                raise LabError("the machine went down meanwhile")
            answer = self._answers.pop(number)
        if answer is None:
            raise LabError(f"the machine does not answer within {timeout + GRACE:g} s")
        return answer

    def _send(self, message: dict) -> None:
        with self._sending:
            try:
                self._connection.sendall((json.dumps(message) + "\n").encode())
            except OSError:
                raise LabError("the machine is off") from None

    def _read(self) -> None:
        try:
            with self._connection.makefile("rb") as lines:
                for line in lines:
                    try:
                        self._take(json.loads(line))
                    except (ValueError, LabError):
                        continue  # the rest of a line that a reset cut short
        except (OSError, ValueError):
            pass
        self.down()

    def _take(self, message: dict) -> None:
        if "hello" in message:
            self.restored(message["hello"])
            self._send({"welcome": message["hello"]})
        elif "id" in message:
            with self._changed:
                # Of an earlier life, where it is not known.
                if message["id"] in self._answers:
                    self._answers[message["id"]] = message
                    self._changed.notify_all()
        elif "ask" in message:
            threading.Thread(target=self._answer, args=(message,), daemon=True).start()

    def _answer(self, message: dict) -> None:
        result = self._on_request(message["request"])
        try:
            self._send({"answer": message["ask"], "result": result})
        except LabError:
            pass  # whoever asked is gone
