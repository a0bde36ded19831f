"""What the README and the runbooks tell to type, as it is written there, on a cluster of its own: nobody was fenced there yet, and in the end one of its
nodes does not come back."""

import os
import re
from pathlib import Path

import pytest

from conftest import brought_up
from nodelab import Lab
from rollout import Rollout

README = Path(__file__).resolve().parent.parent.parent / "README.md"


@pytest.fixture(scope="module")
def rollout():
    for lab in brought_up(os.environ["PCMK_KPATCH_PRODUCT"], "gone"):
        yield Rollout(lab)


def with_pcsd(lab: Lab, *nodes: int) -> None:
    """The nodes know each other through pcs, as on a cluster that was made with it. The lab has no use for pcsd else."""
    for index in nodes:
        lab.on(index, "echo hacluster:lab | chpasswd && systemctl unmask pcsd pcsd-ruby && systemctl start pcsd", timeout=120)
    command = ["pcs", "host", "auth", *(f"node{index}" for index in nodes), "-u", "hacluster", "-p", "lab"]
    lab.wait_until("pcs knows the nodes", lambda: lab.on(nodes[0], command, check=False, timeout=60).ok, 120)


def node3(lab: Lab) -> dict:
    return next((node.attrib for node in lab.crm_mon().findall("nodes/node") if node.get("name") == "node3"), {})


def test_it_is_defined_as_the_readme_says_and_a_patch_goes_through_when_its_window_opens(rollout):
    lab = rollout.lab
    define = re.search(r"^    # (pcs resource create kpatch .*)$", README.read_text(), re.M).group(1)
    lab.on(1, define, timeout=120)
    lab.wait_until("the agent is started everywhere", lambda: rollout.agents() == 3)
    # Two days from now: never while this goes on.
    far = lab.on(1, "LC_ALL=C date -u -d '2 days' +%a").stdout.strip()
    rollout.change(window=f"{far} 01:00-02:00", timezone="UTC", soak="1s")
    rollout.install_patch()
    lab.wait_until("every node waits for the window", lambda: all("(schedule.window)" in (node["state"] or "") for node in rollout.status()["nodes"]), 120)
    assert rollout.token() == "free" and all(rollout.insertions(index) == 0 for index in rollout.nodes)

    # Nothing else is typed from here on.
    rollout.change(window="daily 00:00-24:00")
    rollout.wait_done(400)
    assert all(rollout.insertions(index) == 1 for index in rollout.nodes) and lab.fences() == []


def test_the_holder_is_gone_for_good_and_cannot_be_fenced(rollout):
    lab = rollout.lab
    # One run after the other here, and no patch is long enough in force to be judged by the crash that follows.
    rollout.change(window="", timezone="", soak="0", retry_delay="1s", probation="0", fence_quiet="0")
    lab.kernel(3, transition=600, kpatch__wait=610)
    rollout.install_patch(nodes=[3])
    rollout.wait_phase(3, "load")
    rollout.install_patch(nodes=[1, 2])
    # Its fencing fails, as where the management board lost its power together with the node.
    lab.on(1, ["pcs", "stonith", "disable", "fencing"], timeout=120)
    lab.crash(3)
    lab.wait_until("node3 is unclean", lambda: node3(lab).get("unclean") == "true", 120)

    status = rollout.status()
    assert "node3 went away in its run, and is not fenced yet" in status["summary"]
    assert "pcs stonith confirm node3" in status["what_to_do"]
    refused = lab.on(1, ["pcmk-kpatch", "release"], check=False)
    assert refused.exit_code == 1 and "unclean" in refused.stderr

    lab.on(1, ["pcs", "stonith", "confirm", "node3", "--force"], timeout=120)
    lab.wait_until("node3 is offline and clean", lambda: node3(lab).get("unclean") == "false" and node3(lab).get("online") == "false", 120)
    assert rollout.token().startswith("held node=node3"), "a node that is down is no reason to take its token"

    lab.on(1, ["pcmk-kpatch", "release"])
    assert rollout.token().startswith("halted node=node3")
    lab.on(1, ["pcs", "stonith", "enable", "fencing"], timeout=120)
    with_pcsd(lab, 1, 2)
    lab.on(1, ["pcs", "cluster", "node", "remove", "node3", "--skip-offline", "--force"], timeout=300)
    lab.wait_until("node3 is no longer a node", lambda: not node3(lab) and lab.idle(), 120)
    assert "node3" not in [node["name"] for node in rollout.status()["nodes"]]
    # A cluster of two now, where either may go on alone: the votes were counted anew.
    rollout.resume()
    lab.wait_until("the others are patched", lambda: rollout.patched(1) and rollout.patched(2) and rollout.token() == "free", 240)
