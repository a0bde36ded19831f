"""What is asked before a node is touched, on a real cluster: people's holds, the calendar, what a drain would do, who could fence the node."""

import json
import time


def node(rollout, index: int, field: str):
    return next(n[field] for n in rollout.status()["nodes"] if n["name"] == f"node{index}")


def plan(rollout, index: int = 1, *options: str) -> tuple:
    """Exit code and report."""
    shown = rollout.lab.on(index, ["pcmk-kpatch", "plan", "--json", *options], check=False, timeout=120)
    assert shown.exit_code in (0, 1, 2), shown.stderr
    return shown.exit_code, json.loads(shown.stdout)


def refused(rollout, index: int, gate: str, timeout: float = 120) -> None:
    rollout.lab.wait_until(f"node{index} says {gate}", lambda: gate in (node(rollout, index, "state") or "") or gate in rollout.journal(index)[-3000:], timeout)


def test_plan_says_that_nothing_is_due_and_changes_nothing(rollout):
    # A node says that nothing is due when its agent has looked again.
    rollout.lab.wait_until("nothing is due", lambda: plan(rollout)[0] == 2, 60)
    before = rollout.lab.on(1, ["cibadmin", "--query", "--scope", "configuration"]).stdout
    report = plan(rollout)[1]
    assert report["refused"] == [], report
    assert {n["name"] for n in report["nodes"]} == {"node1", "node2", "node3"}
    assert rollout.lab.on(1, ["cibadmin", "--query", "--scope", "configuration"]).stdout == before


def test_a_node_that_is_held_does_not_hold_up_the_others(rollout):
    lab = rollout.lab
    lab.on(1, ["pcmk-kpatch", "hold", "node2", "--reason", "the auditors are there"])
    try:
        rollout.install_patch()
        lab.wait_until("the others are patched", lambda: rollout.patched(1) and rollout.patched(3) and rollout.token() == "free", 240)
        lab.wait_until("node2 says why it waits", lambda: "schedule.hold" in (node(rollout, 2, "state") or ""))
        assert not rollout.patched(2)
        code, report = plan(rollout, 2, "--node", "node2")
        assert code == 1 and "the auditors are there" in json.dumps(report)
        assert "the auditors are there" in lab.on(3, ["pcmk-kpatch", "status"], check=False).stdout
    finally:
        lab.on(3, ["pcmk-kpatch", "hold", "--clear", "node2"])
    rollout.wait_done()


def test_a_window_that_is_closed_is_waited_for(rollout):
    day = time.strftime("%a", time.gmtime(time.time() + 3 * 86400))
    rollout.change(window=f"{day} 01:00-02:00", timezone="UTC")
    rollout.install_patch()
    refused(rollout, 1, "schedule.window")
    assert rollout.token() == "free"
    code, report = plan(rollout)
    assert code == 1 and "schedule.window" in json.dumps(report["refused"])
    rollout.change(window="", timezone="")
    rollout.wait_done()


def test_a_resource_that_would_run_nowhere_keeps_its_node_from_being_drained(rollout, pinned):
    lab = rollout.lab
    rollout.install_patch()
    lab.wait_until("the others are patched", lambda: rollout.patched(1) and rollout.patched(2), 240)
    refused(rollout, 3, "drain.stranded")
    code, report = plan(rollout, 3, "--node", "node3")
    assert code == 1 and "pinned would run nowhere" in json.dumps(report)
    assert rollout.active()["pinned"][0] == 1 and not rollout.patched(3)
    rollout.change(allow_stranded=pinned)
    rollout.wait_done()
    assert rollout.active()["pinned"][0] == 1
    rollout.change(allow_stranded="")


def test_no_node_is_touched_that_nothing_could_fence(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "stonith", "disable", "fencing"], timeout=90)
    lab.wait_until("it is stopped", lambda: rollout.active()["fencing"][0] == 0)
    try:
        rollout.install_patch()
        lab.wait_until("a run is refused", lambda: any("fencing." in rollout.journal(i)[-3000:] for i in rollout.nodes), 120)
        assert not any(rollout.patched(i) for i in rollout.nodes)
    finally:
        lab.on(1, ["pcs", "stonith", "enable", "fencing"], timeout=90)
    rollout.wait_done()
