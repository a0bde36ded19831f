"""Three machines as a cluster, and real kernels: what a patch does there is done by the kernel, and who is fenced is fenced."""

import os

import pytest

from kernlab import KernLab
from rollout import Observer
from rollout_kernel import KernelRollout

RELEASE = os.environ.get("PCMK_KPATCH_ROLLOUT_RELEASE") or "trixie"


@pytest.fixture(scope="module")
def cluster():
    lab = KernLab("kroll" + os.environ.get("PCMK_KPATCH_KERNLAB_SUFFIX", ""))
    lab.hold()
    try:
        lab.up(nodes=3, release=RELEASE, product=os.environ["PCMK_KPATCH_PRODUCT"], resources=False)
        rollout = KernelRollout(lab)
        rollout.define_at_once(retry_delay="1s", soak="10s", transition_timeout="25s", loader="kernel")
        lab.snapshot("defined")
        yield rollout
    finally:
        if not os.environ.get("PCMK_KPATCH_LAB_KEEP"):
            lab.down()


@pytest.fixture
def rollout(cluster):
    """The same moment for each scenario: the cluster is whole, the agent is started, and no patch is there."""
    cluster.lab.restore("defined")
    cluster.lab.wait_until("the cluster is as it was", lambda: all(cluster.lab.online(i) for i in cluster.nodes), 120)
    cluster.fenced_before = len(cluster.lab.fences())
    return cluster


def boots(rollout) -> dict:
    return {index: rollout.lab.boot_id(index) for index in rollout.nodes}


def fenced(rollout) -> list:
    return [fence["target"] for fence in rollout.lab.fences()[rollout.fenced_before:]]


def holder(rollout, timeout: float = 240) -> int:
    """The node that has the token."""
    return int(rollout.wait_token("held", timeout).split("node=node")[1].split()[0])


def wait_back(rollout, index: int, before: dict) -> None:
    lab = rollout.lab
    lab.wait_until(f"node{index} booted again", lambda: lab.boot_id(index) not in (None, before[index]), 400)
    lab.wait_until(f"node{index} is in the cluster again", lambda: all(lab.online(i) for i in rollout.nodes), 400)


@pytest.mark.deep
def test_a_patch_goes_through_the_cluster_and_is_there_after_a_reboot(rollout):
    lab, before = rollout.lab, boots(rollout)
    with Observer(rollout, interval=3) as observer:
        rollout.install("first")
        rollout.wait_done(900)
    assert observer.violations == []
    # On a busy host a node may be refused at the gate, where the cluster does not come to rest in time, and take its turn again.
    assert set(observer.holders) == {"node1", "node2", "node3"}
    assert fenced(rollout) == [] and boots(rollout) == before
    module = rollout.inside[1].modules.file("first").name
    for index in rollout.nodes:
        assert lab.on(index, "ls /var/lib/kpatch/*/").stdout.split() == [module]
    # An orderly reboot: probation ends with it, and kpatch.service has the patch in force before the cluster is there.
    lab.on(2, "systemctl reboot", check=False)
    wait_back(rollout, 2, before)
    assert rollout.patched(2)
    assert rollout.module.file_name in lab.on(2, "journalctl -b --no-pager -u kpatch.service").stdout
    assert "load" not in rollout.journal(2)
    assert fenced(rollout) == []


@pytest.mark.deep
def test_a_stall_is_turned_back_and_halts_the_rollout(rollout):
    for index in rollout.nodes:
        rollout.inside[index].helper("lab_sleepers")
    rollout.install("stalled")
    first = holder(rollout)
    rollout.wait_token("halted", 400)
    rollout.lab.wait_until("everybody is home", lambda: rollout.in_standby() == [] and rollout.active()["logger"][0] == 3, 120)
    assert rollout.wait_ended(first)["verdict"] == "Stalled"
    assert all(inside.patches() == [] for inside in rollout.inside.values())
    assert fenced(rollout) == []


