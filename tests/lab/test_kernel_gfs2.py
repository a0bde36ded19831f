"""Three emulated machines that share a GFS2 on a volume group, as docs/gfs2.md has it, with a writer on every node: what a drain, a lockspace that is nobody's,
and a node that dies do to those who write. No snapshot is taken of disks that machines share: each scenario leaves a whole cluster to the next one."""

import json
import os
import time

import pytest

from kernlab import KernLab
from nodelab.errors import LabError
from rollout import Observer
from rollout_shared import OTHER, OTHER_POINT, SharedRollout
from test_check import check
from test_kernel_rollout import boots, fenced, wait_back

pytestmark = pytest.mark.deep

RELEASE = os.environ.get("PCMK_KPATCH_GFS2_RELEASE") or "bookworm"
NOBODYS = "no resource that is active on node2 accounts for it"


@pytest.fixture(scope="module")
def rollout():
    lab = KernLab("kgfs" + os.environ.get("PCMK_KPATCH_KERNLAB_SUFFIX", ""))
    lab.hold()
    try:
        lab.up(nodes=3, release=RELEASE, product=os.environ["PCMK_KPATCH_PRODUCT"], resources=False, shared=True)
        rollout = SharedRollout(lab)
        rollout.define_at_once(monitor="15s", retry_delay="1s", soak="10s", transition_timeout="60s", confirm_timeout="10min", drain_timeout="10min",
                               probation="0s", loader="kernel", write_probe="true")
        rollout.define_storage(RELEASE)
        yield rollout
    finally:
        if not os.environ.get("PCMK_KPATCH_LAB_KEEP"):
            lab.down()


@pytest.fixture(autouse=True)
def whole(rollout):
    rollout.fenced_before = len(rollout.lab.fences())
    rollout.wait_writing()
    yield
    rollout.check_files()


def waits(rollout, since: dict, without: int = 0) -> dict:
    return {index: round(rollout.longest_wait(index, since[index]), 1) for index in rollout.nodes if index != without}


def clocks(rollout) -> dict:
    return {index: rollout.clock(index) for index in rollout.nodes}


def mount(rollout, index: int) -> None:
    rollout.lab.on(index, f"mount -t gfs2 {OTHER} {OTHER_POINT}", timeout=120)


def umount(rollout, index: int) -> None:
    rollout.lab.on(index, f"umount {OTHER_POINT}", timeout=120)


def test_it_is_defined_as_check_wants_it(rollout):
    found = check(rollout)[1]
    assert [name for name in found if name.startswith("storage.")] == []
    assert sorted(rollout.locks(1)) == ["data", "lvm_global", "lvm_shared"]


def test_a_rollout_goes_through_and_no_writer_fails(rollout):
    before, since, failed = boots(rollout), clocks(rollout), rollout.failed_operations()
    with Observer(rollout, interval=3) as observer:
        rollout.install("first")
        rollout.wait_done(1200)
    rollout.wait_writing()
    assert observer.violations == [] and set(observer.holders) == {"node1", "node2", "node3"}
    assert fenced(rollout) == [] and boots(rollout) == before
    assert rollout.errors() == {} and rollout.failed_operations() == failed
    assert rollout.check_files() > 0
    (told,) = json.loads(rollout.lab.on(1, ["pcmk-kpatch", "report", "--json"], timeout=120).stdout)["rollouts"]
    warned = {index: warnings(rollout, index) for index in rollout.nodes}
    # Of that kernel it is known, and each of these runs ended well.
    assert RELEASE != "bookworm" or any(warned.values())
    for run in told["runs"]:
        phases = {phase["name"]: round(phase["seconds"], 1) for phase in run["phases"]}
        print(f"{run['node']}: {run['verdict']}, {phases}; kernel: {warned[int(run['node'][4:])]}")
        # What the cluster unmounts itself is no reason to take a drain back.
        assert "the drain is taken back" not in rollout.journal(int(run["node"][4:]))
    print(f"longest wait for a write, in seconds: {waits(rollout, since)}")


def warnings(rollout, index: int) -> str:
    """What that kernel's DLM has warned of, in this boot."""
    return " ".join(rollout.lab.on(index, "dmesg | grep -a -m 1 -o 'field-spanning write.*'", check=False).stdout.split())


def refusals(rollout) -> int:
    """How often node2 has refused a run in this boot for what is locked there."""
    return rollout.journal(2).count("dlm.unmanaged")


