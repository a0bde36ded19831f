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


def begin_a_long_load(rollout: Rollout, index: int) -> None:
    """A run of that node alone, which is in the load for as long as it takes to cut its power."""
    rollout.lab.kernel(index, transition="20", kpatch__wait="30")
    rollout.install_patch(nodes=[index])
    rollout.wait_phase(index, "load")


def test_the_token_of_a_node_that_stays_down_is_released_and_the_node_comes_back_later(rollout):
    lab = rollout.lab
    begin_a_long_load(rollout, 3)
    # It may be fenced as often as the cluster likes: its power stays off.
    lab.on(1, ["pcs", "property", "set", "stonith-action=off"], timeout=120)
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
    assert "halted, and node3 is down" in status["summary"] and "pcs cluster node remove node3" in status["what_to_do"], status
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


def test_a_worker_that_is_stopped_is_told_and_goes_on_as_status_says(rollout):
    lab = rollout.lab
    begin_a_long_load(rollout, 2)
    pid = lab.on(2, ["systemctl", "show", "-p", "MainPID", "--value", "pcmk-kpatch-run"]).stdout.strip()
    lab.on(2, ["kill", "-STOP", pid])
    assert rollout.monitor_result(2) == 0, "it has time until its tool's deadline, and then some"
    # The wait would be that of the loader's deadline; so the sign that it gave is made older instead.
    lab.on(2, "touch -d @$(( $(cut -d. -f1 /proc/uptime) - 5 )) /run/pcmk-kpatch/lock")
    assert rollout.monitor_result(2) == 190
    status = rollout.status(2)
    assert re.search(r"node2: the worker is stopped: its sign of life is \d+ s late", status["summary"]), status
    assert status["what_to_do"] == f"let it go on: kill -CONT {pid}"
    lab.on(2, ["kill", "-CONT", pid])
    lab.wait_until("the run ended", lambda: rollout.patched(2) and rollout.token() == "free", 180)
    assert rollout.monitor_result(2) == 0


def test_the_worker_is_confined_and_can_do_its_work(rollout):
    lab = rollout.lab
    begin_a_long_load(rollout, 1)
    shown = lab.on(1, ["systemctl", "show", "pcmk-kpatch-run", "-p",
                       "NoNewPrivileges,RestrictRealtime,LockPersonality,SystemCallArchitectures,RestrictAddressFamilies,CapabilityBoundingSet"]).stdout
    for word in ("NoNewPrivileges=yes", "RestrictRealtime=yes", "LockPersonality=yes", "SystemCallArchitectures=native", "AF_NETLINK", "cap_sys_module"):
        assert word in shown, shown
    assert "cap_sys_time" not in shown, shown
    # No mounts of its own: what a resource unmounts is unmounted in there too.
    pid = lab.on(1, ["systemctl", "show", "-p", "MainPID", "--value", "pcmk-kpatch-run"]).stdout.strip()
    assert lab.on(1, f"readlink /proc/{pid}/ns/mnt").stdout == lab.on(1, "readlink /proc/1/ns/mnt").stdout
    lab.wait_until("the run ended", lambda: rollout.patched(1) and rollout.token() == "free", 180)
