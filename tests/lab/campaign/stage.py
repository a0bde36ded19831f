"""Plays one scenario on a cluster: prepares it, begins a run, does what the file says, and judges what became of it."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass, field

from nodelab.errors import LabError
from rollout import Rollout

from . import conditions, faults, inside
from .laws import Laws
from .scenario import Scenario

# What the agent is defined with; a scenario's policy comes on top.
POLICY = {"retry_delay": "1s", "soak": "1s", "probation": "0s"}

# So long an end must be seen that was not expected.
PATIENCE_WITH_AN_END = 15


@dataclass
class Outcome:
    """What became of a scenario, as the figures keep it."""

    name: str
    title: str
    about: str
    end: str = ""
    why: str = ""
    struck: list = field(default_factory=list)
    violations: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    fences: list = field(default_factory=list)
    fences_by_us: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    looks: int = 0
    seconds: float = 0

    @property
    def passed(self) -> bool:
        return not (self.violations or self.wrong or self.lost)


class Stage:
    def __init__(self, rollout: Rollout, scenario: Scenario):
        self.rollout = rollout
        self.lab = rollout.lab
        self.scenario = scenario
        self.roles: dict = {}
        self.laws = Laws(rollout, scenario.expect.orphan_seconds)
        self.kept_cib = ""
        self.offered: set = set()
        self._undo: dict = {}
        self._held: set = set()
        self._fences_before = 0
        self._began = 0.0
        self.outcome = Outcome(scenario.name, scenario.title, scenario.about)

    # What the steps use.

    def nodes_of(self, role: str) -> list:
        return self.rollout.nodes if role == "all" else [self.roles[role]]

    def hold(self, node: int, phase: str) -> None:
        self.let_go()
        self._held.add(node)
        self.outcome.struck.append(faults.inside(self, node, "hold", phase, "150", timeout=180).stdout.strip())

    def let_go(self) -> None:
        """Every worker that is held goes on."""
        for node in sorted(self._held):
            self._held.discard(node)
            try:
                faults.inside(self, node, "kill", "worker", "18")
            except LabError:
                pass  # the fault was its end

    def undo(self, name: str, how) -> None:
        self._undo[name] = how

    def undone(self, name: str) -> None:
        how = self._undo.pop(name, None)
        if how:
            how()

    def fences(self) -> list:
        return [fence["target"] for fence in self.lab.fences()[self._fences_before:]]

    def said(self, node: int) -> str:
        return self.lab.on(node, ["journalctl", "--no-pager", "-o", "cat", "-u", "pcmk-kpatch*", "--since", f"@{self._began:.0f}"]).stdout

    def install_product(self) -> None:
        self.lab.product(os.environ["PCMK_KPATCH_PRODUCT"])

    def offer(self, node: int) -> None:
        self.offered.add(node)
        self.lab.put_module(node, self.rollout.module)

    # The end.

    def phases(self) -> dict:
        """The phase of every node's journal."""
        return {node: inside.phase(str(self.lab.view(node))) for node in self.lab.running()}

    def patched(self, node: int) -> bool:
        return self._in_force(self.lab.view(node) / "sys/kernel/livepatch" / self.rollout.module.name)

    @staticmethod
    def _in_force(folder) -> bool:
        try:
            return ((folder / "enabled").read_text().strip(), (folder / "transition").read_text().strip()) == ("1", "0")
        except OSError:
            return False

    def seen_end(self) -> str:
        """How the run has ended; empty while it goes on."""
        phases = self.phases()
        token = self.rollout.token()
        if any(phase not in ("none", "acquire", "parked") for phase in phases.values()) or len(phases) < len(self.rollout.nodes):
            return ""
        if token.startswith("parked"):
            return "parked" if "parked" in phases.values() else ""
        if self._ours() or "parked" in phases.values():
            return ""
        if token.startswith("halted"):
            return "halted"
        if token != "free":
            return ""
        return "patched" if all(self.patched(node) for node in self.offered) else "unpatched"

    def _ours(self) -> bool:
        return any(sight.ours for sight in self.laws._all_sights())

    # The play.

    def play(self) -> Outcome:
        began = time.monotonic()
        try:
            self._prepare()
            before = self.rollout.active()
            # The agent comes and goes with what a scenario does to it.
            before.pop("kpatch", None)
            with self.laws:
                self._begin()
                self._steps(self.scenario.fault)
                self._steps(self.scenario.heal)
                self._await_end()
                self._judge(before)
                self._steps(self.scenario.after)
        except LabError as error:
            self.outcome.wrong.append(str(error)[:6000])
        finally:
            self._tidy()
            self.outcome.violations = self.laws.violations
            self.outcome.looks = self.laws.polls
            self.outcome.seconds = round(time.monotonic() - began, 1)
        return self.outcome

    def _prepare(self) -> None:
        scenario, lab = self.scenario, self.lab
        lab.wait_until("the cluster is at rest", lambda: self._at_rest(), 120)
        dc = int(lab.crm_mon().find("summary/current_dc").get("name")[4:])
        others = [node for node in self.rollout.nodes if node != dc]
        running = dc if scenario.patch == "dc" else others[-1]
        self.roles = {"running": running, "dc": dc}
        self.roles["bystander"] = self._bystander()
        if scenario.policy:
            self.rollout.change(**scenario.policy)
        for node in self.rollout.nodes:
            lab.on(node, "systemctl stop pcmk-kpatch-run pcmk-kpatch-resume 2>/dev/null; rm -f /run/pcmk-kpatch/progress")
            if not scenario.kpatch:
                lab.kpatch(node, False)
            if scenario.kernel:
                lab.kernel(node, **scenario.kernel)
        self._fences_before = len(lab.fences())
        self._began = time.time()
        self.laws.begin()
        self._steps(scenario.prepare)

    def _bystander(self) -> int:
        """A node that does not run, and not the DC where there is a third one."""
        others = [node for node in self.rollout.nodes if node != self.roles["running"]]
        return ([node for node in others if node != self.roles["dc"]] or others)[0]

    def _at_rest(self) -> bool:
        return set(self.phases().values()) <= {"none", "acquire"} and self.rollout.token() == "free" and self.lab.idle()

    def _begin(self) -> None:
        self.offered = set(self.rollout.nodes) if self.scenario.patch == "all" else {self.roles["running"]}
        self.rollout.install_patch(nodes=sorted(self.offered))
        if self.scenario.patch == "all":
            # Whoever is first.
            token = self.rollout.wait_token("held", 120)
            self.roles["running"] = int(token.split("node=node")[1].split()[0])
            self.roles["bystander"] = self._bystander()

    def _steps(self, steps: tuple) -> None:
        for step in steps:
            node = self.nodes_of(step.node)[0]
            if step.when:
                self.let_go()
            for name, wanted in step.when.items():
                conditions.VOCABULARY[name](self, node, wanted)
            faults.carry_out(self, step)
        self.let_go()

    def _await_end(self) -> None:
        """Law 6: the run ends. Which end it is must not change any more while the cluster comes to rest."""
        expect = self.scenario.expect
        try:
            self.outcome.end = self.lab.wait_until(f"the run ends: {' or '.join(expect.end)}", self._end_that_stays, self.scenario.timeout)
            self.lab.wait_until("the cluster is idle", self.lab.idle, 120)
        except LabError as error:
            self.laws.broken(6, f"the run did not end: {str(error)[:5000]}")
            return
        if self.outcome.end not in expect.end:
            self.outcome.wrong.append(f"the run ended {self.outcome.end}, not {' or '.join(expect.end)}: {self.rollout.token()}")

    def _end_that_stays(self) -> str:
        """Any end but the expected one counts only where it stays: before a run begins, and between two tries, all looks unpatched."""
        seen = self.seen_end()
        if seen in self.scenario.expect.end and seen != "unpatched":
            return seen
        until = time.monotonic() + PATIENCE_WITH_AN_END
        while seen and time.monotonic() < until:
            time.sleep(1)
            if self.seen_end() != seen:
                return ""
        return seen

    def _judge(self, before: dict) -> None:
        expect, rollout, lab = self.scenario.expect, self.rollout, self.lab
        names = {role: f"node{node}" for role, node in self.roles.items()}
        self.outcome.why = rollout.token()
        if expect.why and expect.why not in self.outcome.why:
            self.outcome.wrong.append(f"the token does not say {expect.why!r}: {self.outcome.why}")
        if sorted(rollout.in_standby()) != sorted({names[role] for role in expect.standby} | self._parked()):
            self.outcome.wrong.append(f"in standby: {rollout.in_standby()}")
        for node in rollout.nodes:
            calls = [call for call in lab.kernel_calls(node, "insmod") if rollout.module.file_name in " ".join(call["argv"])]
            self.laws.judge_loads(node, calls)
            self._judge_truth(node, calls)
        self.outcome.fences = self.fences()
        self.outcome.fences_by_us = self.laws.judge_fences(self.fences(), [names[role] for role in expect.fences])
        if self.outcome.end != "parked":
            self.laws.judge_remembered()
        self.laws.judge_stops(own=any(step.options.get("action") == "stop" for step in self.scenario.fault))
        self._judge_resources(before)

    def _parked(self) -> set:
        return set(self.rollout.in_standby()) if self.outcome.end == "parked" else set()

    def _judge_truth(self, node: int, calls: list) -> None:
        """Laws 6, 7 and 9 on one node: a person is told, a patch on trial is not tried again, the report is the kernel's."""
        # A node that was down may be back without its cluster as yet.
        status = self.lab.wait_until(f"node{node} tells its status", lambda: self.rollout.status(node), 120)
        if self.outcome.end in ("halted", "parked") and not status["what_to_do"]:
            self.laws.broken(6, f"nobody is told on node{node}: {status['summary']}")
        quarantined = self.rollout.module.name in status["quarantined"]
        if node == self.roles["running"] and self.scenario.expect.quarantined and not quarantined:
            self.laws.broken(7, f"node{node} went down with the patch on trial, and has not quarantined it")
        if quarantined and len({call["boot_id"] for call in calls}) > 1:
            self.laws.broken(7, f"node{node} was given the patch again after it went down with it")
        shown = next(n["patch"] for n in status["nodes"] if n["name"] == f"node{node}")
        said = set() if shown in (None, "none") else set(shown.split())
        kernel = {path.name for path in (self.lab.view(node) / "sys/kernel/livepatch").glob("*") if self._in_force(path)}
        if said != kernel:
            self.laws.broken(9, f"node{node} reports {shown}; its kernel has {' '.join(sorted(kernel)) or 'none'}")

    def _judge_resources(self, before: dict) -> None:
        """What was active is active again, but for what the scenario itself takes away, and for a parked node's share."""
        def lost() -> list:
            after = self.rollout.active()
            missing = [name for name, (active, _) in before.items()
                       if after.get(name, [0, 0])[0] < active and name.removesuffix("-clone") not in self._failed_with_the_controller()]
            return [] if self.outcome.end == "parked" and set(missing) <= {"logger", "logger-clone", "store", "store-clone"} \
                else [name for name in missing if name not in self.scenario.expect.lost]
        try:
            self.lab.wait_until("everything is active as before", lambda: not lost(), 120)
        except LabError:
            self.outcome.lost = lost()

    def _failed_with_the_controller(self) -> set:
        """Resources whose operation had been handed to a controller that ended before it could answer: when its time is over,
        Pacemaker takes a start for failed and does not try it again. That is the fault's own doing, with a rollout or without."""
        return {failure.get("op_key").rsplit("_", 2)[0] for failure in self.lab.crm_mon().iterfind("failures/failure")
                if re.search(r"Controller on \S+ did not return result in time", failure.get("exitreason", ""))} \
            if self.scenario.kills_pacemaker else set()

    # Back to a whole cluster, whatever was left.

    def _tidy(self) -> None:
        for name in list(self._undo):
            try:
                self.undone(name)
            except LabError as error:
                self.outcome.wrong.append(f"{name}: {str(error)[:500]}")
        self.let_go()
        try:
            self._settle()
        except LabError as error:
            self.outcome.wrong.append(f"the cluster did not come to rest afterwards: {str(error)[:6000]}")

    def _settle(self) -> None:
        lab, rollout = self.lab, self.rollout
        for node in rollout.nodes:
            lab.kernel_reset(node)
            if node not in lab.running():
                lab.wait_until(f"node{node} has power again", lambda: self._power(node), 60)
        lab.wait_until("all nodes are online", lambda: all(lab.online(node) for node in rollout.nodes), 240)
        for node in rollout.nodes:
            lab.kpatch(node, True)
            lab.on(node, ["pcmk-kpatch", "quarantine", "--clear"])
            if self.phases()[node] == "parked":
                lab.on(node, ["pcmk-kpatch", "abort"], timeout=120)
        if self.scenario.policy:
            rollout.change(**{**{name: "" for name in self.scenario.policy}, **POLICY})
        lab.on(lab.running()[0], ["pcs", "resource", "cleanup"], check=False, timeout=90)
        # A failed end is tried again, with a kernel that behaves; a run that goes on may still come to one.
        lab.wait_until("every node has its patch and is home",
                       lambda: self._resumed() and self.seen_end() == "patched" and not rollout.in_standby(), self.scenario.timeout)
        lab.wait_until("the cluster is idle", lab.idle)

    def _power(self, node: int) -> bool:
        if node in self.lab.running():
            return True
        try:
            self.lab.boot(node)
        except LabError:
            pass  # a fence was faster
        return node in self.lab.running()

    def _resumed(self) -> bool:
        if self.rollout.token().startswith("halted"):
            self.rollout.resume()
        return not self.rollout.token().startswith("halted")


def as_text(outcome: Outcome) -> str:
    return json.dumps({**outcome.__dict__, "passed": outcome.passed}, indent=1)