def test_what_a_person_mounted_is_refused_before_anything_is_changed(rollout):
    mount(rollout, 2)
    try:
        before, told = refusals(rollout), len(rollout.journal(2))
        rollout.install("second", [2])
        rollout.lab.wait_until("it is refused", lambda: refusals(rollout) > before, 600)
        shown = rollout.lab.on(2, ["pcmk-kpatch", "plan"], check=False, timeout=120).stdout
        assert f"the lockspace other (gfs2 of {OTHER} on {OTHER_POINT}) is here, and {NOBODYS}" in " ".join(shown.split()), shown
        assert f"umount {OTHER_POINT}" in shown
        assert rollout.in_standby() == [] and fenced(rollout) == []
        assert "putting node2 in standby" not in rollout.journal(2)[told:]
        # It is asked again soon, with the token.
        rollout.lab.wait_until("nobody has the token", lambda: rollout.token() == "free", 240)
    finally:
        umount(rollout, 2)
    rollout.lab.wait_until("then it is patched", lambda: rollout.patched(2) and rollout.token() == "free", 600)
    assert fenced(rollout) == []


def test_what_is_mounted_in_the_last_moment_is_seen_before_the_standby(rollout):
    """By the administrator's own gate, the last thing that is asked."""
    rollout.lab.on(2, "printf '#!/bin/sh\\nmountpoint -q {0} || systemd-run --quiet --wait mount -t gfs2 {1} {0}\\n' >/usr/local/sbin/mounts && "
                      "chmod 755 /usr/local/sbin/mounts".format(OTHER_POINT, OTHER))
    rollout.change(gate_command="/usr/local/sbin/mounts")
    rollout.settle()
    try:
        with Observer(rollout, interval=1) as observer:
            before, told = refusals(rollout), len(rollout.journal(2))
            rollout.install("instant", [2])
            rollout.lab.wait_until("it is refused", lambda: refusals(rollout) > before, 600)
            rollout.lab.wait_until("the token is free", lambda: rollout.token() == "free", 120)
        assert observer.violations == [] and rollout.in_standby() == [] and "putting node2 in standby" not in rollout.journal(2)[told:]
    finally:
        rollout.change(gate_command="")
        umount(rollout, 2)
    rollout.lab.wait_until("then it is patched", lambda: rollout.patched(2) and rollout.token() == "free", 600)
    assert fenced(rollout) == []


def test_what_is_mounted_in_the_drain_takes_the_drain_back_and_nobody_is_fenced(rollout):
    lab, before, refused = rollout.lab, boots(rollout), refusals(rollout)
    rollout.install("later1", [2])
    rollout.wait_phase(2, "drain", timeout=600)
    mount(rollout, 2)
    lab.wait_until("it says what came", lambda: "the drain is taken back" in str(rollout.status(2)) or refusals(rollout) > refused, 240)
    # What the run tells a person to do.
    lab.on(2, f"umount {OTHER_POINT}; ! pgrep -x dlm_controld || grep -q . /sys/kernel/dlm/*/nodir || killall -TERM dlm_controld; true", timeout=120)
    lab.wait_until("then it is patched", lambda: rollout.patched(2) and rollout.token() == "free", 900)
    assert fenced(rollout) == [] and boots(rollout) == before


def forget(rollout) -> None:
    """No live patch, in any kernel or on any disk: the next one may be any."""
    for index, inside in rollout.inside.items():
        rollout.lab.on(index, "rm -f /usr/lib/kpatch/*/* /var/lib/kpatch/*/*")
        for name in inside.patches():
            rollout.lab.on(index, f"echo 0 >/sys/kernel/livepatch/{name}/enabled")
        rollout.lab.wait_until("the patches are gone", lambda: inside.patches() == [], 60)
        rollout.lab.on(index, "for module in $(ls -d /sys/module/kpatch_*); do rmmod ${module##*/}; done")


def test_a_warning_of_the_patched_code_is_held_against_it_whatever_dlm_has_warned_of(rollout):
    """The node stays parked, with nothing on it that others could wait for, until a person has it come home."""
    forget(rollout)
    rollout.change(soak="60s")
    rollout.settle()
    rollout.install("warn_later", [2])
    rollout.wait_token("parked", 900)
    assert rollout.status(2)["local_run"]["verdict"] == "unhealthy" and rollout.in_standby() == ["node2"] and rollout.locks(2) == []
    print(f"kernel: {warnings(rollout, 2)}")
    rollout.lab.on(2, ["pcmk-kpatch", "abort"], timeout=600)
    rollout.wait_token("halted", 600)
    rollout.wait_writing(600)
    assert rollout.in_standby() == [] and fenced(rollout) == []
    rollout.change(soak="10s")
    go_on(rollout, 2)


