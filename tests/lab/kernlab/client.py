"""What is asked of a lab's keeper."""

from __future__ import annotations

import base64
import json
import socket

from nodelab.errors import LabError
from nodelab.keeper import short_path

from .places import KernLabPlaces


def ask(places: KernLabPlaces, request: dict, timeout: float = 60) -> dict:
    """Sends one request to the lab's keeper, and raises what it refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            with short_path(places.socket.parent) as folder:
                connection.connect(f"{folder}/{places.socket.name}")
            with connection.makefile("rwb") as file:
                file.write(json.dumps(request).encode() + b"\n")
                file.flush()
                answer = json.loads(file.readline())
        except (FileNotFoundError, ConnectionRefusedError):
            raise LabError(f"the kernel lab {places.name!r} is not up: run `kernel-lab up`") from None
        except (OSError, ValueError) as error:
            raise LabError(f"the keeper does not answer: {error}") from None
    if not answer.get("ok"):
        raise LabError(answer.get("error", "the keeper refused"))
    return answer


def run(places: KernLabPlaces, node: str, command: list, stdin: bytes, timeout: float) -> tuple:
    """A command in a machine: exit code, output, errors."""
    answer = ask(places, {"action": "on", "node": node, "command": command, "timeout": timeout,
                          "stdin": base64.b64encode(stdin).decode()}, timeout + 60)
    return (answer["code"], *(base64.b64decode(answer[name]).decode(errors="replace") for name in ("out", "err")))
