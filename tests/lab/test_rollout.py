"""The main job: a patch appears on every node, and goes through the cluster one node at a time."""

import pytest

from rollout import Observer


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.heal()


def test_a_patch_goes_through_the_whole_cluster_one_node_at_a_time(rollout):
    lab = rollout.lab
    before = rollout.active()
    fences = len(lab.fences())
    with Observer(rollout) as observer:
        rollout.install_patch()
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"], "each node had the token once"
    assert [rollout.insertions(i) for i in rollout.nodes] == [1, 1, 1]
    lab.wait_until("everything is active as before", lambda: rollout.active() == before)
    assert len(lab.fences()) == fences, "nobody was fenced"
    status = rollout.status()
    assert status["token"]["state"] == "free"
    assert {n["patch"] for n in status["nodes"]} == {rollout.module.name}
    # What each node is doing is in the cluster's own tools, too.
    lab.wait_until("crm_mon shows the patch of every node",
                   lambda: lab.on(2, ["crm_mon", "-1A"]).stdout.count(rollout.module.name) == 3, 60)


def test_nothing_is_active_on_a_node_while_the_patch_is_loaded(rollout):
    lab = rollout.lab
    lab.kernel(2, load="slow:4")
    rollout.install_patch()
    rollout.wait_phase(2, "load")
    lab.wait_until("the load is under way", lambda: rollout.insertions(2) == 1, interval=0.1)
    active = [r.get("id") for r in lab.crm_mon().iter("resource") for n in r.findall("node") if n.get("name") == "node2"]
    assert active == []
    rollout.wait_done()


def test_what_is_patched_already_is_left_alone(rollout):
    lab = rollout.lab
    before = [len(lab.kernel_calls(i, "insmod")) for i in rollout.nodes]
    lab.on(1, ["pcs", "resource", "restart", "kpatch-clone"], timeout=180)
    lab.wait_until("the agent is started everywhere", lambda: rollout.agents() == 3)
    lab.wait_until("the workers are done", lambda: all(
        lab.on(i, ["systemctl", "is-active", "pcmk-kpatch-run"], check=False).exit_code != 0 for i in rollout.nodes))
    assert [len(lab.kernel_calls(i, "insmod")) for i in rollout.nodes] == before
    assert rollout.in_standby() == [] and rollout.token() == "free"
    assert rollout.monitor_result(1) == 0


def test_it_works_without_the_kpatch_utility(rollout):
    for index in rollout.nodes:
        rollout.lab.kpatch(index, False)
    try:
        rollout.install_patch()
        rollout.wait_done()
        assert [rollout.insertions(i) for i in rollout.nodes] == [1, 1, 1]
    finally:
        for index in rollout.nodes:
            rollout.lab.kpatch(index, True)


def test_the_newest_patch_is_the_one_with_the_highest_numbers(rollout):
    lab = rollout.lab
    stem = rollout.install_patch().file_name[:-3]
    older = lab.module(f"{stem}-9.ko", where="var")
    newer = lab.module(f"{stem}-10.ko", where="var")
    rollout.module = newer
    rollout.wait_done()
    assert all(older.file_name not in " ".join(c["argv"]) for i in rollout.nodes for c in lab.kernel_calls(i, "insmod"))


def test_a_node_in_the_administrators_standby_is_patched_where_it_stands_and_left_as_found(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "node", "standby", "node3"])
    try:
        lab.wait_until("node3 is in standby", lambda: rollout.in_standby() == ["node3"])
        rollout.install_patch()
        lab.wait_until("the others are patched, node3 untouched", lambda: rollout.patched(1) and rollout.patched(2), 180)
        # The agent is stopped in standby; a person starts the run there.
        lab.on(3, ["pcs", "resource", "debug-start", "kpatch"], timeout=120)
        assert rollout.patched(3)
        assert rollout.in_standby() == ["node3"]
        assert rollout.token() == "free"
    finally:
        lab.on(1, ["pcs", "node", "unstandby", "node3"])


def test_debug_start_follows_the_run_in_the_foreground(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "disable", "kpatch-clone"])
    try:
        rollout.wait_stopped()
        rollout.install_patch()
        shown = lab.on(2, ["pcs", "resource", "debug-start", "kpatch", "--full"], timeout=150)
        said = shown.stdout + shown.stderr
        for phase in ("standby", "drain", "load", "unstandby", "confirm", "release"):
            assert f"node2: {phase}" in said
        assert "is in force" in said
        assert rollout.patched(2) and not rollout.patched(1) and not rollout.patched(3)
        lab.on(2, ["pcs", "resource", "debug-stop", "kpatch"])
    finally:
        lab.on(1, ["pcs", "resource", "enable", "kpatch-clone"])


def test_nodes_that_race_take_the_token_one_after_the_other(rollout):
    lab = rollout.lab
    lab.on(1, ["cibadmin", "--modify", "--xpath",
               "//crm_config/cluster_property_set[@id='pcmk-kpatch']/nvpair[@id='pcmk-kpatch-token']", "--xml-text",
               "<nvpair id=\"pcmk-kpatch-token\" value=\"halted node=node1 run=test boot=b since=2026-01-01T00:00:00Z why=race\"/>"])
    rollout.install_patch()
    for index in rollout.nodes:
        lab.wait_until(f"node{index} waits", lambda i=index: lab.on(i, "test -e /run/pcmk-kpatch/attention", check=False).ok)
    with Observer(rollout) as observer:
        rollout.resume()
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"]


def test_waits_while_a_member_is_away_and_goes_on_when_it_is_back(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "cluster", "stop", "node3"], check=False, timeout=120)
    lab.on(3, ["systemctl", "stop", "pacemaker", "corosync"], timeout=120)
    lab.wait_until("node3 left", lambda: not lab.online(3))
    rollout.install_patch()
    lab.wait_until("node1 says why it waits", lambda: "cluster.member-offline" in rollout.journal(1), 60)
    assert rollout.token() == "free" and rollout.in_standby() == []
    assert not rollout.patched(1) and not rollout.patched(2)
    lab.on(3, ["systemctl", "start", "corosync", "pacemaker"], timeout=120)
    rollout.wait_done()
