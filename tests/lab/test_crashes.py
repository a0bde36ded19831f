"""A run that is killed anywhere goes on there; a journal that is lost or a disk that is full lose nothing."""

import json

import pytest

from rollout import Observer

PHASES = ("acquire", "gate", "standby", "drain", "load", "verify", "soak", "unstandby", "confirm", "release")

# Runs in a node, because a phase may be over in milliseconds, and as one program, because so is the time between a worker's end and
# the phase of the next one: stops the worker when it has said that a phase begins, reads the phase in the journal, kills it, and waits
# for the next phase that is still to come. Prints the journal's phase of each kill.
KILL_IN_EACH = r"""
import glob, os, re, signal, sys, time
phases, end = sys.argv[1:], time.monotonic() + 300

def worker():
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            if open(path, "rb").read().split(b"\0")[1:2] == [b"run"] and b"pcmk-kpatch" in open(path, "rb").read():
                return int(path.split("/")[2])
        except OSError:
            pass

def journalled():
    data = open("/var/lib/pcmk-kpatch/run.journal", "rb").read()
    slots = []
    for slot in range(2):
        part = data[slot * 131072:(slot + 1) * 131072]
        head = re.match(rb"pcmk-kpatch journal (\d+) (\d+)", part)
        if head:
            slots.append((int(head[1]), part[128:128 + int(head[2])]))
    return re.search(rb'"phase": "(\w+)"', max(slots)[1])[1].decode().lower()

wanted = 0
while wanted < len(phases):
    if time.monotonic() > end:
        sys.exit(f"phase {phases[wanted]} never came")
    try:
        # Where there is no journal, what was said is an earlier run's.
        journalled()
        said = open("/run/pcmk-kpatch/progress").read()
    except (OSError, ValueError):
        continue
    pid = worker() if re.search(rf"node\d: {phases[wanted]}\b", said) else None
    if pid is None:
        continue
    os.kill(pid, signal.SIGSTOP)
    try:
        print(phase := journalled())
    finally:
        os.kill(pid, signal.SIGKILL)
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(0.01)
    # A worker may be further than what it said last: its next life begins there.
    wanted = max(wanted, phases.index(phase) if phase in phases else wanted) + 1
"""


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.heal()


def only_on(rollout, index, **how):
    """A patch for one node alone, so that the scenario knows who runs."""
    return rollout.install_patch(nodes=[index], **how)


def test_a_worker_killed_in_each_phase_ends_its_run(rollout):
    lab = rollout.lab
    before, fences = rollout.active(), len(lab.fences())
    lab.kernel(2, load="slow:2")
    for index in rollout.nodes:
        lab.kpatch(index, False)
    try:
        with Observer(rollout) as observer:
            only_on(rollout, 2)
            killed_in = lab.on(2, ["python3", "-c", KILL_IN_EACH, *PHASES], timeout=330).stdout.split()
            lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free" and not rollout.in_standby(), 180)
    finally:
        for index in rollout.nodes:
            lab.kpatch(index, True)
    # No phase was tried that an earlier life had left behind, and most were killed in.
    in_order = [PHASES.index(phase) for phase in killed_in if phase in PHASES]
    assert in_order == sorted(in_order) and len(set(in_order)) >= 7, killed_in
    assert observer.violations == []
    lab.wait_until("everything is active as before", lambda: rollout.active() == before)
    assert len(lab.fences()) == fences


def test_a_worker_killed_while_kpatch_waits_does_not_load_twice(rollout):
    lab = rollout.lab
    lab.kernel(2, transition="4", kpatch__wait="8")
    only_on(rollout, 2)
    lab.wait_until("the patch transition is under way",
                   lambda: lab.on(2, f"cat /sys/kernel/livepatch/{rollout.module.name}/transition", check=False).stdout.strip() == "1", 60, 0.1)
    lab.on(2, ["systemctl", "kill", "-s", "KILL", "pcmk-kpatch-run"])
    lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free" and not rollout.in_standby(), 180)
    assert rollout.insertions(2) == 1


def test_a_second_worker_leaves_the_first_alone(rollout):
    lab = rollout.lab
    lab.kernel(2, load="slow:8")
    only_on(rollout, 2)
    rollout.wait_phase(2, "load")
    second = lab.on(2, ["pcmk-kpatch", "run"])
    assert "another worker is at work" in second.stderr
    lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free", 180)
    assert rollout.insertions(2) == 1


