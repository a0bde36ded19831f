"""A holder that is gone is released by a person, and a worker that hangs is told: on real nodes."""

import re

import pytest

from nodelab import Lab
from rollout import Rollout


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.lab.on(1, ["pcs", "property", "set", "stonith-action=reboot"], check=False, timeout=120)
    rollout.heal()


def verb(lab: Lab, index: int, *words: str):
    return lab.on(index, ["pcmk-kpatch", *words], check=False)


def begin_a_long_load(rollout: Rollout, index: int, seconds: int) -> None:
    """A run of that node alone, which stays in the load for that long."""
    rollout.lab.kernel(index, transition=seconds, kpatch__wait=seconds + 10)
    rollout.install_patch(nodes=[index])
    rollout.wait_phase(index, "load")


def test_the_token_of_a_node_that_stays_down_is_released_and_the_node_comes_back_later(rollout):
    lab = rollout.lab
    # It may be fenced as often as the cluster likes: its power stays off.
    lab.on(1, ["pcs", "property", "set", "stonith-action=off"], timeout=120)
    begin_a_long_load(rollout, 3, 300)
    refused = verb(lab, 1, "release")
    assert refused.exit_code == 1 and "node3 is in the cluster" in refused.stderr
    refused = verb(lab, 1, "release", "--confirm", "node3")
    assert refused.exit_code == 1 and "node3 is in the cluster" in refused.stderr

    lab.crash(3)
    lab.wait_until("node3 is down and clean", lambda: any(
        n.get("name") == "node3" and n.get("online") == "false" and n.get("unclean") == "false" for n in lab.crm_mon().findall("nodes/node")), 120)
    status = rollout.status()
    assert "node3 went down in its run" in status["summary"] and "pcmk-kpatch release" in status["what_to_do"], status
    assert rollout.token().startswith("held node=node3")

    released = verb(lab, 1, "release")
    assert released.exit_code == 0, released.stderr
    assert rollout.token().startswith("halted node=node3") and "released%20by%20root%20on%20node1" in rollout.token()
    status = rollout.status()
    assert "halted, and node3 is down" in status["summary"] and "pcs cluster node remove node3 --skip-offline" in status["what_to_do"], status
    again = verb(lab, 2, "release")
    assert again.exit_code == 1 and "the rollout is halted" in again.stderr

    # It comes back after all.
    halted = rollout.token()
    lab.boot(3)
    lab.wait_until("node3 has put its run in order", lambda: lab.online(3) and not lab.on(3, "test -e /var/lib/pcmk-kpatch/run.journal", check=False).ok, 240)
    last = lab.on(3, ["cat", "/var/lib/pcmk-kpatch/last.json"]).stdout
    assert '"TakenAway"' in last and "the token was taken away from its run" in last, last
    assert rollout.token() == halted, "the token is no longer its to change"
    assert rollout.in_standby() == []
    assert "quarantined here" in last


def stop_worker(lab: Lab, index: int) -> str:
    """Stops the worker of that node, with its sign of life overdue: the wait for it would be that of the loader's deadline."""
    pid = lab.on(index, ["systemctl", "show", "-p", "MainPID", "--value", "pcmk-kpatch-run"]).stdout.strip()
    lab.on(index, ["kill", "-STOP", pid])
    lab.on(index, "touch -d @$(( $(cut -d. -f1 /proc/uptime) - 5 )) /run/pcmk-kpatch/lock")
    return pid


def test_a_worker_that_is_stopped_is_told_and_goes_on_as_status_says(rollout):
    lab = rollout.lab
    begin_a_long_load(rollout, 2, 60)
    rollout.install_patch(nodes=[1])
    rollout.wait_phase(1, "acquire")
    assert rollout.monitor_result(1) == 0
    # The one waits for its turn, with its agent started; the other one is in the load, where the agent is stopped by the standby.
    pids = {index: stop_worker(lab, index) for index in (1, 2)}
    assert rollout.monitor_result(1) == 190
    for index, pid in pids.items():
        status = rollout.status(index)
        assert re.search(rf"node{index}: the worker is stopped: its sign of life is \d+ s late", status["summary"]), status
        assert status["what_to_do"] == f"let it go on: kill -CONT {pid}"
    for index, pid in pids.items():
        lab.on(index, ["kill", "-CONT", pid])
    lab.wait_until("the runs ended", lambda: rollout.patched(1) and rollout.token() == "free", 240)
    assert rollout.monitor_result(1) == 0


def test_the_worker_is_confined_and_can_do_its_work(rollout):
    lab = rollout.lab
    begin_a_long_load(rollout, 1, 20)
    shown = lab.on(1, ["systemctl", "show", "pcmk-kpatch-run", "-p",
                       "NoNewPrivileges,RestrictRealtime,LockPersonality,SystemCallArchitectures,RestrictAddressFamilies,CapabilityBoundingSet"]).stdout
    for word in ("NoNewPrivileges=yes", "RestrictRealtime=yes", "LockPersonality=yes", "SystemCallArchitectures=native", "AF_NETLINK", "cap_sys_module"):
        assert word in shown, shown
    assert "cap_sys_time" not in shown, shown
    # No mounts of its own: what a resource unmounts is unmounted in there too.
    pid = lab.on(1, ["systemctl", "show", "-p", "MainPID", "--value", "pcmk-kpatch-run"]).stdout.strip()
    assert lab.on(1, f"readlink /proc/{pid}/ns/mnt").stdout == lab.on(1, "readlink /proc/1/ns/mnt").stdout
    lab.wait_until("the run ended", lambda: rollout.patched(1) and rollout.token() == "free", 180)
