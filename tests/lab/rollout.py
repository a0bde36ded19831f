"""A cluster with the product on it, as the scenarios drive it: one rollout after another, each with a newer patch."""

from __future__ import annotations

import json
import re
import threading
import time

from nodelab import Lab
from nodelab.errors import LabError

TOKEN_PATH = "//crm_config/cluster_property_set[@id='pcmk-kpatch']/nvpair[@id='pcmk-kpatch-token']"


class Rollout:
    """The product on a lab's cluster."""

    def __init__(self, lab: Lab):
        self.lab = lab
        self.nodes = list(range(1, lab.node_count + 1))
        self._serial = 0
        self._everywhere = False
        self.module = None

    # What the administrator does.

    def define(self, **parameters: str) -> None:
        """Defines the agent as the README says, with a short monitor interval so that a scenario need not wait for one. Nodes are fenced here all
        the time: nobody waits for quiet after it."""
        options = [f"{name}={value}" for name, value in {"fence_quiet": "0", **parameters}.items()]
        self.lab.on(1, ["pcs", "resource", "create", "kpatch", "ocf:pcmk:kpatch", *options,
                        "op", "monitor", "interval=5s", "timeout=60s", "clone", "interleave=true"], timeout=120)
        self.lab.wait_until("the agent is started everywhere", lambda: self.agents() == self.lab.machine_count)

    def change(self, **parameters: str) -> None:
        """Changes parameters of the agent, for which the cluster stops and starts it; an empty one is the default again."""
        self.lab.on(1, ["pcs", "resource", "update", "kpatch", *(f"{name}={value}" for name, value in parameters.items())], timeout=120)
        self.lab.wait_until("the agent is started everywhere again", lambda: self.lab.idle() and self.agents(busy=True) == self.lab.machine_count, 120)

    def install_patch(self, nodes=None, **how):
        """Puts a patch on the nodes that is newer than every one before it."""
        self._everywhere = nodes is None and not how
        self.module = self.lab.module(f"kpatch-5_14_0-362_8_1-1-{self.next_number()}.ko", nodes=nodes, **how)
        return self.module

    def next_number(self) -> int:
        """The release number of a patch that is newer than every one before it."""
        self._serial += 1
        return self._serial

    def take_back(self, index: int, good) -> None:
        """Removes the newest patch from the one node that has it; the one before it is the newest again."""
        self.lab.on(index, f"rm -f /usr/lib/kpatch/*/{self.module.file_name}")
        self.module, self._everywhere = good, True

    def resume(self) -> str:
        return self.lab.on(1, ["pcmk-kpatch", "resume"]).stdout

    # What is to be seen.

    def status(self, index: int = 1) -> dict:
        result = self.lab.on(index, ["pcmk-kpatch", "status", "--json"], check=False)
        if result.exit_code not in (0, 2):
            raise LabError(f"node{index}: status: exit code {result.exit_code}: {result.stderr}")
        return json.loads(result.stdout)

    def token(self) -> str:
        """The token's text, read past the product."""
        for index in self.lab.running():
            result = self.lab.on(index, ["cibadmin", "--query", "--xpath", TOKEN_PATH], check=False, timeout=30)
            if result.ok:
                return re.search(r'value="([^"]*)"', result.stdout).group(1)
        raise LabError("no node tells the token")

    def agents(self, busy: bool = False) -> int:
        """On how many nodes the agent is started. A monitor that answers 190 stays "pending" for crm_mon: busy ones count where asked."""
        return sum(r.get("id", "").startswith("kpatch") and r.get("role") == "Started" and (busy or r.get("pending") is None)
                   for r in self.lab.crm_mon().iter("resource"))

    def patched(self, index: int) -> bool:
        """The newest patch is in force, as the node's kernel has it."""
        folder = f"/sys/kernel/livepatch/{self.module.name}"
        return self.lab.on(index, f"cat {folder}/enabled {folder}/transition", check=False).stdout.split() == ["1", "0"]

    def in_standby(self) -> list:
        return [n.get("name") for n in self.lab.crm_mon().findall("nodes/node") if n.get("standby") == "true"]

    def active(self) -> dict:
        """How often each resource is active in the cluster, and how often promoted."""
        levels: dict = {}
        for resource in self.lab.crm_mon().iter("resource"):
            level = levels.setdefault(resource.get("id").split(":")[0], [0, 0])
            level[0] += resource.get("active") == "true"
            level[1] += resource.get("role") in ("Promoted", "Master")
        return levels

    def insertions(self, index: int) -> int:
        """How often the newest patch was given to the node's kernel."""
        return sum(self.module.file_name in " ".join(call.get("argv", [])) for call in self.lab.kernel_calls(index, "insmod"))

    def monitor_result(self, index: int) -> int:
        """What the agent's monitor answers there, as Pacemaker would call it."""
        return self.lab.on(index, "OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=kpatch PCMK_service=pacemaker-execd "
                                  "/usr/lib/ocf/resource.d/pcmk/kpatch monitor", check=False).exit_code

    def journal(self, index: int) -> str:
        return self.lab.on(index, ["journalctl", "-b", "--no-pager", "-o", "cat", "-u", "pcmk-kpatch*"]).stdout

    # Waiting.

    def wait_token(self, start: str, timeout: float = 180) -> str:
        return self.lab.wait_until(f"the token says {start}", lambda: (t := self.token()).startswith(start) and t, timeout)

    def wait_phase(self, index: int, *phases: str, timeout: float = 120) -> str:
        def phase():
            run = self.status(index)["local_run"]
            return run and run["phase"] in phases and run["phase"]
        return self.lab.wait_until(f"node{index} is in phase {' or '.join(phases)}", phase, timeout, interval=0.1)

    def wait_done(self, timeout: float = 240) -> None:
        """Every node patched, everybody home, the token free."""
        self.lab.wait_until(
            "every node is patched and the token free",
            lambda: all(self.patched(i) for i in self.nodes) and self.token() == "free" and not self.in_standby(), timeout)
        self.lab.wait_until("the cluster is idle", self.lab.idle)

    def wait_stopped(self, timeout: float = 120) -> None:
        """The agent is stopped everywhere, also where a run was on its way, and nothing is to come."""
        self.lab.wait_until("the agent is stopped everywhere", lambda: self.agents(busy=True) == 0 and self.lab.idle(), timeout)

    def heal(self) -> None:
        """Back to a whole, patched, idle cluster, whatever a scenario left: the next one begins there."""
        for index in self.nodes:
            self.lab.kernel_reset(index)
        self.lab.wait_until("all nodes are online", lambda: all(self.lab.online(i) for i in self.nodes), 240)
        for index in self.nodes:
            self.lab.on(index, ["pcmk-kpatch", "quarantine", "--clear"])
        if self.token().startswith("halted"):
            self.resume()
        if not self._everywhere:
            self.install_patch()
        self.wait_done()


