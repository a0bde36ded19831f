"""What fails halts the rollout, and leaves the node as the design's table says."""

import pytest

from rollout import Observer


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.heal()


def assert_home_and_halted(rollout, index, words):
    """The failed node is home unpatched, the token says why, nobody else goes on, and a person is told."""
    lab = rollout.lab
    token = rollout.wait_token("halted")
    assert f"node=node{index}" in token
    status = rollout.status()
    assert words in status["token"]["why"], status
    assert status["what_to_do"], "a person is told what to do"
    assert rollout.in_standby() == []
    assert not rollout.patched(index)
    lab.wait_until("the other nodes ask for a person", lambda: any(
        rollout.monitor_result(i) == 190 for i in rollout.nodes if not rollout.patched(i)), 60)


@pytest.mark.parametrize("error, words", [("EINVAL", "Invalid parameters"), ("EKEYREJECTED", "Key was rejected")])
def test_a_refused_load_halts_the_rollout(rollout, error, words):
    lab = rollout.lab
    before = rollout.active()
    for index in rollout.nodes:
        lab.kernel(index, load=error)
        lab.kpatch(index, False)
    try:
        rollout.install_patch()
        token = rollout.wait_token("halted")
        failed = int(token.split("node=node")[1][0])
        assert_home_and_halted(rollout, failed, words)
        assert sum(rollout.insertions(i) for i in rollout.nodes) == 1, "only the first node tried"
        assert rollout.active() == before
    finally:
        for index in rollout.nodes:
            lab.kpatch(index, True)


def test_a_stall_that_kpatch_turned_back_halts_the_rollout(rollout):
    for index in rollout.nodes:
        rollout.lab.kernel(index, transition="stall")
    rollout.install_patch()
    token = rollout.wait_token("halted")
    assert_home_and_halted(rollout, int(token.split("node=node")[1][0]), "transition")


def test_a_stall_is_turned_back_by_the_run_itself_without_kpatch(rollout):
    lab = rollout.lab
    for index in rollout.nodes:
        lab.kernel(index, transition="stall")
        lab.kpatch(index, False)
    lab.on(1, ["pcs", "resource", "update", "kpatch", "transition_timeout=3s"])
    try:
        rollout.install_patch()
        token = rollout.wait_token("halted")
        failed = int(token.split("node=node")[1][0])
        assert_home_and_halted(rollout, failed, "did not end in 3 s")
        assert not lab.on(failed, f"test -e /sys/module/{rollout.module.name}", check=False).ok, "the module is removed"
    finally:
        lab.on(1, ["pcs", "resource", "update", "kpatch", "transition_timeout="])
        for index in rollout.nodes:
            lab.kpatch(index, True)


def test_a_stall_that_cannot_be_turned_back_parks_the_node_until_a_person_aborts(rollout):
    lab = rollout.lab
    for index in rollout.nodes:
        lab.kernel(index, transition="stall", reversal="stall")
        lab.kpatch(index, False)
    lab.on(1, ["pcs", "resource", "update", "kpatch", "transition_timeout=3s"])
    try:
        rollout.install_patch()
        token = rollout.wait_token("parked")
        parked = int(token.split("node=node")[1][0])
        assert rollout.in_standby() == [f"node{parked}"], "stays drained"
        refused = lab.on(parked, ["pcmk-kpatch", "resume"], check=False)
        assert refused.exit_code == 1 and "abort" in refused.stderr
        other = parked % 3 + 1
        assert "parked" in rollout.status(other)["summary"]
        lab.on(parked, ["pcmk-kpatch", "abort"], timeout=120)
        assert rollout.wait_token("halted")
        assert rollout.in_standby() == []
        # Only a reboot makes this kernel sure again.
        lab.crash(parked)
        lab.wait_until("it was fenced", lambda: not lab.online(parked))
        lab.wait_until("it is back", lambda: lab.online(parked), 180)
    finally:
        lab.on(parked % 3 + 1, ["pcs", "resource", "update", "kpatch", "transition_timeout="])
        for index in rollout.nodes:
            lab.kpatch(index, True)


def test_a_kernel_that_complains_after_the_load_parks_the_node(rollout):
    lab = rollout.lab
    for index in rollout.nodes:
        lab.kernel(index, taint="OKW")
    rollout.install_patch()
    token = rollout.wait_token("parked")
    parked = int(token.split("node=node")[1][0])
    assert "warning" in token and rollout.in_standby() == [f"node{parked}"]
    lab.on(parked, ["pcmk-kpatch", "abort"], timeout=120)
    assert "node=node" in rollout.wait_token("halted")
    assert rollout.in_standby() == []


