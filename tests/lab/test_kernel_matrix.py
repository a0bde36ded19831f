"""What becomes of each kind of patch on a real kernel, with each loader: one machine, a cluster of one node, and for each case the same
moment again, in which the agent is started and nothing is installed yet."""

import os

import pytest

from kernlab import KernLab
from rollout_kernel import KernelRollout

LOADERS = ["kernel", "kpatch"]

# What is worth its minute in every gate. The rest of the table is for make test-kernel-all.
both = pytest.mark.parametrize("loader", LOADERS, indirect=True)
kernel_first = pytest.mark.parametrize("loader", ["kernel", pytest.param("kpatch", marks=pytest.mark.deep)], indirect=True)
deep = pytest.mark.deep
RELEASE = (os.environ.get("PCMK_KPATCH_MATRIX_RELEASE") or "trixie")


@pytest.fixture(scope="module")
def rollout():
    lab = KernLab("kmatrix" + os.environ.get("PCMK_KPATCH_KERNLAB_SUFFIX", ""))
    lab.hold()
    try:
        lab.up(nodes=1, release=RELEASE, product=os.environ["PCMK_KPATCH_PRODUCT"])
        rollout = KernelRollout(lab)
        # Watched for no longer than a case needs.
        rollout.define_at_once(retry_delay="1s", soak="6s", transition_timeout="25s", persist="no", probation="0")
        lab.snapshot("defined")
        for loader in LOADERS:
            lab.restore("defined")
            rollout.change(loader=loader)
            rollout.settle()
            lab.snapshot(loader)
        yield rollout
    finally:
        if not os.environ.get("PCMK_KPATCH_LAB_KEEP"):
            lab.down()


@pytest.fixture
def loader(request):
    return request.param


@pytest.fixture
def node(rollout, loader):
    """The one node's kernel, at the moment from which every case begins."""
    rollout.lab.restore(loader)
    return rollout.inside[1]


def at_home(rollout) -> bool:
    return rollout.in_standby() == [] and rollout.active()["db"][0] == 1


def ended(rollout, verdict: str, token: str) -> dict:
    """A run ended like that, and the node is home."""
    run = rollout.wait_ended(1, 400)
    assert run["verdict"].lower() == verdict, run["why"]
    assert rollout.token().startswith(token)
    rollout.lab.wait_until("the node is home", lambda: at_home(rollout))
    return run


def parked(rollout, verdict: str) -> dict:
    """The run stays where it is, with the node drained, and waits for a person."""
    rollout.wait_token("parked", 400)
    run = rollout.status()["local_run"]
    assert run["verdict"] == verdict, run["why"]
    assert rollout.in_standby() == ["node1"] and rollout.active()["db"][0] == 0
    return run


@both
def test_a_good_patch_is_in_force(rollout, node):
    rollout.install("first")
    ended(rollout, "patched", "free")
    assert node.state("first") == (True, False)
    assert node.cmdline() == f"patched: {node.modules.name('first')}"
    assert rollout.status()["nodes"][0]["patch"] == node.modules.name("first")


@deep
@both
def test_a_newer_one_takes_the_place_of_an_older(rollout, node):
    node.insert("first")
    node.wait_patched("first")
    rollout.install("second")
    ended(rollout, "patched", "free")
    assert node.patches() == [node.modules.name("second")]


@deep
@both
def test_a_slow_patch_transition_is_waited_for(rollout, node):
    # The kernel signals after fifteen tries of its own, a second apart where nobody is busy.
    rollout.change(transition_timeout="240s")
    node.helper("lab_sleepers")
    rollout.install("slow")
    ended(rollout, "patched", "free")
    assert node.state("slow") == (True, False)


@kernel_first
def test_a_stalled_patch_transition_is_turned_back(rollout, node):
    node.helper("lab_sleepers")
    rollout.install("stalled")
    run = ended(rollout, "stalled", "halted")
    assert node.patches() == [] and not node.has_module("stalled")
    # Who blocked it, and where, whichever loader waited for it.
    assert [line for line in run["evidence"] if line.startswith("not crossed over: lab_stuck[") and "lab_wait_stuck" in line]


@deep
@both
def test_one_that_can_neither_end_nor_be_turned_back_parks_the_node(rollout, node):
    node.helper("lab_sleepers")
    rollout.install("stalled_both")
    parked(rollout, "reversalstalled")
    assert node.state("stalled_both") == (False, True)


@kernel_first
def test_a_warning_after_the_load_parks_the_node(rollout, node):
    rollout.install("warn_soon")
    run = parked(rollout, "unhealthy")
    assert "warn" in run["why"].lower()


@deep
@both
def test_an_oops_after_the_load_parks_the_node(rollout, node):
    rollout.install("oops_soon")
    parked(rollout, "unhealthy")


@deep
@both
def test_a_warning_in_the_soak_parks_the_node(rollout, node):
    rollout.change(soak="40s")
    rollout.install("warn_later")
    parked(rollout, "unhealthy")


@kernel_first
@deep
def test_what_the_kernel_refuses_changes_nothing(rollout, node):
    rollout.install("no_symbol")
    run = ended(rollout, "loadrefused", "halted")
    assert "Invalid parameters" in run["why"]
    assert node.patches() == [] and not node.has_module("no_symbol")


@deep
@both
def test_a_busy_function_is_refused(rollout, node):
    node.helper("lab_kprobe")
    rollout.install("first")
    run = ended(rollout, "loadrefused", "halted")
    assert "busy" in run["why"]
    assert node.patches() == []


@kernel_first
@pytest.mark.parametrize("what", ["panic_at_once", pytest.param("panic_later", marks=pytest.mark.deep)])
@deep
def test_a_patch_that_panics_is_quarantined(rollout, node, what):
    lab, boot = rollout.lab, rollout.lab.boot_id(1)
    rollout.change(soak="40s")
    said = len(lab.console(1))
    rollout.install(what)
    lab.wait_until("the kernel panics", lambda: "Kernel panic" in lab.console(1)[said:], 240)
    lab.reset(1)
    lab.wait_until("the node is back", lambda: lab.boot_id(1) not in (None, boot), 240)
    ended(rollout, "nodedown", "halted")
    assert node.patches() == []
    assert rollout.status()["quarantined"] == [node.modules.name(what)]
    # Neither by kpatch.service at the next boot, nor by us.
    node.install(what, "/var/lib/kpatch")
    node.on(["systemctl", "restart", "kpatch.service"])
    rollout.resume()
    lab.wait_until("it says why it waits", lambda: "patch.quarantined" in rollout.journal(1), 120)
    assert node.patches() == [] and rollout.token() == "free"


@deep
@pytest.mark.parametrize("loader", ["kernel"], indirect=True)
def test_what_is_no_patch_for_this_kernel_is_refused_unloaded(rollout, node):
    for what, words in {
        "wrong_kernel": "is for kernel 5",
        "plain": "is a kernel module, but no live patch",
        "other_name": "holds a module named",
        "compressed": "is compressed (xz)",
    }.items():
        rollout.install(what)
        rollout.lab.wait_until(f"a person is asked about {what}", lambda words=words: rollout.monitor_result(1) == 190 and words in node.on(
            ["cat", "/run/pcmk-kpatch/attention"], check=False).stdout, 240)
    assert node.patches() == [] and rollout.token() == "free" and at_home(rollout)
