"""A rehearsal on a real cluster: a whole rollout without a load, refused where a run would be, and called off in its midst."""

import json
import re

import pytest

from nodelab.errors import LabError
from rollout import Observer

# A drain takes a second here: a resource whose every operation takes eight gives a test the time to do something in it.
SLOW = "ocf:pacemaker:Dummy op_sleep=8 op start timeout=90 op stop timeout=90 op monitor interval=60 timeout=90"
WISH_PATH = "//crm_config/cluster_property_set[@id='pcmk-kpatch']/nvpair[@id='pcmk-kpatch-rehearsal']"


def rehearse(rollout, index: int, *options: str) -> tuple:
    """Exit code and report of a rehearsal that is followed to its end."""
    shown = rollout.lab.on(index, ["pcmk-kpatch", "rehearse", "--json", *options], check=False, timeout=600)
    assert shown.exit_code in (0, 1) and shown.stdout, shown.stderr
    return shown.exit_code, json.loads(shown.stdout)


def begin(rollout, index: int, *options: str) -> None:
    """A rehearsal that is followed by nobody who waits here."""
    rollout.lab.on(index, ["systemd-run", "--quiet", "--collect", "--unit=rehearsal", "pcmk-kpatch", "rehearse", *options])


def wished(rollout) -> bool:
    return rollout.lab.on(1, ["cibadmin", "--query", "--xpath", WISH_PATH], check=False).ok


def wait_in_it(rollout, *phases: str) -> int:
    """The node that is in a rehearsal, in one of these phases."""
    def found():
        for index in rollout.lab.running():
            try:
                run = rollout.status(index)["local_run"]
            except LabError:
                continue
            if run and run["phase"] in phases and "why=rehearsal" in rollout.token():
                return index
        return None
    return rollout.lab.wait_until(f"a node is in phase {' or '.join(phases)} of a rehearsal", found, 120, interval=0.1)


def insertions(rollout) -> int:
    return sum(len(rollout.lab.kernel_calls(i, tool)) for i in rollout.nodes for tool in ("insmod", "kpatch"))


def all_home(rollout) -> None:
    rollout.lab.wait_until("everybody is home and the token free", lambda: rollout.token() == "free" and not rollout.in_standby(), 120)
    rollout.lab.wait_until("the cluster is idle", rollout.lab.idle)


@pytest.fixture(autouse=True)
def called_off(rollout):
    yield
    rollout.lab.on(1, ["pcmk-kpatch", "rehearse", "--cancel"], check=False)
    if rollout.token().startswith("halted"):
        rollout.resume()
    all_home(rollout)


def test_three_nodes_go_through_it_and_nothing_is_loaded(rollout):
    before, loads = rollout.active(), insertions(rollout)
    with Observer(rollout) as seen:
        code, report = rehearse(rollout, 2)
    assert (code, report["outcome"]) == (0, "rehearsed"), report
    assert sorted(n["name"] for n in report["nodes"]) == ["node1", "node2", "node3"]
    for node in report["nodes"]:
        assert node["verdict"] == "rehearsed", node
        assert 0 < node["drain_seconds"] < 120 and 0 < node["home_seconds"] < 120, node
        assert all(move["node"] != node["name"] for move in node["moved"]), node
    # Whatever had a place moved from somewhere: each node was really drained.
    assert any(node["moved"] for node in report["nodes"])
    assert sorted(seen.holders) == ["node1", "node2", "node3"] and not seen.violations, seen.violations
    assert insertions(rollout) == loads
    assert not wished(rollout)
    all_home(rollout)
    assert rollout.active() == before
    # What a node went through is known on every other one.
    shown = rollout.lab.on(3, ["crm_mon", "-1", "-A"]).stdout
    assert len(re.findall(rf"kpatch-rehearsed\s*: {report['id']} rehearsed ", shown)) == 3, shown


def test_one_node_alone_goes_through_it(rollout):
    with Observer(rollout) as seen:
        code, report = rehearse(rollout, 1, "--node", "node3")
    assert code == 0 and [n["name"] for n in report["nodes"]] == ["node3"]
    assert seen.holders == ["node3"]


