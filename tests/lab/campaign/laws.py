"""The design's laws, watched from outside of the product: the CIB as every node has it, the stand-ins' logs, the fence device's log.

Laws 1, 2 and 5 are looked at all the time; 3, 4, 6, 7 and 9 when the run has ended, from what was logged meanwhile."""

from __future__ import annotations

import difflib
import re
import sys
import time
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from dataclasses import dataclass

from nodelab.errors import LabError
from rollout import Observer

# What the cluster itself keeps in its configuration.
CLUSTERS_OWN = ("have-watchdog", "dc-version", "cluster-infrastructure", "cluster-name", "last-lrm-refresh")

# A node's own copy of the CIB is a moment behind another's: only what is still so after these looks is so.
LOOKS_TO_BE_SURE = 5


@dataclass(frozen=True)
class Sight:
    """One node's CIB in one moment."""

    time: float
    index: int
    token: str
    holder: str
    ours: tuple
    quorate: bool
    epoch: tuple
    settings: str


def read_cib(index: int, text: str) -> Sight:
    root = ElementTree.fromstring(text)
    token = root.find(".//nvpair[@id='pcmk-kpatch-token']")
    words = token.get("value") if token is not None else "absent"
    held = re.match(r"(?:held|parked) node=(\S+)", words)
    # While the cluster starts a state may have an id only.
    names = {node.get("id"): node.get("uname") for node in root.findall("configuration/nodes/node")}
    ours = tuple(state.get("uname") or names.get(state.get("id"), "?") for state in root.findall("status/node_state")
                 if any(p.get("name") == "standby" and p.get("value") == "y" for p in state.findall("transient_attributes//nvpair")))
    epoch = tuple(int(root.get(name, "0")) for name in ("admin_epoch", "epoch"))
    return Sight(time.time(), index, words, held.group(1) if held else "", ours, root.get("have-quorum") == "1", epoch, _settings(root))


def _settings(root) -> str:
    """All that administrators configure, an element a line; the token is ours, and a few properties are the cluster's."""
    configuration = root.find("configuration")
    for properties in list(configuration.find("crm_config")):
        if properties.get("id") == "pcmk-kpatch":
            configuration.find("crm_config").remove(properties)
        for pair in [p for p in properties if p.get("name") in CLUSTERS_OWN]:
            properties.remove(pair)
    # In which order nodes stand there depends on who joined first.
    nodes = configuration.find("nodes")
    nodes[:] = sorted(nodes, key=lambda n: n.get("uname", ""))
    for element in configuration.iter():
        element.text = element.tail = None
    return sys.intern(ElementTree.tostring(configuration, encoding="unicode").replace("><", ">\n<"))