def test_a_node_that_loses_power_in_the_load_is_fenced_and_halts_the_rollout(rollout):
    lab = rollout.lab
    fences = len(lab.fences())
    for index in rollout.nodes:
        lab.kernel(index, load="panic")
    with Observer(rollout) as observer:
        rollout.install_patch()
        token = rollout.wait_token("halted", timeout=300)
        victim = int(token.split("node=node")[1][0])
        lab.wait_until("it is back", lambda: lab.online(victim), 180)
    assert observer.violations == []
    assert {f["target"] for f in lab.fences()[fences:]} == {f"node{victim}"}, "fenced once, and nobody else"
    status = rollout.status(victim)
    assert "went down in phase load" in status["token"]["why"]
    assert status["quarantined"] == [rollout.module.name]
    assert not rollout.patched(victim) and rollout.in_standby() == []
    # kpatch.service would not load it at boot either.
    conditions = lab.on(victim, "systemctl cat kpatch.service 2>/dev/null | grep -c '^ConditionPathExists=!/var/lib/pcmk-kpatch'", check=False)
    assert conditions.stdout.strip() == "2"

    for index in rollout.nodes:
        lab.kernel_reset(index)
    rollout.resume()
    others = [i for i in rollout.nodes if i != victim]
    lab.wait_until("it refuses the patch that took it down", lambda: "(patch.quarantined)" in rollout.journal(victim), 60)
    for other in others:
        lab.wait_until("and so do the others", lambda: "(patch.quarantined-elsewhere)" in rollout.journal(other), 60)
        assert rollout.insertions(other) == 0
    assert not rollout.patched(victim) and rollout.insertions(victim) == 1
    assert rollout.monitor_result(victim) == 190
    lab.on(victim, ["pcmk-kpatch", "quarantine", "--clear"])
    rollout.wait_done()


@pytest.fixture
def loading(rollout):
    """A node in a load that takes half a minute, by the kernel's own interface."""
    lab = rollout.lab
    for index in rollout.nodes:
        lab.kernel(index, transition="30")
        lab.kpatch(index, False)
    try:
        rollout.install_patch()
        running = int(rollout.wait_token("held").split("node=node")[1][0])
        rollout.wait_phase(running, "load")
        yield running
    finally:
        for index in rollout.nodes:
            lab.kpatch(index, True)


def test_an_abort_brings_the_node_home_and_halts(rollout, loading):
    shown = rollout.lab.on(loading, ["pcmk-kpatch", "abort"], timeout=120).stdout
    assert "aborted by a person" in shown
    assert_home_and_halted(rollout, loading, "aborted by a person")


def test_who_removes_the_package_in_the_midst_of_a_run_leaves_no_standby_and_no_token(rollout, loading):
    told = rollout.lab.on(loading, ["/usr/libexec/pcmk-kpatch/before-removal"], timeout=400)
    assert "this node has an unfinished run" in told.stderr and "the run is over" in told.stderr, told.stderr
    assert "still in the cluster's configuration" in told.stderr, told.stderr
    assert not rollout.lab.on(loading, "test -e /var/lib/pcmk-kpatch/run.journal", check=False).ok
    assert_home_and_halted(rollout, loading, "aborted by a person")


def test_a_drain_that_takes_too_long_brings_the_node_home_and_frees_the_token(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "create", "slow", "ocf:pacemaker:Dummy", "op_sleep=6",
               "op", "start", "timeout=90s", "stop", "timeout=90s", "monitor", "timeout=90s"], timeout=120)
    lab.on(1, ["pcs", "constraint", "location", "slow", "prefers", "node2"])
    try:
        lab.wait_until("the slow resource runs", lambda: rollout.active().get("slow", [0])[0] == 1, 120)
        rollout.change(drain_timeout="2s", retry_delay="1h")
        rollout.install_patch(nodes=[2])
        lab.wait_until("the node gave up", lambda: "the run ended: DrainTooSlow: not drained in 2 s" in rollout.journal(2), 180)
        assert not rollout.patched(2) and rollout.insertions(2) == 0
        assert rollout.in_standby() == [] and rollout.token() == "free"
        lab.wait_until("it waits before it tries again", lambda: "schedule.back-off" in rollout.journal(2), 60)
    finally:
        lab.on(1, ["pcs", "resource", "delete", "slow", "--force"], check=False, timeout=120)
        lab.on(1, ["pcs", "resource", "update", "kpatch", "drain_timeout=", "retry_delay=1s"])
