"""patch=package: real dnf and rpm in the nodes, a repository, and packages whose scriptlets would load the patch at once."""

import re

import pytest

from packages import KERNEL, Repository
from rollout import Observer


@pytest.fixture(scope="module")
def repository(rollout):
    """The agents take their patch from packages; the repository is empty."""
    lab = rollout.lab
    repository = Repository(lab)
    repository.prepare()
    repository.offer_other("something-else")
    try:
        set_patch(rollout, "package")
        yield repository
    finally:
        for index in rollout.nodes:
            lab.kernel_reset(index)
        set_patch(rollout, "")
        repository.undo()
        rollout.install_patch()
        rollout.heal()


def set_patch(rollout, value):
    """A changed parameter restarts the agents, and those look at once."""
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "update", "kpatch", f"patch={value}"])
    lab.wait_until("the agents know it", lambda: all(
        f"patch={value or 'installed'}\n" in lab.on(i, ["cat", "/run/pcmk-kpatch/wanted"], check=False).stdout for i in rollout.nodes))
    lab.wait_until("the agent is started everywhere", lambda: rollout.agents() == 3)


def look(rollout):
    """What an hour would do: the last look is old, so the next monitor has the worker look. One that looks just now has seen the repository
    as it was before, and says so when it ends."""
    for index in rollout.nodes:
        rollout.lab.wait_until(f"nobody looks on node{index}", lambda index=index: not rollout.lab.on(
            index, ["systemctl", "is-active", "--quiet", "pcmk-kpatch-run.service"], check=False).ok)
        rollout.lab.on(index, "rm -f /run/pcmk-kpatch/package")


def test_a_package_goes_through_the_whole_cluster_and_its_scriptlets_never_run(rollout, repository):
    lab = rollout.lab
    before = rollout.active()
    with Observer(rollout) as observer:
        number = rollout.next_number()
        rollout.module = repository.offer(number)
        look(rollout)
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"], "each node had the token once"
    for index in rollout.nodes:
        assert repository.installed(index) == [f"kpatch-patch-5_14_0-362_8_1-1-{number}.el9_3.x86_64"]
        assert repository.scriptlets(index) == ""
        assert rollout.insertions(index) == 1
        # Backwards: runs before this one loaded, too, and installed nothing.
        phases = re.findall(r"node\d: (\w+)", rollout.journal(index))[::-1]
        assert phases.index("load") < phases.index("install") < phases.index("drain"), "installed on the drained node"
    lab.wait_until("everything is active as before", lambda: rollout.active() == before)
    assert all(rollout.monitor_result(i) == 0 for i in rollout.nodes)


def test_one_that_would_bring_another_package_along_is_refused_before_any_standby(rollout, repository):
    lab = rollout.lab
    good = rollout.module
    repository.offer_other("patch-tools")
    bad = repository.offer(rollout.next_number(), more="Requires: patch-tools")
    held = [repository.installed(i) for i in rollout.nodes]
    with Observer(rollout) as observer:
        look(rollout)
        lab.wait_until("a person is asked", lambda: all(rollout.monitor_result(i) == 190 for i in rollout.nodes), 120)
    assert "would not be installed alone: installing dependencies patch-tools" in lab.on(1, ["cat", "/run/pcmk-kpatch/attention"]).stdout
    assert observer.holders == [] and observer.violations == [] and rollout.token() == "free"
    assert rollout.in_standby() == []
    assert [repository.installed(i) for i in rollout.nodes] == held
    repository.take_back(bad)
    rollout.module = good
    lab.on(1, ["pcs", "resource", "restart", "kpatch-clone"], timeout=180)
    lab.wait_until("nobody is asked for any more", lambda: all(rollout.monitor_result(i) == 0 for i in rollout.nodes), 120)


def test_a_dnf_that_somebody_has_locked_is_waited_for_and_named(rollout, repository):
    lab = rollout.lab
    for index in rollout.nodes:
        # dnf's own way: a file with the process's number, good for as long as that process lives.
        lab.on(index, "systemd-run --unit=holder sleep 600; systemctl show --property=MainPID --value holder | tr -d '\\n' >/var/lib/dnf/rpmdb_lock.pid")
    rollout.module = repository.offer(rollout.next_number())
    look(rollout)
    first = int(lab.wait_until("a node has the token", lambda: re.match(r"held node=node(\d)", rollout.token()), 120)[1])
    rollout.wait_phase(first, "install")
    lab.wait_until("it says who has the lock", lambda: "locked by sleep (process " in rollout.journal(first), 60)
    assert not rollout.patched(first) and rollout.in_standby() == [f"node{first}"]
    for index in rollout.nodes:
        lab.on(index, "systemctl stop holder")
    rollout.wait_done()
    assert all(repository.scriptlets(i) == "" for i in rollout.nodes)
    assert all(KERNEL in " ".join(lab.kernel_calls(i, "insmod")[-1]["argv"]) for i in rollout.nodes)
