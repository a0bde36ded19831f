"""A cluster of emulated machines with the product on it, as the kernel scenarios drive it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Optional

from kernlab import KernLab
from kernlab.inside import Inside
from rollout import Rollout

LAST_RUN = "/var/lib/pcmk-kpatch/last.json"


def workload(parameters: dict, monitor: str) -> str:
    """Two primitives that move, a clone that stops, and the agent, with the interval of its monitor."""
    def operations(name: str, monitor: str) -> str:
        return "<operations>" + "".join(
            f'<op id="{name}-{what}" name="{what}" interval="{interval}" timeout="90s"/>'
            for what, interval in (("start", "0s"), ("stop", "0s"), ("monitor", monitor))) + "</operations>"

    def dummy(name: str) -> str:
        return f'<primitive id="{name}" class="ocf" provider="pacemaker" type="Dummy">{operations(name, "60s")}</primitive>'

    values = "".join(f'<nvpair id="kpatch-{name}" name="{name}" value="{value}"/>' for name, value in parameters.items())
    interleaved = '<meta_attributes id="{0}-meta"><nvpair id="{0}-interleave" name="interleave" value="true"/></meta_attributes>'
    return (f'<resources>{dummy("db")}{dummy("mail")}'
            f'<clone id="logger-clone">{dummy("logger")}{interleaved.format("logger")}</clone>'
            f'<clone id="kpatch-clone"><primitive id="kpatch" class="ocf" provider="pcmk" type="kpatch">'
            f'<instance_attributes id="kpatch-parameters">{values}</instance_attributes>{operations("kpatch", monitor)}</primitive>'
            f'{interleaved.format("kpatch")}</clone></resources>')


class KernelRollout(Rollout):
    """Like Rollout, with real patches."""

    def __init__(self, lab: KernLab):
        super().__init__(lab)
        self.inside = {index: Inside(lab, index) for index in self.nodes}

    def define_at_once(self, monitor: str = "5s", **parameters: str) -> None:
        """The same as define(), and a workload, in one write: machines that are emulated are slow with pcs. A node alone has nobody to fence it, or to
        move to."""
        alone = {"gates": "fencing.disabled=off,survivable.quorum=off", "allow_stranded": "*"} if len(self.nodes) == 1 else {}
        cib = workload({"fence_quiet": "0", **alone, **parameters}, monitor)
        self.lab.on(1, ["cibadmin", "--modify", "--allow-create", "--scope", "resources", "--xml-pipe"], stdin=cib, timeout=120)
        self.settle()

    def settle(self) -> None:
        """The agent runs everywhere, and nothing is under way."""
        self.lab.wait_until("the agent is started everywhere", lambda: self.agents() == len(self.nodes), 240)
        self.lab.wait_until("the workers have looked", lambda: not any(self.working(i) for i in self.nodes), 120)
        self.lab.wait_until("the cluster is idle", self.lab.idle, 120)

    def change(self, **parameters: str) -> None:
        """As `pcs resource update` does, which takes several times as long in there; an empty one is the default again."""
        for name, value in parameters.items():
            what = ["--set-parameter", name, "--parameter-value", value] if value else ["--delete-parameter", name]
            self.lab.on(1, ["crm_resource", "--resource", "kpatch", *what], timeout=240)

    def install(self, what: str, nodes: Optional[list] = None) -> None:
        """The patch that a node is to have, and no other."""
        name = self.inside[1].modules.name(what)
        self.module = SimpleNamespace(name=name, file_name=self.inside[1].modules.file(what).name)
        for index in nodes or self.nodes:
            self.inside[index].install(what)

    def working(self, index: int) -> bool:
        return self.lab.on(index, ["systemctl", "is-active", "--quiet", "pcmk-kpatch-run.service"], check=False).ok

    def last_run(self, index: int) -> Optional[dict]:
        """The last run that ended on that node."""
        read = self.lab.on(index, ["cat", LAST_RUN], check=False)
        return json.loads(read.stdout) if read.ok else None

    def wait_ended(self, index: int, timeout: float = 240) -> dict:
        """How the first run on a node ended. A worker may be there again: it waits where the rollout is halted."""
        return self.lab.wait_until(f"the run on node{index} ended", lambda: self.last_run(index), timeout)
