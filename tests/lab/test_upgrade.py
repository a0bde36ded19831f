"""The product is upgraded through the cluster, node by node, by dpkg and with its real packages: this release and one after it, from the folder in
PCMK_KPATCH_RELEASES (tests/two-releases makes them). No standby is left, no token lost, and the rollout ends."""

import os
import shutil
from pathlib import Path

import pytest

from conftest import PARAMETERS, brought_up
from rollout import Observer, Rollout

PROGRAM = "/usr/libexec/pcmk-kpatch/pcmk-kpatch"


@pytest.fixture(scope="module")
def lab():
    yield from brought_up(None)


@pytest.fixture(scope="module")
def rollout(lab):
    rollout = Rollout(lab)
    for index in rollout.nodes:
        install(lab, index, "this")
    rollout.define(**PARAMETERS)
    rollout.install_patch()
    rollout.wait_done()
    return rollout


@pytest.fixture(autouse=True)
def on_this_release(rollout):
    """Each begins with this release on every node, which for all but the first is a downgrade."""
    for index in rollout.nodes:
        install(rollout.lab, index, "this")
    yield
    rollout.heal()


def install(lab, index, which):
    """As an administrator does it; the node goes on with its work."""
    shutil.copy(Path(os.environ["PCMK_KPATCH_RELEASES"]) / f"{which}.deb", lab.disk(index) / "root/pcmk-kpatch.deb")
    lab.on(index, ["dpkg", "--install", "/root/pcmk-kpatch.deb"], timeout=120)


def version(lab, index):
    return lab.on(index, ["pcmk-kpatch", "--version"]).stdout.strip()


def products(rollout):
    """What each node publishes of its version."""
    attributes = rollout.lab.crm_mon().iterfind("node_attributes/node")
    return {node.get("name"): a.get("value") for node in attributes for a in node if a.get("name") == "kpatch-product"}


def worker(lab, index):
    """The process of the worker, and the program that it runs."""
    pid = lab.on(index, ["systemctl", "show", "--property", "MainPID", "--value", "pcmk-kpatch-run"]).stdout.strip()
    return pid, lab.on(index, f"readlink /proc/{pid}/exe", check=False).stdout.strip()


def run_id(rollout, index):
    return rollout.status(index)["local_run"]["id"]


def test_node_by_node_while_a_rollout_goes_on(rollout):
    lab = rollout.lab
    before, fences, old = rollout.active(), len(lab.fences()), version(lab, 1)
    lab.on(1, ["pcmk-kpatch", "hold", "--reason", "upgrade"])
    rollout.install_patch()
    lab.wait_until("every node says that it is held", lambda: all(
        "schedule.hold" in (node["state"] or "") for node in rollout.status()["nodes"]), 120)
    with Observer(rollout) as observer:
        install(lab, 1, "next")
        assert version(lab, 1) != old
        # Laid by this release, read by both, taken away by the next one.
        for index in rollout.nodes:
            assert "upgrade" in lab.on(index, ["pcmk-kpatch", "hold", "--list"]).stdout
        lab.on(1, ["pcmk-kpatch", "hold", "--clear"])
        rollout.wait_token("held")
        for index in (2, 3):
            install(lab, index, "next")
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"], "each node had the token once"
    assert [rollout.insertions(index) for index in rollout.nodes] == [1, 1, 1]
    lab.wait_until("everything is active as before", lambda: rollout.active() == before)
    assert len(lab.fences()) == fences
    lab.wait_until("every node says that it has the next release", lambda: set(products(rollout).values()) == {version(lab, 1)}, 60)
    assert len(products(rollout)) == 3


def test_while_another_node_is_in_its_run(rollout):
    lab = rollout.lab
    lab.kernel(3, load="slow:15")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[3])
        rollout.wait_phase(3, "load")
        for index in (1, 2):
            install(lab, index, "next")
            status = rollout.status(index)
            assert (status["token"]["state"], status["token"]["node"]) == ("held", "node3")
        assert rollout.status(3)["local_run"]["phase"] == "load", "it is still at it"
        lab.wait_until("the run ended", lambda: rollout.patched(3) and rollout.token() == "free" and not rollout.in_standby(), 180)
    assert observer.violations == [] and rollout.insertions(3) == 1


def test_the_node_that_is_in_its_run_goes_on_with_the_program_that_it_began_with(rollout):
    lab = rollout.lab
    lab.kernel(2, load="slow:15")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[2])
        rollout.wait_phase(2, "load")
        began = worker(lab, 2)
        assert began[1] == PROGRAM
        install(lab, 2, "next")
        assert worker(lab, 2) == (began[0], f"{PROGRAM} (deleted)")
        # The new program reads what the old one writes.
        assert rollout.status(2)["local_run"]["phase"] == "load"
        assert rollout.monitor_result(2) in (0, 7)
        lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free" and not rollout.in_standby(), 180)
    assert observer.violations == [] and rollout.insertions(2) == 1


@pytest.mark.parametrize("old, new", [("this", "next"), ("next", "this")])
def test_a_journal_of_the_other_release_is_taken_up(rollout, old, new):
    lab = rollout.lab
    install(lab, 2, old)
    lab.kernel(2, transition="20", kpatch__wait="40")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[2])
        rollout.wait_phase(2, "load")
        lab.wait_until("the patch transition is under way",
                       lambda: lab.on(2, f"cat /sys/kernel/livepatch/{rollout.module.name}/transition", check=False).stdout.strip() == "1", 60, 0.1)
        began, run = worker(lab, 2), run_id(rollout, 2)
        install(lab, 2, new)
        lab.on(2, ["kill", "-KILL", began[0]])
        lab.wait_until("the other program goes on", lambda: worker(lab, 2)[0] not in (began[0], "0") and worker(lab, 2)[1] == PROGRAM, 60)
        assert run_id(rollout, 2) == run
        lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free" and not rollout.in_standby(), 180)
    assert observer.violations == [] and rollout.insertions(2) == 1
    lab.wait_until("it is the last run", lambda: run in lab.on(2, ["cat", "/var/lib/pcmk-kpatch/last.json"]).stdout, 60)


def test_a_node_that_loses_its_power_in_the_load_comes_back_with_the_next_release(rollout):
    lab = rollout.lab
    lab.kernel(2, load="slow:20")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[2])
        rollout.wait_phase(2, "load")
        lab.wait_until("the load is under way", lambda: rollout.insertions(2) == 1, interval=0.1)
        install(lab, 2, "next")
        lab.on(2, "sync")
        lab.crash(2)
        lab.wait_until("it was fenced, and is back", lambda: lab.online(2), 240)
        assert "node=node2" in rollout.wait_token("halted", 240)
    assert observer.violations == []
    # Mark and journal are the old release's.
    assert rollout.module.name in lab.on(2, ["pcmk-kpatch", "quarantine"]).stdout
    assert rollout.in_standby() == [] and not rollout.patched(2)
