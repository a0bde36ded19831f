"""The agent by crmsh, in the words of docs/define.md: defined, changed, a rollout, taken away again."""

import re
from pathlib import Path

import pytest

from conftest import PARAMETERS

DEFINE = Path(__file__).resolve().parents[2] / "docs/define.md"


def documented():
    """The commands of the section about crmsh, in order."""
    section = re.search(r"^## With crmsh$(.*?)(?=^## )", DEFINE.read_text(), re.M | re.S)
    commands = re.sub(r"\n    > ", "\n", section[1])
    return [re.sub(r" {2,}# .*", "", command) for command in re.findall(r"^    # (.*(?:\n(?! {4}# |\n).+)*)", commands, re.M)]


@pytest.fixture
def undefined(rollout):
    """The cluster without the agent; afterwards it has it again, as pcs defines it."""
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "delete", "kpatch", "--force"], timeout=180)
    lab.wait_until("the cluster is idle", lab.idle)
    yield rollout
    if "ocf:pcmk:kpatch" in lab.on(1, ["crm", "configure", "show"]).stdout:
        lab.on(1, "crm resource stop kpatch-clone; crm --force configure delete kpatch-clone kpatch", check=False, timeout=180)
    rollout.define(**PARAMETERS)
    rollout.heal()


def test_the_agent_by_crmsh_from_its_definition_to_its_end(undefined):
    rollout, lab, nodes = undefined, undefined.lab, undefined.nodes
    commands, used = documented(), set()

    def crm(start):
        (command,) = (c for c in commands if c.startswith(f"crm {start}"))
        used.add(command)
        return lab.on(1, command, timeout=180).stdout

    def param(**parameters):
        """What is for the lab alone."""
        for name, value in parameters.items():
            lab.on(1, ["crm", "resource", "param", "kpatch", "set", name, value], timeout=90)
        lab.wait_until("the agents are started again", lambda: lab.idle() and rollout.agents(busy=True) == len(nodes), 120)

    assert re.search(r"^drain \(", crm("ra info"), re.M)
    crm("configure load update")
    lab.wait_until("the agent is started everywhere", lambda: rollout.agents() == len(nodes), 120)
    crm("resource param kpatch set soak 30s")
    lab.wait_until("the agents are started again", lambda: lab.idle() and rollout.agents(busy=True) == len(nodes), 120)
    assert crm("resource param kpatch show soak").strip() == "30s"
    assert "soak=30s" in lab.on(1, ["crm", "configure", "show", "kpatch"]).stdout
    param(fence_quiet="0", **PARAMETERS)

    rollout.install_patch()
    rollout.wait_done()
    assert [rollout.insertions(index) for index in nodes] == [1] * len(nodes)
    assert "kpatch-clone" in crm("status")

    crm("resource stop")
    rollout.wait_stopped()
    rollout.install_patch()
    crm("resource start")
    rollout.wait_done()

    crm("node standby")
    lab.wait_until("node3 is in standby", lambda: rollout.in_standby() == ["node3"])
    crm("node online")
    lab.wait_until("node3 is home", lambda: not rollout.in_standby())
    crm("resource cleanup")

    lab.wait_until("the cluster is idle", lab.idle)
    crm("--force configure delete")
    lab.wait_until("nothing of it is configured", lambda: "ocf:pcmk:kpatch" not in lab.on(1, ["crm", "configure", "show"]).stdout)
    lab.wait_until("no node publishes anything", lambda: not any(
        a.get("name") == "kpatch-state" for a in lab.crm_mon().iterfind("node_attributes/node/attribute")), 60)
    assert used == set(commands), "every command that is documented was typed"