class Observer:
    """Polls the cluster past the product while a scenario goes on, and keeps what breaks a law."""

    def __init__(self, rollout: Rollout, interval: float = 0.1):
        self._rollout = rollout
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.polls = 0
        self.holders: list = []
        self.violations: list = []

    def __enter__(self) -> "Observer":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join(timeout=60)

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self._look()
            except (LabError, AttributeError):
                continue  # nobody answers just now

    def _look(self) -> None:
        # One document holds the token and every mark of the same moment.
        index = self._rollout.lab.running()[0]
        cib = self._rollout.lab.on(index, ["cibadmin", "--query"], timeout=20).stdout
        token = re.search(r'id="pcmk-kpatch-token"[^>]*value="([^"]*)"', cib).group(1)
        ours = re.findall(r'<node_state [^>]*uname="([^"]*)"(?:(?!</node_state>).)*(?:name="standby" value="y"|name="#health-pcmk-kpatch")', cib, re.S)
        self.polls += 1
        holder = re.match(r"(?:held|parked) node=(\S+)", token)
        if holder and (not self.holders or self.holders[-1] != holder.group(1)):
            self.holders.append(holder.group(1))
        for node in ours:
            if not holder or holder.group(1) != node:
                self.violations.append(f"{time.strftime('%T')} {node} has our mark while the token says: {token}")