class Laws(Observer):
    """Watches while a scenario goes on."""

    def __init__(self, rollout, orphan_seconds: float):
        super().__init__(rollout, interval=0.2)
        self._lab = rollout.lab
        self._orphan_seconds = orphan_seconds
        self._orphans: dict = {}
        self._administrators = 0
        self._settings: set = set()
        self._newest = (0, 0)
        self.sights: list = []

    def broken(self, law: int, what: str) -> None:
        said = f"law {law}: {what}"
        if said not in self.violations:
            self.violations.append(said)

    @contextmanager
    def administrator(self):
        """What the configuration becomes meanwhile, an administrator made of it."""
        self._administrators += 1
        try:
            yield
        finally:
            self._learn_settings()
            self._administrators -= 1

    def begin(self) -> None:
        self._learn_settings()

    def _learn_settings(self) -> None:
        seen = self._all_sights()
        self._settings.update(sight.settings for sight in seen)
        # Also where it is an older one that they brought back.
        self._newest = max((sight.epoch for sight in seen), default=self._newest)

    def _see(self, index: int) -> Sight:
        answer = self._lab.on(index, ["cibadmin", "--query"], check=False, timeout=10)
        if not answer.ok:
            raise LabError(f"node{index}: no CIB")
        try:
            return read_cib(index, answer.stdout)
        except (ElementTree.ParseError, AttributeError):
            raise LabError(f"node{index}: its CIB is not whole") from None

    def _all_sights(self) -> list:
        seen = []
        for index in self._lab.running():
            try:
                seen.append(self._see(index))
            except LabError:
                continue  # it is going down, or its cluster stack is not up yet
        return seen

    def _look(self) -> None:
        administrators = self._administrators
        seen = self._all_sights()
        self.sights += seen
        self.polls += len(seen)
        for sight in seen:
            if sight.holder and (not self.holders or self.holders[-1] != sight.holder):
                self.holders.append(sight.holder)
            self._look_at_orphans(sight)
            if len(sight.ours) > 1:
                self.broken(1, f"{' and '.join(sight.ours)} are drained by us at once")
        if administrators or self._administrators:
            self._settings.update(sight.settings for sight in seen)
        self._look_at_settings(seen)
        self._look_at_holders(seen)

    # Law 1. A node that was cut off keeps what its CIB said; without quorum that is nobody's claim.

    @staticmethod
    def _claims(seen: list) -> set:
        return {sight.holder for sight in seen if sight.quorate and sight.holder == f"node{sight.index}"}

    def _look_at_holders(self, seen: list) -> None:
        looks = 0
        while len(claims := self._claims(seen)) > 1:
            looks += 1
            if looks > LOOKS_TO_BE_SURE:
                self.broken(1, f"{' and '.join(sorted(claims))} hold the token at once")
                return
            time.sleep(0.3)
            seen = self._all_sights()

    # Law 2, within one document, so that token and standby are of the same moment.

    def _look_at_orphans(self, sight: Sight) -> None:
        for node in {name for index, name in self._orphans if index == sight.index} - set(sight.ours):
            del self._orphans[sight.index, node]
        for node in sight.ours:
            if node == sight.holder:
                self._orphans.pop((sight.index, node), None)
                continue
            since = self._orphans.setdefault((sight.index, node), sight.time)
            if sight.time - since >= self._orphan_seconds:
                self.broken(2, f"{node} is in our standby while the token says: {sight.token.split(' boot=')[0]}")

    def judge_remembered(self) -> None:
        """The attribute daemon may remember what the CIB has lost: it would come back with the daemon's next write of everything."""
        for index in self._lab.running()[:1]:
            told = self._lab.on(index, ["attrd_updater", "--query", "--all", "--name", "standby"], check=False).stdout
            for node in re.findall(r'host="([^"]*)" value="y"', told):
                self.broken(2, f"the attribute daemon remembers our standby of {node} after the run")

    # Law 5.

    def _look_at_settings(self, seen: list) -> None:
        looks = 0
        # An administrator's change may reach a node's copy a moment after the command has ended. And a node that starts shows what was on its disk,
        # which may be older than what the cluster had when it was stopped: who changes a configuration makes a newer one.
        self._newest = max([self._newest, *(sight.epoch for sight in seen)])
        while other := [sight.settings for sight in seen if sight.settings not in self._settings and sight.epoch >= self._newest]:
            looks += 1
            if self._administrators:
                return
            if looks > LOOKS_TO_BE_SURE:
                self.broken(5, f"the configuration is not what administrators made it:\n{self._difference(other[0])}")
                return
            time.sleep(0.3)
            seen = self._all_sights()

    def _difference(self, settings: str) -> str:
        """In what it differs from the most alike of those that administrators made."""
        others = (difflib.unified_diff(made.splitlines(), settings.splitlines(), "made", "found", lineterm="", n=0) for made in self._settings)
        return min(("\n".join(other) for other in others), key=len, default=settings)[:2000]

    # What was logged.

    def judge_loads(self, index: int, calls: list) -> None:
        """Law 3: nothing active, and the token in this node's hand, when its kernel was given the patch."""
        node = f"node{index}"
        for call in calls:
            if call.get("active"):
                self.broken(3, f"{node} was given a patch while active there: {', '.join(call['active'])}")
            near = [sight for sight in self.sights if abs(sight.time - call["time"]) < 2]
            # On a busy machine looks are far apart, and the only near one may be of before the take: the next ones on both sides count as well.
            around = [*[sight for sight in self.sights if sight.time <= call["time"]][-1:], *[sight for sight in self.sights if sight.time > call["time"]][:1]]
            if near and not any(sight.holder == node for sight in near + around):
                self.broken(3, f"{node} was given a patch while the token said: {near[-1].token.split(' boot=')[0]}")

    def judge_fences(self, targets: list, own: list) -> list:
        """Law 4: nobody is fenced but whom the scenario itself has fenced. Returns the others."""
        allowed, others = list(own), []
        for target in targets:
            if target in allowed:
                allowed.remove(target)
            else:
                others.append(target)
        if others:
            self.broken(4, f"fenced: {', '.join(others)}")
        return others

    def judge_stops(self, own: bool) -> None:
        """Law 4: the agent's stop never fails, where the scenario did not kill it."""
        for index in [] if own else self._lab.running()[:1]:
            cib = ElementTree.fromstring(self._lab.on(index, ["cibadmin", "--query", "--scope", "status"]).stdout)
            for operation in cib.iter("lrm_rsc_op"):
                failed = operation.get("rc-code") != operation.get("transition-key", "").split(":")[2] and operation.get("op-status") != "-1"
                if operation.get("operation") == "stop" and operation.get("id", "").startswith("kpatch") and failed and operation.get("rc-code") != "0":
                    self.broken(4, f"the agent's stop failed on {operation.get('on_node')}: {operation.get('exit-reason')}")
