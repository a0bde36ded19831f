"""What rollouts did, told on every node: also on one that had no run in it, and of one that has no power any more."""

import itertools
import json

import pytest


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.lab.on(1, ["pcs", "property", "set", "stonith-action=reboot"], check=False, timeout=120)
    for index in rollout.nodes:
        if index not in rollout.lab.running():
            rollout.lab.boot(index)
    for name in ("node2", "node3"):
        rollout.lab.on(1, ["pcmk-kpatch", "hold", "--clear", name], check=False)
    rollout.heal()


def told(rollout, index: int, *options: str) -> dict:
    shown = rollout.lab.on(index, ["pcmk-kpatch", "report", "--json", *options], check=False)
    return json.loads(shown.stdout) if shown.exit_code == 0 else {"rollouts": [], "said": shown.stderr}


def words(rollout, index: int) -> dict:
    """How the last rollout ended on which node, as that one knows it; None where a node had no run in it."""
    rollouts = told(rollout, index)["rollouts"]
    return {node["name"]: node["word"] for node in rollouts[0]["nodes"]} if rollouts else {}


def test_every_node_tells_the_whole_of_a_good_and_of_a_failed_rollout(rollout):
    lab = rollout.lab
    rollout.install_patch()
    rollout.wait_done()
    good, everybody = rollout.module.name, {"node1": "patched", "node2": "patched", "node3": "patched"}
    for index in rollout.nodes:
        lab.wait_until(f"node{index} knows of all", lambda: words(rollout, index) == everybody, 60)
        rolled = told(rollout, index)["rollouts"][0]
        assert (rolled["outcome"], [p["name"] for p in rolled["patches"]], rolled["started_by"]) == ("patched", [good], ["the agent"]), rolled
        assert {run["node"]: run["is_whole"] for run in rolled["runs"]} == {f"node{i}": i == index for i in rollout.nodes}, rolled
        for run in rolled["runs"]:
            names = [phase["name"] for phase in run["phases"]]
            assert names[0] == "gate" and names[-1] == "release" and {"standby", "drain", "load", "verify", "unstandby", "confirm"} <= set(names), run
            assert abs(sum(phase["seconds"] for phase in run["phases"]) - run["seconds"]) < 1 and 0 < run["away_seconds"] <= run["seconds"], run
        assert any(run["moved"] or run["stopped"] for run in rolled["runs"]), rolled
        shown = " ".join(lab.on(index, ["pcmk-kpatch", "report"]).stdout.split())
        # In the order in which they began.
        assert any(f"{good}: patched on {', '.join(order)} " in shown for order in itertools.permutations(everybody)), shown
        last = rollout.status(index)["last_rollout"]
        assert (last["outcome"], last["nodes"]) == ("patched", everybody), last

    # In the next one the first node goes first, the second fails, and loses its power; the third never comes to its turn.
    for name in ("node2", "node3"):
        lab.on(1, ["pcmk-kpatch", "hold", name])
    lab.on(1, ["pcs", "property", "set", "stonith-action=off"], timeout=120)
    lab.kernel(2, load="EINVAL")
    lab.kpatch(2, False)
    try:
        rollout.install_patch()
        lab.wait_until("node1 is patched", lambda: rollout.patched(1) and rollout.token() == "free", 120)
        lab.on(1, ["pcmk-kpatch", "hold", "--clear", "node2"])
        assert "node=node2" in rollout.wait_token("halted")
        failed = {"node1": "patched", "node2": "loadrefused", "node3": None}
        lab.wait_until("node2 told the others", lambda: words(rollout, 3) == failed, 60)
        lab.crash(2)
        lab.wait_until("node2 is down", lambda: rollout.status(1)["nodes"][1]["online"] is False, 120)
    finally:
        lab.kpatch(2, True)
    for index in (1, 3):
        report = told(rollout, index)
        assert words(rollout, index) == failed, report
        (run,) = (run for run in report["rollouts"][0]["runs"] if run["node"] == "node2")
        assert run["verdict"] == "loadrefused" and "Invalid" in run["why"], run
        assert any("halted" in note for note in report["notes"]), report["notes"]
        page = lab.on(index, ["pcmk-kpatch", "report", "--html", "-"]).stdout
        assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n") and "loadrefused on node2" in page
        lab.on(index, ["pcmk-kpatch", "report", "--html", "/root/report.html"])
        assert lab.on(index, ["stat", "-c", "%a %U", "/root/report.html"]).stdout.split() == ["600", "root"]
    everything = told(rollout, 3, "--since", "1d")["rollouts"]
    assert [rolled["outcome"] for rolled in everything[-2:]] == ["patched", "failed"], everything

    # Where its cluster is down a node still tells what it did itself.
    lab.on(3, ["pcs", "cluster", "stop", "--force"], timeout=120)
    try:
        own = told(rollout, 3, "--since", "1d")
        assert own["cluster_asked"] is False and any("only this node's own runs" in note for note in own["notes"]), own
        assert {run["node"] for rolled in own["rollouts"] for run in rolled["runs"]} == {"node3"}, own
    finally:
        lab.on(3, ["pcs", "cluster", "start"], timeout=120)
