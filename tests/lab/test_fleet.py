"""What keeps the nodes of a rollout together, on a real cluster: the pause between two, failures that are tolerated, how long they may differ, and
the administrator's own word."""

import re

import pytest

from rollout import Observer


@pytest.fixture
def policy(rollout):
    """Sets parameters; afterwards they are as before, and every node patched."""
    changed = {}

    def change(**parameters):
        changed.update({name: "1s" if name == "retry_delay" else "" for name in parameters})
        rollout.change(**parameters)
    yield change
    rollout.change(**changed)
    rollout.heal()


def node(rollout, index: int) -> dict:
    return next(n for n in rollout.status()["nodes"] if n["name"] == f"node{index}")


def persisted(rollout, index: int) -> bool:
    return rollout.lab.on(index, f"test -e /var/lib/kpatch/*/{rollout.module.file_name}", check=False).ok


def test_a_patched_node_is_seen_at_home_before_the_next_one_begins(rollout, policy):
    lab = rollout.lab
    policy(pause="1h")
    before = rollout.active()
    with Observer(rollout) as observer:
        rollout.install_patch()
        first = int(rollout.wait_token("held").split("node=node")[1][0])
        rollout.wait_phase(first, "pause")
        lab.wait_until("its resources are back", lambda: rollout.active() == before)
        assert rollout.in_standby() == [] and rollout.patched(first)
        assert rollout.token().startswith(f"held node=node{first} ")
        assert not persisted(rollout, first), "it is loaded at boot only when it was seen with its workload"
        lab.wait_until("the others say for whom they wait", lambda: all(
            f"waiting for node{first}, which has the token" in (node(rollout, i)["state"] or "") for i in rollout.nodes if i != first), 60)
        assert observer.holders == [f"node{first}"]
        # What is changed counts at once: nobody waits out an hour.
        policy(pause="1s")
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"]
    assert all(persisted(rollout, i) for i in rollout.nodes)


@pytest.fixture
def refusing(rollout):
    """node2's kernel takes no patch; the kernel alone is asked, there is no kpatch utility."""
    for index in rollout.nodes:
        rollout.lab.kpatch(index, False)
    rollout.lab.kernel(2, load="EINVAL")
    yield 2
    rollout.lab.kernel_reset(2)
    for index in rollout.nodes:
        rollout.lab.kpatch(index, True)


def test_a_failure_that_is_tolerated_is_counted_and_does_not_hold_up_the_others(rollout, policy, refusing):
    lab = rollout.lab
    policy(max_failures="1", retry_delay="1h")
    with Observer(rollout) as observer:
        rollout.install_patch()
        lab.wait_until("the others are patched", lambda: rollout.patched(1) and rollout.patched(3), 240)
        token = lab.wait_until("the failure is counted", lambda: (t := rollout.token()).startswith("free failed=1:") and t, 120)
        assert token.endswith(f":node{refusing}")
        assert not rollout.patched(refusing) and rollout.in_standby() == []
        assert rollout.insertions(refusing) == 1
        lab.wait_until("it says until when it waits", lambda: "; waiting until 20" in (node(rollout, refusing)["state"] or ""), 60)
        # Who mends it and changes a parameter need not wait for the hour.
        lab.kernel_reset(refusing)
        policy(retry_delay="1s")
        lab.wait_until("it is patched", lambda: rollout.patched(refusing) and rollout.token().startswith("free"), 240)
    assert observer.violations == []
    rollout.resume()
    rollout.wait_done()


def test_one_failure_more_than_is_tolerated_halts_the_rollout(rollout, policy, refusing):
    policy(max_failures="1")
    rollout.install_patch()
    token = rollout.wait_token("halted", 240)
    assert f"node=node{refusing} " in token and "failed=2:" in token
    assert rollout.insertions(refusing) == 2 and rollout.in_standby() == []
    assert "Invalid" in rollout.status()["token"]["why"]
    rollout.lab.kernel_reset(refusing)
    rollout.resume()
    rollout.wait_done()


GATE = "/usr/local/sbin/may-it-be-patched"


def test_the_administrators_own_gate_is_asked_on_each_node_and_its_words_are_shown(rollout, policy):
    lab = rollout.lab
    for index in rollout.nodes:
        lab.on(index, f"printf '#!/bin/sh\\necho $PCMK_KPATCH_NODE asks: change freeze until monday\\nexit 1\\n' >{GATE} && chmod 755 {GATE}")
    policy(gate_command=GATE)
    with Observer(rollout) as observer:
        rollout.install_patch()
        lab.wait_until("every node was refused", lambda: all(
            f"node{i} asks: change freeze until monday" in rollout.journal(i)[-4000:] for i in rollout.nodes), 240)
        assert not any(rollout.patched(i) for i in rollout.nodes) and rollout.in_standby() == []
        shown = lab.on(2, ["pcmk-kpatch", "plan", "--json", "--node", "node2"], check=False, timeout=120)
        assert shown.exit_code == 1 and "change freeze until monday" in shown.stdout
        for index in rollout.nodes:
            lab.on(index, f"ln -sf /bin/true {GATE}")
        rollout.wait_done()
    assert observer.violations == []


def test_nodes_that_differ_for_longer_than_they_may_are_told_and_refused_where_that_is_wanted(rollout, policy):
    lab = rollout.lab
    lab.on(1, ["pcmk-kpatch", "hold", "node3", "--reason", "not yet"])
    try:
        rollout.install_patch(nodes=[1, 2])
        lab.wait_until("two are patched", lambda: rollout.patched(1) and rollout.patched(2) and rollout.token() == "free", 240)
        told = lab.wait_until("status tells it", lambda: re.search("Differs .*", lab.on(3, ["pcmk-kpatch", "status"], check=False).stdout), 60)[0]
        assert rollout.module.name in told and "node3" in told and ", since 20" in told, told
        policy(max_skew="1s", gates="fleet.patch-drift=refuse")
        rollout.install_patch(nodes=[1])
        lab.wait_until("no run begins", lambda: "for longer than max_skew=1s" in rollout.journal(1)[-4000:], 120)
        assert not rollout.patched(1) and rollout.in_standby() == []
        code = lab.on(1, ["pcmk-kpatch", "plan", "--node", "node1"], check=False, timeout=120)
        assert code.exit_code == 1 and "fleet.patch-drift" in code.stdout, code
    finally:
        lab.on(1, ["pcmk-kpatch", "hold", "--clear", "node3"])