def test_a_resource_that_cannot_move_refuses_it_and_is_told_where_that_is_allowed(rollout, pinned):
    code, report = rehearse(rollout, 1)
    assert (code, report["outcome"]) == (1, "refused")
    assert any(r["id"] == "drain.stranded" and "pinned would run nowhere" in r["why"] for r in report["refused"]), report
    assert not wished(rollout) and rollout.active()["pinned"][0] == 1

    rollout.change(allow_stranded=pinned)
    try:
        code, report = rehearse(rollout, 1, "--node", "node3")
        assert code == 0, report
        assert "pinned" in report["nodes"][0]["stopped"] and "pinned" in report["nodes"][0]["back"]
    finally:
        rollout.change(allow_stranded="")


def test_a_resource_that_does_not_come_back_halts_the_rollout(rollout):
    lab = rollout.lab
    lab.on(1, f"pcs resource create fickle {SLOW} && pcs constraint location fickle prefers node3=100", timeout=120)
    lab.wait_until("it runs", lambda: rollout.active()["fickle"][0] == 1)
    rollout.change(confirm_timeout="15s")
    try:
        begin(rollout, 1, "--node", "node3")
        assert wait_in_it(rollout, "standby", "drain", "verify") == 3
        # From now on no node is good enough for it.
        lab.on(1, ["pcs", "constraint", "location", "fickle", "avoids", "node1", "node2", "node3"], timeout=120)
        assert "not settled" in rollout.wait_token("halted").replace("%20", " ")
        lab.wait_until("the one who followed it took the wish away", lambda: not wished(rollout), 60)
        assert "notsettled" in lab.on(1, ["crm_mon", "-1", "-A"]).stdout
    finally:
        lab.on(1, ["pcs", "resource", "delete", "fickle", "--force"], check=False, timeout=120)
        rollout.change(confirm_timeout="")


@pytest.fixture
def sluggish(rollout):
    """A clone that takes its time on every node."""
    lab = rollout.lab
    lab.on(1, f"pcs resource create sluggish {SLOW} clone", timeout=120)
    lab.wait_until("it runs", lambda: rollout.active()["sluggish"][0] == 3)
    lab.wait_until("the cluster is idle", lab.idle)
    yield
    lab.on(1, ["pcs", "resource", "delete", "sluggish", "--force"], check=False, timeout=120)


def test_called_off_in_its_midst_it_ends_at_home(rollout, sluggish):
    lab = rollout.lab
    with Observer(rollout) as seen:
        begin(rollout, 1)
        index = wait_in_it(rollout, "standby", "drain")
        said = lab.on(index % 3 + 1, ["pcmk-kpatch", "rehearse", "--cancel"]).stdout
        assert f"node{index} is in it still" in said
        lab.wait_until("it is home", lambda: rollout.token() == "free" and not rollout.in_standby(), 120)
    assert seen.holders == [f"node{index}"] and not seen.violations, seen.violations
    assert not wished(rollout)
    lab.wait_until("it tells how it ended", lambda: "cancelled" in lab.on(1, ["crm_mon", "-1", "-A"]).stdout, 60)
    lab.wait_until("who followed it has ended", lambda: not lab.on(1, ["systemctl", "is-active", "rehearsal"], check=False).ok, 60)


def test_a_worker_that_is_killed_in_it_goes_on_and_a_patch_that_comes_meanwhile_is_loaded_after_it(rollout, sluggish):
    lab = rollout.lab
    begin(rollout, 1)
    index = wait_in_it(rollout, "standby", "drain", "verify")
    rollout.install_patch()
    lab.on(index, ["systemctl", "kill", "--signal=KILL", "pcmk-kpatch-run.service"])
    lab.wait_until("a node is patched", lambda: any(rollout.patched(i) for i in rollout.nodes), 300)
    # In that moment everybody has been through the rehearsal.
    shown = lab.on(1, ["crm_mon", "-1", "-A"]).stdout
    assert len(re.findall(r"kpatch-rehearsed\s*: \S+ rehearsed ", shown)) == 3, shown
    rollout.wait_done()


def test_a_hold_holds_for_it_too(rollout):
    lab = rollout.lab
    lab.on(1, ["pcmk-kpatch", "hold", "node2", "--reason", "audit"])
    try:
        code, report = rehearse(rollout, 1)
        assert code == 1 and any(r["id"] == "schedule.hold" for r in report["refused"]), report
        assert rehearse(rollout, 1, "--node", "node1")[0] == 0
    finally:
        lab.on(1, ["pcmk-kpatch", "hold", "--clear", "node2"])