def go_on(rollout, index: int) -> None:
    """With the patch away that was bad there."""
    forget(rollout)
    rollout.lab.on(index, ["pcmk-kpatch", "quarantine", "--clear"])
    rollout.resume()


def told_of_a_panic(rollout, index: int) -> int:
    """How often that machine's kernel has panicked since the lab is up. Where all is emulated, one that does not answer may only be slow."""
    return rollout.lab.console(index).count("Kernel panic")


def run_in(token: str) -> str:
    """The run that a token names."""
    return token.split("run=")[1].split()[0]


def ended(rollout, index: int, run: str) -> dict:
    """How that run ended, when it has."""
    return rollout.lab.wait_until(f"run {run} has ended", lambda: (last := rollout.last_run(index)) and last["id"] == run and last, 900)


def halting(rollout, index: int) -> dict:
    """The run that halts the rollout, when it has ended."""
    return ended(rollout, index, run_in(rollout.wait_token("halted", 600)))


def panic(rollout, drain: str) -> dict:
    """A node dies in the load of its patch. Returns the longest wait for a write on each of the others, in seconds."""
    forget(rollout)
    rollout.change(drain=drain, gates="dlm.drain=warn" if drain == "none" else "")
    rollout.settle()
    rollout.fenced_before = len(rollout.lab.fences())
    since, before, panics = clocks(rollout), boots(rollout), {index: told_of_a_panic(rollout, index) for index in rollout.nodes}
    rollout.install("panic_at_once")
    first = int(rollout.wait_token("held", 400).split("node=node")[1].split()[0])
    rollout.lab.wait_until("it panicked", lambda: told_of_a_panic(rollout, first) > panics[first], 600)
    down = time.monotonic()
    wait_back(rollout, first, before)
    assert halting(rollout, first)["verdict"] == "NodeDown" and rollout.inside[first].patches() == []
    rollout.wait_writing(600)
    took = round(time.monotonic() - down)
    assert set(fenced(rollout)) == {f"node{first}"}
    assert rollout.errors() == {}
    rollout.check_files()
    found = waits(rollout, since, without=first)
    print(f"drain={drain}: node{first} panicked, and wrote again after {took} s; longest wait for a write on the others, in seconds: {found}")
    rollout.change(drain="", gates="")
    go_on(rollout, first)
    return found


def test_a_node_that_panics_hinders_the_others_where_it_was_not_drained(rollout):
    """Drained, it had no lock that anybody could wait for."""
    drained = panic(rollout, "standby")
    undrained = panic(rollout, "none")
    assert max(drained.values()) < max(undrained.values())


def test_a_lock_daemon_that_dies_on_another_node_in_a_run(rollout):
    """Its node is fenced by its own peers. The run waits in the drained node, and comes home."""
    lab, before = rollout.lab, boots(rollout)
    forget(rollout)
    rollout.change(soak="60s")
    rollout.settle()
    rollout.install("second", [2])
    rollout.wait_phase(2, "soak", timeout=600)
    run = run_in(rollout.token())
    lab.on(3, "killall -9 dlm_controld", check=False)
    wait_back(rollout, 3, before)
    assert set(fenced(rollout)) == {"node3"} and lab.boot_id(2) == before[2]
    assert ended(rollout, 2, run)["verdict"] == "Patched"
    rollout.wait_writing(600)
    assert rollout.in_standby() == []
    rollout.change(soak="10s")
    assert rollout.patched(2) and rollout.token() == "free"
    assert rollout.errors().get(2) is None


def test_a_lock_daemon_that_dies_in_the_drain_of_its_node(rollout):
    """The node is fenced by its peers; its run halts the rollout."""
    lab, before = rollout.lab, boots(rollout)
    forget(rollout)
    rollout.settle()
    rollout.install("first", [2])
    rollout.wait_phase(2, "drain", timeout=600)
    try:
        lab.on(2, "killall -9 dlm_controld", check=False)
    except LabError:
        pass
    wait_back(rollout, 2, before)
    assert set(fenced(rollout)) == {"node2"}
    assert halting(rollout, 2)["verdict"] == "NodeDown" and rollout.in_standby() == []
    rollout.wait_writing(600)
    lab.on(2, ["pcmk-kpatch", "quarantine", "--clear"])
    rollout.resume()
    lab.wait_until("it is patched", lambda: rollout.patched(2) and rollout.token() == "free", 600)
