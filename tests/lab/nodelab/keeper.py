"""The keeper: one process outside the nodes that has its hand on their power.

It does one thing at a time, in the order in which it was asked: a node is never killed and booted at once. It is what the
fence device in the nodes talks to, what a panicking kernel reports to, and what the lab's own crash and boot go through.
Requests and answers are one line of JSON each, over a unix socket that every node has under /lab.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from contextlib import contextmanager
from datetime import datetime, timezone

from .errors import LabError
from .node import Node, node_name
from .places import LabPlaces
from .process import ProcessId, wait_until

PATIENCE_WITH_A_REQUESTER = 3

# Seconds that a machine takes from its reset to its boot loader. A container takes none: one that is killed while it is a member would be
# back before the others have noticed by corosync's token that it was gone, would be told of its own fencing, and stop its stack for good.
FIRMWARE = 10

# How nspawn leaves it to whoever keeps the container to start it again.
REBOOTED_BY_ITSELF = 133


def _now() -> dict:
    now = time.time()
    return {"time": datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds"), "epoch": round(now, 3)}


class Keeper:
    def __init__(self, places: LabPlaces):
        self._places = places
        description = json.loads(places.description.read_text())
        # systemd of trixie runs on cgroup v2 only.
        self._unified = {node_name(i): release not in ("bullseye", "bookworm") for i, release in enumerate(description["releases"], 1)}
        self._nodes = {node_name(i): Node(places, i) for i in range(1, description["nodes"] + description["remotes"] + 1)}
        self._containers = {}
        self._stopping = False
        self._actions = {
            "reboot": self._fence_reboot, "off": self._fence_off, "on": self._fence_on, "status": self._status,
            "list": self._list, "crash": self._crash, "boot": self._boot, "panic": self._panic, "stop": self._stop,
        }

    def serve(self) -> None:
        ProcessId.of(os.getpid()).save(self._places.keeper_id)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with short_path(self._places.socket.parent) as folder:
            path = f"{folder}/{self._places.socket.name}"
            if os.path.exists(path):
                os.unlink(path)
            listener.bind(path)
        listener.listen(64)
        signal.signal(signal.SIGTERM, lambda *_: self._begin_to_stop())
        self._log(event="keeping", nodes=list(self._nodes))
        try:
            while not self._stopping:
                if select.select([listener], [], [], 1)[0]:
                    connection, _ = listener.accept()
                    with connection:
                        self._answer(connection)
                self._notice_ended()
        finally:
            for node in self._nodes.values():
                node.kill()
            self._notice_ended()
            self._log(event="ended")

    # Requests.

    def _answer(self, connection: socket.socket) -> None:
        try:
            request = _read_line(connection, PATIENCE_WITH_A_REQUESTER)
        except (OSError, ValueError) as error:
            self._log(event="bad request", error=str(error))
            return
        action = self._actions.get(request.get("action"))
        try:
            if action is None:
                raise LabError(f"unknown action {request.get('action')!r}")
            if _hung_up(connection):
                # It died while it waited for its turn. A dead node's wish to fence is no longer anybody's wish.
                self._log(event="requester gone", request=request)
                return
            answer = {"ok": True, **(action(request) or {})}
        except LabError as error:
            answer = {"ok": False, "error": str(error)}
        except Exception as error:  # whatever it is: the other nodes still need their keeper
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        if not answer["ok"]:
            self._log(event="refused", request=request, error=answer["error"])
        try:
            connection.sendall((json.dumps(answer) + "\n").encode())
        except OSError:
            pass

    def _node(self, request: dict) -> Node:
        node = self._nodes.get(request.get("node"))
        if node is None:
            raise LabError(f"no node {request.get('node')!r}; there are {', '.join(self._nodes)}")
        return node

    # What the fence device asks for: these are written to the fence log.

    def _fence_reboot(self, request: dict) -> None:
        with self._fencing(request) as node:
            alive = bool(node.nspawn())
            node.kill()
            if alive:
                time.sleep(FIRMWARE)
            self._power_on(node)

    def _fence_off(self, request: dict) -> None:
        with self._fencing(request) as node:
            node.kill()

    def _fence_on(self, request: dict) -> None:
        with self._fencing(request) as node:
            if not node.nspawn():
                self._power_on(node)

    @contextmanager
    def _fencing(self, request: dict):
        node = self._node(request)
        began = _now()
        started = time.monotonic()
        result = "failed"
        try:
            yield node
            result = "ok"
        finally:
            entry = {**began, "target": node.name, "action": request["action"],
                     "requester": request.get("requester", "?"), "result": result,
                     "seconds": round(time.monotonic() - started, 3)}
            with open(self._places.fences_log, "a") as log:
                log.write(json.dumps(entry) + "\n")

    def _status(self, request: dict) -> dict:
        return {"power": "on" if self._node(request).nspawn() else "off"}

    def _list(self, _request: dict) -> dict:
        return {"nodes": list(self._nodes)}

    # What the lab itself and a node's own kernel ask for: no fencing, so nothing in the fence log.

    def _crash(self, request: dict) -> None:
        node = self._node(request)
        node.kill()
        self._log(event="crash", node=node.name)

    def _panic(self, request: dict) -> None:
        node = self._node(request)
        node.kill()
        self._log(event="panic", node=node.name)

    def _boot(self, request: dict) -> None:
        node = self._node(request)
        if node.nspawn():
            raise LabError(f"{node.name} is running")
        self._power_on(node)

    def _stop(self, _request: dict) -> None:
        self._begin_to_stop()

    # The power.

    def _power_on(self, node: Node) -> None:
        container = node.start(self._unified[node.name])
        self._containers[node.name] = container
        if not wait_until(lambda: node.leader() or container.poll() is not None, timeout=30, interval=0.02) \
                or container.poll() is not None:
            raise LabError(f"{node.name} did not start, see its console.log")
        self._log(event="boot", node=node.name, pid=container.pid)

    def _notice_ended(self) -> None:
        for name, container in list(self._containers.items()):
            if container.poll() is None:
                continue
            del self._containers[name]
            if container.returncode == REBOOTED_BY_ITSELF and not self._stopping:
                try:
                    self._power_on(self._nodes[name])
                except LabError as error:
                    self._log(event="reboot failed", node=name, error=str(error))

    def _begin_to_stop(self) -> None:
        self._stopping = True

    def _log(self, **entry) -> None:
        print(json.dumps({**_now(), **entry}), flush=True)


def ask(places: LabPlaces, request: dict, timeout: float = 60) -> dict:
    """Sends one request to the lab's keeper, and raises what it refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            with short_path(places.socket.parent) as folder:
                connection.connect(f"{folder}/{places.socket.name}")
            connection.sendall((json.dumps(request) + "\n").encode())
            answer = _read_line(connection, timeout)
        except (FileNotFoundError, ConnectionRefusedError):
            raise LabError(f"the lab {places.name!r} is not up: run `lab up`") from None
        except (OSError, ValueError) as error:
            raise LabError(f"the keeper does not answer: {error}") from None
    if not answer.get("ok"):
        raise LabError(answer.get("error", "the keeper refused"))
    return answer


def _read_line(connection: socket.socket, timeout: float) -> dict:
    connection.settimeout(timeout)
    received = b""
    while not received.endswith(b"\n"):
        piece = connection.recv(65536)
        if not piece:
            raise ValueError("hung up in the middle of a line")
        received += piece
        if len(received) > 1 << 20:
            raise ValueError("line too long")
    parsed = json.loads(received)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    return parsed


def _hung_up(connection: socket.socket) -> bool:
    patience = connection.gettimeout()
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(patience)


@contextmanager
def short_path(folder):
    """A unix socket's path may have about a hundred characters only, and the state folder may lie deeper than that."""
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)


def main(name: str) -> int:
    places = LabPlaces(name)
    try:
        Keeper(places).serve()
    except Exception as error:
        print(json.dumps({**_now(), "event": "failed", "error": f"{type(error).__name__}: {error}"}), flush=True)
        return 1
    return 0
