"""A kernel lab as the command line and the tests use it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Callable, Iterable, Optional, Union

from nodelab import cluster
from nodelab import product as installed
from nodelab.driven import Driven, OnResult
from nodelab.errors import LabError
from nodelab.network import address
from nodelab.node import node_name
from nodelab.places import SOURCE
from nodelab.process import ProcessId, wait_until

from . import client
from .image import Image, ensure_image
from .machine import CIB, Machine
from .modules import KernelModules, ensure_modules
from .places import KernLabPlaces

# An emulated machine on a busy host is slow now and then; nobody is to be fenced for that.
TOKEN = 10000
TOTEM = ("consensus: 12000", "join: 500", "token_retransmits_before_loss_const: 20")

# Corosync would take the watchdog for itself, which is sbd's where it is anybody's.
SECTIONS = ("resources {", "    watchdog_device: off", "}")

# The newest that each release knows: from an older one every crm_mon would first transform the CIB, for seconds where all is emulated.
SCHEMAS = {"bookworm": "pacemaker-3.9", "trixie": "pacemaker-4.0"}

TOOLS = ("qemu-system-x86_64", "qemu-img", "mkfs.ext4", "depmod", "zstd", "cpio", "strip")

MODULES = "/usr/share/kernlab/modules"

# Of each of the shared disks, in bytes: holds a GFS2 of three small journals. Little of it is ever written.
SHARED_SIZE = 1 << 30


class KernLab(Driven):
    # Any of Pacemaker's tools keeps an emulated processor busy for half a second.
    looks_every = 2.5

    def __init__(self, name: str = "kern", say: Callable[[str], None] = print):
        self._places = KernLabPlaces(name)
        super().__init__(name, self._places.lock, say)

    # Up and down.

    def up(self, nodes: int = 1, release: str = "trixie", product: Optional[Union[str, Path]] = None, resources: bool = True,
           memory: int = 640, timeout: float = 600, shared: bool = False) -> None:
        """Boots fresh machines and waits until they are a cluster, whatever was left of earlier ones under this name.

        shared: with two empty disks that all of them share, and what locks them. QEMU takes no snapshot of these."""
        if not 1 <= nodes <= 5:
            raise LabError(f"{nodes} machines: 1 to 5")
        if os.geteuid() != 0:
            raise LabError("the kernel lab needs root: it builds trees and mounts")
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            raise LabError(f"not installed on this machine: {', '.join(missing)}; run make deps")
        if product is not None:
            installed.check_tree(Path(product))
        started = time.monotonic()
        image, modules = ensure_image(release, self._say, shared), ensure_modules(release, self._say)
        with self._locked():
            self._remove()
            self._places.root.mkdir(parents=True)
            self._places.fences_log.touch()
            for path in self._places.shared_disks if shared else ():
                with open(path, "wb") as disk:
                    disk.truncate(SHARED_SIZE)
            self._places.description.write_text(json.dumps({
                "name": self.name, "nodes": nodes, "release": release, "memory": memory, "image": str(image.folder)}))
            self._say(f"{self.name}: {nodes} of {release}, kernel {image.kernel}")
            self._lay_out(image, modules, Path(product) if product else None)
            self._start_keeper()
            for name in self._names():
                self._ask({"action": "boot", "node": name})
            self.wait_until("the machines answer", lambda: len(self.running()) == nodes, timeout)
            self._say(f"{self.name}: booted after {time.monotonic() - started:.0f} s")
            self.wait_until("the nodes form a cluster", self._formed, timeout)
            self._say(f"{self.name}: cluster formed after {time.monotonic() - started:.0f} s")
            if resources and self.fenced:
                self._define_workload(release, timeout)
        self._say(f"{self.name}: up after {time.monotonic() - started:.0f} s")

    def down(self) -> None:
        """Ends and removes all of the lab; says nothing about what was not there."""
        with self._locked():
            self._remove()

    def exists(self) -> bool:
        return self._places.description.exists()

    def _remove(self) -> None:
        known = ProcessId.load(self._places.keeper_id)
        if known and known.alive():
            try:
                self._ask({"action": "stop"})
                wait_until(lambda: not known.alive(), timeout=60)
            except LabError:
                pass  # it hangs, or it ends just now
            known.kill()
        for path in self._places.root.glob("node*/qemu.json"):
            machine = ProcessId.load(path)
            if machine and not machine.kill():
                raise LabError(f"{path.parent.name}: its QEMU (pid {machine.pid}) does not end")
        shutil.rmtree(self._places.root, ignore_errors=True)
        if self._places.root.exists():
            raise LabError(f"{self._places.root} cannot be removed")

    def _lay_out(self, image: Image, modules: KernelModules, product: Optional[Path]) -> None:
        count = self.node_count
        furniture = self._places.furniture
        shutil.copytree(modules.folder, furniture / MODULES.lstrip("/"))
        if product is not None and (product / "usr/lib/systemd/system" / installed.RESUME_UNIT).exists():
            wants = furniture / "etc/systemd/system/multi-user.target.wants"
            wants.mkdir(parents=True)
            (wants / installed.RESUME_UNIT).symlink_to(f"/usr/lib/systemd/system/{installed.RESUME_UNIT}")
        hosts = ["127.0.0.1 localhost"] + [f"{address(i)} {node_name(i)}" for i in range(1, count + 1)]
        files = {
            "etc/hosts": "\n".join(hosts) + "\n",
            "etc/corosync/corosync.conf": cluster.corosync_conf(count, TOKEN, TOTEM, SECTIONS),
            CIB: cluster.initial_cib(count, self.fenced, SCHEMAS[self._description()["release"]]),
        }
        for index in range(1, count + 1):
            Machine(self._places, index).create_disk(image, files, [furniture, *([product] if product else [])])

    def _start_keeper(self) -> None:
        with open(self._places.keeper_log, "ab") as log:
            process = subprocess.Popen(
                ["/usr/bin/python3", "-B", "-c", "import sys; from kernlab.keeper import main; sys.exit(main(sys.argv[1]))",
                 self.name], cwd=SOURCE, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def answers() -> bool:
            try:
                return bool(self._ask({"action": "list"}, timeout=5))
            except LabError:
                return process.poll() is not None

        if not wait_until(answers, timeout=30, interval=0.05) or process.poll() is not None:
            raise LabError(f"the keeper did not start, see {self._places.keeper_log}")

    # The machines.

    @property
    def node_count(self) -> int:
        return self._description()["nodes"]

    @property
    def fenced(self) -> bool:
        # One alone has nobody who could fence it.
        return self.node_count > 1

    @property
    def modules(self) -> KernelModules:
        """Those that the machines were given."""
        return KernelModules(Image(Path(self._description()["image"])).kernel, self._places.furniture / MODULES.lstrip("/"))

    def running(self) -> list:
        return [int(m["name"][4:]) for m in self._ask({"action": "machines"})["machines"] if m["boot"]]

    def boot_id(self, index: int) -> Optional[str]:
        """Of the boot in which the machine answers now."""
        return next(m["boot"] for m in self._ask({"action": "machines"})["machines"] if m["name"] == node_name(index))

    def on(self, index: int, command: Union[str, Iterable[str]], *, check: bool = True, timeout: float = 60,
           stdin: Optional[Union[str, bytes]] = None) -> OnResult:
        command = ("bash", "-c", command) if isinstance(command, str) else tuple(str(word) for word in command)
        given = stdin.encode() if isinstance(stdin, str) else stdin or b""
        try:
            result = OnResult(command, *client.run(self._places, self._known(index), list(command), given, timeout))
        except LabError as error:
            raise LabError(f"{node_name(index)}: {' '.join(command)[:300]}: {error}") from None
        return self.checked(index, result, timeout) if check else result

    def put(self, index: int, source: Union[str, Path], target: str) -> None:
        """Copies a file, or a folder's content, into a machine."""
        source = Path(source)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
            tar.add(source, arcname="." if source.is_dir() else Path(target).name)
        into = target if source.is_dir() else str(Path(target).parent)
        self.on(index, ["sh", "-c", 'mkdir -p "$1" && tar -xz -C "$1" --no-same-owner --no-overwrite-dir --keep-directory-symlink', "put", into],
                stdin=packed.getvalue(), timeout=120)

    def crash(self, index: int) -> None:
        """Pulls the power. Nobody is told; it is for the cluster to find out."""
        self._ask({"action": "crash", "node": self._known(index)})

    def reset(self, index: int) -> None:
        """The reset button."""
        self._ask({"action": "reset", "node": self._known(index)})

    def boot(self, index: int, timeout: float = 180) -> None:
        self._ask({"action": "boot", "node": self._known(index)})
        self.wait_until(f"node{index} answers", lambda: index in self.running(), timeout)

    def cut(self, index: int) -> None:
        self._link(index, False)

    def mend(self, index: int) -> None:
        self._link(index, True)

    def snapshot(self, name: str) -> None:
        """Of all machines at one moment."""
        self._ask({"action": "snapshot", "snapshot": name}, timeout=300)

    def restore(self, name: str) -> None:
        """All machines as they were then, whatever became of them."""
        self._ask({"action": "restore", "snapshot": name}, timeout=300)

    def fences(self) -> list:
        return [json.loads(line) for line in self._places.fences_log.read_text().splitlines()]

    def console(self, index: int) -> str:
        """All that the machine's kernel said since the lab is up."""
        return (self._places.machine(index).console).read_text(errors="replace")

    def diagnosis(self, lines: int = 25) -> str:
        """What the machines' kernels said last, and what became of their power, beside what every lab tells."""
        parts = [super().diagnosis(lines)]
        for name in self._names():
            places = self._places.machine(int(name[4:]))
            parts += [f"--- {name}: console", *_tail(places.console, 40), f"--- {name}: QEMU",
                      *_tail(places.qemu_log, 60, lambda line: not re.match(r"[A-Z0-9]{2,5} ?=|FPR|XMM", line))]
        return "\n".join([*parts, "--- keeper", *_tail(self._places.keeper_log, 30)])

    def status(self) -> dict:
        known = ProcessId.load(self._places.keeper_id)
        description = self._description()
        return {
            "name": self.name, "release": description["release"], "kernel": Image(Path(description["image"])).kernel,
            "state": str(self._places.root), "keeper": bool(known and known.alive()),
            "machines": self._ask({"action": "machines"})["machines"] if known and known.alive() else [],
        }

    def product(self, tree: Union[str, Path]) -> None:
        """Puts a tree of `make install DESTDIR=…` on the running machines again."""
        installed.check_tree(Path(tree))
        for index in self.running():
            self.put(index, tree, "/")
            self.on(index, "systemctl daemon-reload; systemd-tmpfiles --create pcmk-kpatch.conf 2>/dev/null; true")

    def _link(self, index: int, up: bool) -> None:
        self._ask({"action": "qmp", "node": self._known(index), "execute": "set_link", "arguments": {"name": "cable", "up": up}})

    def _ask(self, request: dict, timeout: float = 60) -> dict:
        return client.ask(self._places, request, timeout)

    def _description(self) -> dict:
        try:
            return json.loads(self._places.description.read_text())
        except FileNotFoundError:
            raise LabError(f"the kernel lab {self.name!r} is not up: run `kernel-lab up`") from None

    def _names(self) -> list:
        return [node_name(index) for index in range(1, self.node_count + 1)]

    def _known(self, index: int) -> str:
        if not 1 <= index <= self.node_count:
            raise LabError(f"node {index}: the lab has nodes 1 to {self.node_count}")
        return node_name(index)


def _tail(path: Path, lines: int, tells=lambda _line: True) -> list:
    return [line for line in path.read_text(errors="replace").splitlines() if tells(line)][-lines:] if path.exists() else []