def test_a_damaged_journal_in_a_run_brings_the_node_home_and_halts(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "create", "slow", "ocf:pacemaker:Dummy", "op_sleep=8",
               "op", "start", "timeout=90s", "stop", "timeout=90s", "monitor", "timeout=90s"], timeout=120)
    lab.on(1, ["pcs", "constraint", "location", "slow", "prefers", "node2"])
    try:
        lab.wait_until("the slow resource runs", lambda: rollout.active().get("slow", [0])[0] == 1, 120)
        only_on(rollout, 2)
        rollout.wait_phase(2, "drain")
        lab.on(2, "systemctl kill -s KILL pcmk-kpatch-run; head -c 262144 /dev/urandom > /var/lib/pcmk-kpatch/run.journal")
        token = rollout.wait_token("halted")
        assert "node=node2" in token and "without%20a%20journal" in token
        assert rollout.in_standby() == [] and rollout.insertions(2) == 0
    finally:
        lab.on(1, ["pcs", "resource", "delete", "slow", "--force"], check=False, timeout=120)


def test_a_full_disk_under_the_journal_begins_no_run(rollout):
    lab = rollout.lab
    lab.on(2, "mount -t tmpfs -o size=64k none /var/lib/pcmk-kpatch && head -c 1M /dev/zero > /var/lib/pcmk-kpatch/full; true")
    only_on(rollout, 2)
    lab.wait_until("the worker says what is wrong", lambda: "No space left on device" in rollout.journal(2), 60)
    assert rollout.token() == "free" and rollout.in_standby() == [] and rollout.insertions(2) == 0
    lab.on(2, "rm /var/lib/pcmk-kpatch/full; mount -o remount,size=4m /var/lib/pcmk-kpatch")
    lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free", 180)
    lab.on(2, "systemctl stop pcmk-kpatch-run 2>/dev/null; umount /var/lib/pcmk-kpatch")


def test_tools_that_hang_or_talk_nonsense_are_waited_out(rollout):
    lab = rollout.lab
    real = "/usr/sbin/crm_mon"
    lab.on(2, f"""cp {real} /root/crm_mon.real
        printf '#!/bin/bash\\nif [ -e /run/half ]; then /root/crm_mon.real "$@" | head -c 900; else exit 1; fi\\n' > /root/crm_mon.bad
        chmod 755 /root/crm_mon.bad; touch /run/half; mount --bind /root/crm_mon.bad {real}""")
    try:
        only_on(rollout, 2)
        lab.wait_until("half a document is refused", lambda: "does not parse" in rollout.journal(2), 60)
        lab.on(2, "rm /run/half")
        lab.wait_until("a failing tool is named", lambda: "crm_mon -1 --output-as=xml --inactive: exit code 1" in rollout.journal(2), 60)
        assert rollout.token() == "free" and rollout.in_standby() == [] and rollout.insertions(2) == 0
    finally:
        lab.on(2, f"umount {real}")
    lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free", 180)


def test_a_partitioned_node_is_fenced_and_its_run_halts(rollout):
    lab = rollout.lab
    fences = len(lab.fences())
    lab.kernel(3, transition="20", kpatch__wait="30")
    only_on(rollout, 3)
    rollout.wait_phase(3, "load")
    with Observer(rollout) as observer:
        lab.cut(3)
        try:
            lab.wait_until("the others fenced it", lambda: len(lab.fences()) > fences, 120)
        finally:
            lab.mend(3)
        token = rollout.wait_token("halted", 240)
    assert "node=node3" in token and "went%20down" in token
    assert observer.violations == []
    assert {f["target"] for f in lab.fences()[fences:]} == {"node3"}


def test_a_journal_that_cannot_be_trusted_is_shown(rollout):
    lab = rollout.lab

    def shown():
        # In one go, and again: the agent's next look, every five seconds, has it put aside.
        said = lab.on(1, "echo garbage > /var/lib/pcmk-kpatch/run.journal; pcmk-kpatch status --json", check=False).stdout
        return "damaged" in (json.loads(said)["journal_damaged"] or "")

    lab.wait_until("status shows it", shown, 60)
    # The agent's next look has a worker put it aside: nothing of ours is in the cluster.
    lab.wait_until("it is put aside", lambda: not lab.on(1, "test -e /var/lib/pcmk-kpatch/run.journal", check=False).ok, 60)