@pytest.mark.deep
def test_a_warning_in_the_soak_parks_the_node_and_an_abort_brings_it_home(rollout):
    rollout.change(soak="60s")
    rollout.install("warn_later")
    rollout.wait_token("parked", 400)
    first = int(rollout.token().split("node=node")[1].split()[0])
    assert rollout.in_standby() == [f"node{first}"]
    assert rollout.status(first)["local_run"]["verdict"] == "unhealthy"
    assert all(rollout.inside[i].patches() == [] for i in rollout.nodes if i != first)
    rollout.lab.on(first, ["pcmk-kpatch", "abort"], timeout=240)
    rollout.wait_token("halted", 240)
    rollout.lab.wait_until("the node is home", lambda: rollout.in_standby() == [] and rollout.active()["logger"][0] == 3, 120)
    assert fenced(rollout) == []


def panics_in_the_load(rollout) -> int:
    """A patch panics where it is loaded; the node is taken down by whatever fences here, and comes back. Returns which node it was."""
    before = boots(rollout)
    rollout.install("panic_at_once")
    first = holder(rollout)
    wait_back(rollout, first, before)
    assert {i for i in rollout.nodes if rollout.lab.boot_id(i) != before[i]} == {first}, "one node went down, and no other"
    rollout.wait_token("halted", 400)
    rollout.lab.wait_until("everybody is home", lambda: rollout.in_standby() == [] and rollout.active()["logger"][0] == 3, 240)
    assert rollout.wait_ended(first)["verdict"] == "NodeDown"
    assert rollout.inside[first].patches() == []
    assert rollout.status(first)["quarantined"] != []
    return first


def goes_on_with_a_good_patch(rollout, first: int) -> None:
    rollout.install("later1")
    rollout.lab.on(first, ["pcmk-kpatch", "quarantine", "--clear"])
    rollout.resume()
    rollout.wait_done(900)


@pytest.mark.deep
def test_a_node_that_panics_in_the_load_is_fenced_and_the_rollout_goes_on_when_a_person_says_so(rollout):
    first = panics_in_the_load(rollout)
    assert set(fenced(rollout)) == {f"node{first}"}
    goes_on_with_a_good_patch(rollout, first)


@pytest.mark.deep
def test_a_node_that_panics_after_its_run_does_not_load_the_patch_at_boot_again(rollout):
    lab, before = rollout.lab, boots(rollout)
    # The others never become due: it is about one node.
    rollout.install("panic_when_told", [2])
    lab.wait_until("node2 is patched and the token free", lambda: rollout.last_run(2) and rollout.token() == "free", 400)
    assert rollout.patched(2) and lab.on(2, "ls /var/lib/kpatch/*/").stdout.split() == [rollout.module.file_name]
    rollout.inside[2].tell("panic_when_told")
    wait_back(rollout, 2, before)
    assert set(fenced(rollout)) == {"node2"}
    assert rollout.inside[2].patches() == [], "neither kpatch.service nor a run has loaded it"
    lab.wait_until("it is quarantined", lambda: rollout.status(2)["quarantined"] != [], 240)


@pytest.mark.deep
def test_a_watchdog_does_the_same_where_there_is_no_fence_device(rollout):
    lab = rollout.lab
    for index in rollout.nodes:
        lab.on(index, "printf '%s\\n' SBD_PACEMAKER=yes SBD_STARTMODE=always SBD_WATCHDOG_DEV=/dev/watchdog SBD_WATCHDOG_TIMEOUT=20 "
                      ">/etc/default/sbd && systemctl enable sbd", timeout=120)
    # As pcs does it: sbd comes and goes with corosync, and resets a node that has Pacemaker and no quorum; and a controller that finds the
    # property stonith-watchdog-timeout and no sbd ends itself.
    for action in ("stop pacemaker", "stop corosync", "start corosync", "start pacemaker"):
        for index in rollout.nodes:
            lab.on(index, f"systemctl {action}", timeout=300)
    lab.wait_until("the cluster is whole again", lambda: all(lab.online(i) for i in rollout.nodes), 300)
    assert all(lab.on(i, ["systemctl", "is-active", "sbd"], check=False).ok for i in rollout.nodes)
    lab.on(1, "crm_attribute --type crm_config --name stonith-watchdog-timeout --update 60s && "
              "cibadmin --delete --scope resources --xml-text '<primitive id=\"fencing\"/>'", timeout=120)
    rollout.settle()
    first = panics_in_the_load(rollout)
    assert fenced(rollout) == [], "nobody was asked to fence"
    goes_on_with_a_good_patch(rollout, first)
