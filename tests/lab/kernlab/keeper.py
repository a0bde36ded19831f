"""The keeper of the machines: the process that starts, resets and stops them, holds the lines to them, and is what their fence device
talks to. Requests and answers are one line of JSON each, over a unix socket."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from nodelab.errors import LabError
from nodelab.keeper import short_path
from nodelab.process import ProcessId

from .channel import Channel
from .image import Image
from .machine import Machine
from .places import KernLabPlaces
from .qmp import Control


def _now() -> dict:
    now = time.time()
    return {"time": datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds"), "epoch": round(now, 3)}


class Powered:
    """A machine that has power, and the lines to it."""

    def __init__(self, machine: Machine, process, on_request, log):
        self.process = process
        self.channel = Channel(machine.places.folder, machine.places.agent, on_request)
        self.control = Control(machine.places.folder, machine.places.control, self._event)
        self._name, self._log = machine.name, log

    def _event(self, event: str, data: dict) -> None:
        if event in ("RESET", "SHUTDOWN", "WATCHDOG"):
            self._log(event=event.lower(), node=self._name, **data)
        if event == "RESET":
            self.channel.down()

    def end(self) -> None:
        self.process.kill()
        self.process.wait(timeout=30)
        self.control.close()
        self.channel.close()


class Keeper:
    def __init__(self, places: KernLabPlaces):
        self._places = places
        description = json.loads(places.description.read_text())
        self._memory = description["memory"]
        self._image = Image(Path(description["image"]))
        self._machines = {m.name: m for m in (Machine(places, i) for i in range(1, description["nodes"] + 1))}
        self._powered: dict = {}
        self._snapshots: dict = {}
        # Power and snapshots, one after the other, and by the main thread: a machine ends with the thread that started it.
        self._work: queue.Queue = queue.Queue()
        self._logging = threading.Lock()
        self._ended = False
        self._at_once = {"on": self._on, "qmp": self._qmp, "machines": self._status_of_all, "list": self._list, "status": self._status}
        self._in_turn = {"boot": self._boot, "crash": self._crash, "reset": self._reset, "snapshot": self._snapshot,
                         "restore": self._restore, "stop": self._stop}
        self._fence = {"reboot": self._fence_reboot, "off": self._crash, "on": self._fence_on}

    def serve(self) -> None:
        ProcessId.of(os.getpid()).save(self._places.keeper_id)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with short_path(self._places.socket.parent) as folder:
            path = f"{folder}/{self._places.socket.name}"
            if os.path.exists(path):
                os.unlink(path)
            listener.bind(path)
        listener.listen(64)
        signal.signal(signal.SIGTERM, lambda *_: self._work.put((self._stop, {}, queue.Queue())))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        self._log(event="keeping", nodes=list(self._machines))
        try:
            while not self._ended:
                action, request, answers = self._work.get()
                answers.put(self._tried(action, request))
        finally:
            for powered in self._powered.values():
                powered.end()
            self._log(event="ended")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            threading.Thread(target=self._serve_one, args=(listener.accept()[0],), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as file:
            try:
                request = json.loads(file.readline())
                answer = self._carry_out(request)
                file.write(json.dumps(answer).encode() + b"\n")
            except (OSError, ValueError) as error:
                self._log(event="bad request", error=str(error))

    def _carry_out(self, request: dict) -> dict:
        action = request.get("action")
        if action in self._at_once:
            return self._tried(self._at_once[action], request)
        if action in self._in_turn:
            return self._queued(self._in_turn[action], request)
        return {"ok": False, "error": f"unknown action {action!r}"}

    def _queued(self, action, request: dict) -> dict:
        answers: queue.Queue = queue.Queue()
        self._work.put((action, request, answers))
        return answers.get()

    def _tried(self, action, request: dict) -> dict:
        try:
            return {"ok": True, **(action(request) or {})}
        except LabError as error:
            answer = {"ok": False, "error": str(error)}
        except Exception as error:  # whatever it is: the other machines still need their keeper
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        if action != self._on:
            self._log(event="refused", request={k: v for k, v in request.items() if k != "stdin"}, error=answer["error"])
        return answer

    # What the fence device in a machine asks for: all but looking is written to the fence log.

    def _from_machine(self, request: dict) -> dict:
        action = request.get("action")
        if action in ("list", "status"):
            return self._tried(self._at_once[action], request)
        if action not in self._fence:
            return {"ok": False, "error": f"unknown action {action!r}"}
        began, started = _now(), time.monotonic()
        answer = self._queued(self._fence[action], request)
        entry = {**began, "target": request.get("node"), "action": action, "requester": request.get("requester", "?"),
                 "result": "ok" if answer["ok"] else "failed", "seconds": round(time.monotonic() - started, 3)}
        with self._logging, open(self._places.fences_log, "a") as log:
            log.write(json.dumps(entry) + "\n")
        return answer

    def _fence_reboot(self, request: dict) -> None:
        # As a power switch does: off and on again. A machine that is off is switched on.
        self._reset(request) if self._has_power(request) else self._boot(request)

    def _fence_on(self, request: dict) -> None:
        if not self._has_power(request):
            self._boot(request)

    # The actions.

    def _machine(self, request: dict) -> Machine:
        machine = self._machines.get(request.get("node"))
        if machine is None:
            raise LabError(f"no node {request.get('node')!r}; there are {', '.join(self._machines)}")
        return machine

    def _has_power(self, request: dict) -> bool:
        powered = self._powered.get(self._machine(request).name)
        return powered is not None and powered.process.poll() is None

    def _power(self, request: dict) -> Powered:
        if not self._has_power(request):
            raise LabError(f"{self._machine(request).name} is off")
        return self._powered[self._machine(request).name]

    def _on(self, request: dict) -> dict:
        return self._power(request).channel.run(request["command"], request.get("stdin", ""), request["timeout"])

    def _qmp(self, request: dict) -> dict:
        return {"return": self._power(request).control.execute(request["execute"], **request.get("arguments", {}))}

    def _list(self, _request: dict) -> dict:
        return {"nodes": list(self._machines)}

    def _status(self, request: dict) -> dict:
        return {"power": "on" if self._has_power(request) else "off"}

    def _status_of_all(self, _request: dict) -> dict:
        found = []
        for name in self._machines:
            power = self._has_power({"node": name})
            powered = self._powered.get(name)
            found.append({"name": name, "power": "on" if power else "off", "boot": powered.channel.boot if power else None,
                          "pid": powered.process.pid if power else None})
        return {"machines": found}

    def _boot(self, request: dict) -> None:
        machine = self._machine(request)
        if self._has_power(request):
            raise LabError(f"{machine.name} is running")
        self._power_on(machine.name)
        self._log(event="boot", node=machine.name, pid=self._powered[machine.name].process.pid)

    def _power_on(self, name: str, snapshot: str = "") -> None:
        old = self._powered.pop(name, None)
        if old:
            old.end()
        machine = self._machines[name]
        process = machine.start(self._image, self._memory, snapshot)
        try:
            self._powered[name] = Powered(machine, process, self._from_machine, self._log)
        except LabError:
            process.kill()
            process.wait(timeout=30)
            raise

    def _crash(self, request: dict) -> None:
        if self._has_power(request):
            self._power(request).end()
        self._log(event="power off", node=self._machine(request).name)

    def _reset(self, request: dict) -> None:
        powered = self._power(request)
        powered.control.execute("system_reset")
        powered.channel.down()
        self._log(event="reset by us", node=self._machine(request).name)

    # All machines at one moment: none sees another one stand still.

    def _snapshot(self, request: dict) -> None:
        machines = [self._power({"node": name}) for name in self._machines]
        with _paused(machines):
            for powered in machines:
                powered.control.human(f"savevm {request['snapshot']}")
            self._snapshots[request["snapshot"]] = {name: self._powered[name].channel.boot for name in self._machines}
        self._log(event="snapshot", name=request["snapshot"])

    def _restore(self, request: dict) -> None:
        boots = self._snapshots.get(request["snapshot"])
        if boots is None:
            raise LabError(f"no snapshot {request['snapshot']!r}; there are {', '.join(self._snapshots) or 'none'}")
        # In new processes: a QEMU that emulates processors does not survive it that its own memory is exchanged (7.2: the guest resets).
        # All of the old ones end before the first new one hears anything: corosync's token of a later moment, taken in by a node of an earlier one,
        # has all of them ask for ever for messages that nobody has.
        for powered in self._powered.values():
            powered.end()
        self._powered.clear()
        for name in self._machines:
            self._power_on(name, request["snapshot"])
        for name, powered in self._powered.items():
            powered.channel.restored(boots[name])
        for powered in self._powered.values():
            powered.control.execute("cont")
        self._log(event="restored", name=request["snapshot"])

    def _stop(self, _request: dict) -> None:
        self._ended = True

    def _log(self, **entry) -> None:
        with self._logging:
            print(json.dumps({**_now(), **entry}), flush=True)


class _paused:
    def __init__(self, machines: list):
        self._machines = machines

    def __enter__(self) -> None:
        for powered in self._machines:
            powered.control.execute("stop")

    def __exit__(self, *_) -> None:
        for powered in self._machines:
            powered.control.execute("cont")


def main(name: str) -> int:
    try:
        Keeper(KernLabPlaces(name)).serve()
    except Exception as error:
        print(json.dumps({**_now(), "event": "failed", "error": f"{type(error).__name__}: {error}"}), flush=True)
        return 1
    return 0
