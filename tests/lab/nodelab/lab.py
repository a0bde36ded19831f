"""A lab as the command line and the tests use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterable, Optional, Union

from . import cluster, furniture, keeper
from . import product as installed
from .command import run
from .driven import Driven, OnResult
from .errors import LabError
from .kernel import TROUBLES, KernelSettings, check_settings
from .module import Module, make_module
from .network import Network
from .node import ENVIRONMENT, Node
from .places import SOURCE, LabPlaces
from .process import ProcessId, wait_until
from .rootfs import ensure_base, ensure_remote, releases_of


class Lab(Driven):
    def __init__(self, name: str = "lab", say: Callable[[str], None] = print):
        self._places = LabPlaces(name)
        super().__init__(name, self._places.lock, say)
        self._network = Network(name)

    # Up and down.

    def up(self, nodes: int = 3, product: Optional[Union[str, Path]] = None, resources: bool = True,
           release: str = "bookworm", token_ms: int = 3000, timeout: float = 240, remotes: int = 0) -> None:
        """Boots a fresh cluster, whatever was left of an earlier one under this name: of that many members, and remote nodes behind them."""
        if nodes < 1 or remotes < 0 or nodes + remotes > 16:
            raise LabError(f"{nodes} nodes and {remotes} remote ones: 1 to 16 in all")
        if os.geteuid() != 0:
            raise LabError("the lab needs root: it mounts, and makes network namespaces")
        if product is not None:
            installed.check_tree(Path(product))
        started = time.monotonic()
        releases = releases_of(release, nodes, remotes)
        bases = [ensure_base(one, self._say) for one in releases[:nodes]] + [ensure_remote(one, self._say) for one in releases[nodes:]]
        with self._locked():
            self._remove()
            self._places.shared.mkdir(parents=True)
            self._places.description.write_text(json.dumps(
                {"name": self.name, "nodes": nodes, "remotes": remotes, "releases": releases, "bases": [str(base) for base in bases]}))
            self._places.fences_log.touch()
            self._say(f"{self.name}: {nodes} nodes of {release}" + (f", and {remotes} remote" if remotes else ""))
            furniture.lay_out(self._places, nodes, remotes, token_ms)
            self._network.create(nodes + remotes)
            for node, base in zip(self._nodes(), bases):
                node.create_disk(base)
                if node.index <= nodes:
                    self._seed_cib(node, cluster.initial_cib(nodes, remotes=remotes))
                self.kpatch(node.index, True)
                if product is not None:
                    installed.install(node, Path(product))
            self._start_keeper()
            for node in self._nodes():
                keeper.ask(self._places, {"action": "boot", "node": node.name})
            self._say(f"{self.name}: booting")
            self.wait_until("the nodes form a cluster", self._formed, timeout)
            self._say(f"{self.name}: cluster formed after {time.monotonic() - started:.0f} s")
            if resources:
                self._define_workload(releases[0], timeout)
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
                keeper.ask(self._places, {"action": "stop"})
                wait_until(lambda: not known.alive(), timeout=60)
            except LabError:
                pass  # it hangs, or it ends just now
            known.kill()
        count = self.machine_count if self.exists() else 0
        for index in range(1, max(count, self._leftover_nodes()) + 1):
            node = Node(self._places, index)
            node.kill()
            node.remove_group()
            node.remove_disk()
        self._network.remove()
        shutil.rmtree(self._places.root, ignore_errors=True)
        if self._places.root.exists():
            raise LabError(f"{self._places.root} cannot be removed")

    def _leftover_nodes(self) -> int:
        """An `up` that was killed may not have come to writing its description."""
        found = [path.name[4:] for path in self._places.root.glob("node*")]
        return max([int(number) for number in found if number.isdigit()], default=0)

    def _start_keeper(self) -> None:
        with open(self._places.keeper_log, "ab") as log:
            process = subprocess.Popen(
                ["/usr/bin/python3", "-B", "-c", "import sys; from nodelab.keeper import main; sys.exit(main(sys.argv[1]))",
                 self.name], cwd=SOURCE, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def answers() -> bool:
            try:
                return bool(keeper.ask(self._places, {"action": "list"}, timeout=5))
            except LabError:
                return process.poll() is not None

        if not wait_until(answers, timeout=30, interval=0.05) or process.poll() is not None:
            raise LabError(f"the keeper did not start, see {self._places.keeper_log}")

    def _seed_cib(self, node: Node, cib: str) -> None:
        folder = node.disk / "var/lib/pacemaker/cib"
        owner = (node.disk / "var/lib/pacemaker/cib").stat()
        path = folder / "cib.xml"
        path.write_text(cib)
        os.chown(path, owner.st_uid, owner.st_gid)
        os.chmod(path, 0o600)

    # Nodes.

    @property
    def node_count(self) -> int:
        return self._description()["nodes"]

    @property
    def remote_count(self) -> int:
        return self._description().get("remotes", 0)

    def running(self) -> list:
        """The indices of the nodes that have power and answer."""
        return [node.index for node in self._nodes() if node.entered()]

    def on(self, index: int, command: Union[str, Iterable[str]], *, check: bool = True, timeout: float = 60,
           stdin: Optional[str] = None) -> OnResult:
        """Runs a command in a node; a string is run by bash. With check, a bad exit code is an error."""
        command = ("bash", "-c", command) if isinstance(command, str) else tuple(str(word) for word in command)
        node = self._node(index)
        argv = node.enter_command(self._with_deadline(command, timeout))
        ran = run(argv, timeout=timeout + 30, check=False, **({} if stdin is None else {"stdin": stdin}))
        result = OnResult(command, ran.exit_code, ran.stdout, ran.stderr)
        return self.checked(index, result, timeout) if check else result

    def pass_through(self, index: int, command: Iterable[str], timeout: float) -> int:
        """Like on(), with this process's own standard input, output and errors."""
        argv = self._node(index).enter_command(self._with_deadline(tuple(command), timeout, sys.stdin.isatty()))
        try:
            return subprocess.run(argv, timeout=timeout + 30).returncode
        except subprocess.TimeoutExpired:
            return 124

    def shell(self, index: int) -> int:
        terminal = os.environ.get("TERM", "dumb")
        environment = [f"{k}={v}" for k, v in {**ENVIRONMENT, "TERM": terminal}.items()]
        return subprocess.run(self._node(index).enter_command(["env", "-i", *environment, "bash", "-l"])).returncode

    @staticmethod
    def _with_deadline(command: tuple, timeout: float, terminal: bool = False) -> list:
        # The deadline is kept inside: ending nsenter from outside would leave its command behind in the node.
        environment = [f"{k}={v}" for k, v in ENVIRONMENT.items()]
        # A command in a process group of its own could not read from a terminal.
        foreground = ["--foreground"] if terminal else []
        return ["env", "-i", *environment, "timeout", *foreground, "--kill-after=5", f"{timeout:g}", *command]

    def crash(self, index: int) -> None:
        """Pulls the power. Nobody is told; it is for the cluster to find out."""
        keeper.ask(self._places, {"action": "crash", "node": self._node(index).name})

    def boot(self, index: int, timeout: float = 90) -> None:
        """Boots a node that is off, with its disk and without its memory, and waits until commands can be run in it."""
        node = self._node(index)
        keeper.ask(self._places, {"action": "boot", "node": node.name})
        if not wait_until(node.entered, timeout):
            raise LabError(f"{node.name} did not come up within {timeout:g} s, see its console.log")

    def cut(self, index: int) -> None:
        self._network.cut(self._node(index).index)

    def mend(self, index: int) -> None:
        self._network.mend(self._node(index).index)

    def fences(self) -> list:
        """What the fence device was asked to do, oldest first."""
        return [json.loads(line) for line in self._places.fences_log.read_text().splitlines()]

    def disk(self, index: int) -> Path:
        """The node's file system as seen from outside, whether it runs or not. Its tmpfs mounts do not show."""
        return self._node(index).disk

    def view(self, index: int) -> Path:
        """The file system of a running node as its own programs see it, with all that is mounted in there."""
        leader = self._node(index).leader()
        if not leader:
            raise LabError(f"node{index} is not running")
        return Path(f"/proc/{leader}/root")

    # The product and the simulated kernel.

    def product(self, tree: Union[str, Path]) -> None:
        installed.check_tree(Path(tree))
        for node in self._nodes():
            installed.install(node, Path(tree))
            if node.entered():
                self.on(node.index, "systemctl daemon-reload; systemd-tmpfiles --create pcmk-kpatch.conf 2>/dev/null; true")

    def module(self, file_name: str, nodes: Optional[Iterable[int]] = None, where: str = "usr", **how) -> Module:
        """Makes a stand-in module and puts it on the nodes (all of them unless told). `how` goes to make_module()."""
        if how.get("behaviour"):
            pairs = [entry.partition("=") for entry in how["behaviour"].split(";")]
            check_settings({name: value for name, _, value in pairs})
        made = make_module(file_name, **how)
        for index in nodes if nodes is not None else range(1, self.machine_count + 1):
            self.put_module(index, made, where)
        return made

    def put_module(self, index: int, module: Module, where: str = "usr") -> None:
        """Puts a module that was made before on one more node."""
        folder = {"usr": "usr/lib/kpatch", "var": "var/lib/kpatch"}.get(where)
        target = self.disk(index) / (f"{folder}/{os.uname().release}" if folder else where.strip("/"))
        target.mkdir(parents=True, exist_ok=True)
        (target / module.file_name).write_bytes(module.content)

    def install_library(self, index: int, file_name: str, source: str) -> None:
        """Compiles a small C library, to stand in front of the C library in a node."""
        with tempfile.TemporaryDirectory(prefix="lab-library-") as folder:
            run(["gcc", "-shared", "-fPIC", "-O2", "-x", "c", "-", "-o", f"{folder}/{file_name}", "-ldl"], stdin=source)
            (self.disk(index) / "usr/lib" / file_name).write_bytes((Path(folder) / file_name).read_bytes())

    def kernel(self, index: int, **settings: str) -> dict:
        """Changes settings of a node's simulated kernel (a dot in a name is written as __), and returns those in force."""
        kernel = KernelSettings(self.disk(index))
        kernel.change({name.replace("__", "."): str(value) for name, value in settings.items()})
        return kernel.effective()

    def kernel_reset(self, index: int) -> None:
        KernelSettings(self.disk(index)).reset()

    def kernel_calls(self, index: int, tool: Optional[str] = None) -> list:
        """What the node's stand-ins logged: calls of insmod, rmmod, kpatch; events of the kernel."""
        return [call for call in KernelSettings(self.disk(index)).calls() if tool in (None, call["tool"])]

    def trouble(self, index: int, kind: str) -> None:
        """Makes a node's simulated kernel warn, oops, report a hung task, or panic, now."""
        if kind not in TROUBLES:
            raise LabError(f"trouble {kind!r}: one of {', '.join(TROUBLES)}")
        self.on(index, ["/usr/lib/lab-kernel/trouble", kind], check=kind != "panic")

    def kpatch(self, index: int, there: bool) -> None:
        """Installs or removes the kpatch utility's stand-in. It is installed after `up`."""
        disk = self.disk(index)
        stand_ins = disk / "usr/lib/lab-kernel"
        for name in ("usr/sbin/kpatch", "usr/lib/systemd/system/kpatch.service"):
            if there:
                shutil.copy(stand_ins / Path(name).name, disk / name)
            else:
                (disk / name).unlink(missing_ok=True)
        if not there:
            # kpatch install enables it.
            (disk / "etc/systemd/system/multi-user.target.wants/kpatch.service").unlink(missing_ok=True)
        if self._node(index).entered():
            self.on(index, ["systemctl", "daemon-reload"])

    def status(self) -> dict:
        return {
            "name": self.name,
            "releases": self._description()["releases"],
            "state": str(self._places.root),
            "keeper": bool((known := ProcessId.load(self._places.keeper_id)) and known.alive()),
            "nodes": [{"name": node.name, "power": "on" if node.nspawn() else "off", "leader": node.leader(),
                       "link": "cut" if self._network.is_cut(node.index) else "up"} for node in self._nodes()],
        }

    # Housekeeping.

    def _description(self) -> dict:
        try:
            return json.loads(self._places.description.read_text())
        except FileNotFoundError:
            raise LabError(f"the lab {self.name!r} is not up: run `lab up`") from None

    def _nodes(self) -> list:
        return [Node(self._places, index) for index in range(1, self.machine_count + 1)]

    def _node(self, index: int) -> Node:
        count = self.machine_count
        if not 1 <= index <= count:
            raise LabError(f"node {index}: the lab has nodes 1 to {count}")
        return Node(self._places, index)
