"""The simulated kernel's one loop: it answers insmod and rmmod, watches the files, and lets time pass."""

import json
import os
import select
import socket
import time

from . import calls, client, sysfs
from .behaviour import Behaviour
from .livepatch import LivePatching, Refused

# How often the files of a loaded patch are looked at. Nothing is polled where no patch is loaded.
TICK = 0.1


class Kernel:
    def __init__(self):
        self._sequence = 0
        self._timers = []
        self._panicked = False
        self._patching = LivePatching(self._say, self._panic)

    # The kernel's log.

    def _say(self, level, text):
        stamp = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        record = f"{level},{self._sequence},{stamp},-;{text}\n"
        self._sequence += 1
        handle = os.open(f"{sysfs.RUN}/kmsg", os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, record.encode())
        finally:
            os.close(handle)

    # What goes wrong in a kernel.

    def _panic(self, why):
        self._panicked = True
        self._say(0, f"Kernel panic - not syncing: {why}")
        calls.log("kernel", event="panic", why=why)
        # A panicked machine hangs: the keeper ends all processes here, and nobody but a fence device boots the node again.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as keeper:
            keeper.connect("/lab/keeper.sock")
            keeper.sendall((json.dumps({"action": "panic", "node": socket.gethostname()}) + "\n").encode())
            keeper.settimeout(30)
            try:
                keeper.recv(1)
            except socket.timeout:
                pass

    def _warn(self, why):
        self._say(4, f"WARNING: CPU: 0 PID: 1 at lab/simulated.c:1 lab_function+0x1/0x2 ({why})")
        sysfs.add_taint("W")
        sysfs.count_up("warn_count")
        calls.log("kernel", event="warn", why=why)

    def _oops(self, why):
        self._say(1, "BUG: unable to handle page fault for address: 0000000000000bad")
        self._say(4, f"Oops: 0002 [#1] PREEMPT SMP ({why})")
        sysfs.add_taint("D")
        sysfs.count_up("oops_count")
        calls.log("kernel", event="oops", why=why)

    def _hung_task(self, why):
        self._say(3, f"INFO: task lab:1 blocked for more than 120 seconds. ({why})")
        calls.log("kernel", event="hung", why=why)

    def trouble(self, kind, why):
        {"panic": self._panic, "warn": self._warn, "oops": self._oops, "hung": self._hung_task}[kind](why)

    # Requests. An answer is None, or the name of an error; it may have to wait.

    def handle(self, connection, request):
        kind = request["request"]
        if kind == "load" and not request["module"]:
            answer = "ENOEXEC"
        elif kind == "load":
            setting = Behaviour(request["info"].get("lab", ""))["load"]
            if setting.startswith("slow:"):
                self._at(float(setting[5:]), lambda: self._reply(connection, self._load(request)))
                return
            answer = self._load(request)
        elif kind == "unload":
            answer = self._unload(request)
        elif kind == "trouble":
            answer = self.trouble(request["kind"], "on demand")
        else:
            answer = "EINVAL"
        self._reply(connection, answer)

    def _load(self, request):
        name, info = request["module"], request["info"]
        try:
            self._patching.load(name, info, bytes.fromhex(request["note"]))
        except Refused as error:
            calls.log("kernel", event="load refused", module=name, error=str(error))
            return str(error)
        if self._panicked:
            return "EIO"
        calls.log("kernel", event="loaded", module=name)
        for entry in Behaviour(info.get("lab", ""))["after"].split(","):
            kind, _, seconds = entry.partition(":")
            if kind in ("panic", "warn", "oops", "hung"):
                self._at(float(seconds or 0), lambda kind=kind: self.trouble(kind, f"after the load of {name}"))
        return None

    def _unload(self, request):
        try:
            self._patching.unload(request["module"])
        except Refused as error:
            return str(error)
        calls.log("kernel", event="unloaded", module=request["module"])
        return None

    @staticmethod
    def _reply(connection, answer):
        with connection:
            try:
                connection.sendall((json.dumps({"error": answer}) + "\n").encode())
            except OSError:
                pass  # whoever asked was killed meanwhile; the kernel went on

    # Time.

    def _at(self, seconds, action):
        self._timers.append((time.monotonic() + seconds, action))

    def pass_time(self):
        now = time.monotonic()
        due = [timer for timer in self._timers if timer[0] <= now]
        self._timers = [timer for timer in self._timers if timer[0] > now]
        for _, action in due:
            action()
        self._patching.tick()

    def idle(self):
        return not self._timers and not self._patching.patches


def serve():
    sysfs.lay_over()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(client.SOCKET)
    listener.listen(16)
    kernel = Kernel()
    calls.log("kernel", event="boot")
    _tell_systemd()
    while True:
        if select.select([listener], [], [], None if kernel.idle() else TICK)[0]:
            connection, _ = listener.accept()
            connection.settimeout(5)
            # The file object keeps nothing back: a request is one line.
            try:
                kernel.handle(connection, json.loads(connection.makefile().readline()))
            except (OSError, ValueError, KeyError, TypeError) as error:
                calls.log("kernel", event="bad request", error=str(error))
                connection.close()
        kernel.pass_time()


def _tell_systemd():
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect("\0" + address[1:] if address.startswith("@") else address)
            notify.send(b"READY=1")
