"""A cluster with a remote node: it is listed everywhere with the reason why it is not patched, a rollout of the members goes on with its workload running, and
what a person types to patch it works."""

import json
import os
import re

import pytest

from nodelab import Lab
from rollout import Observer, Rollout

REMOTE = 3
NAME = f"node{REMOTE}"
WHY = "it is a remote node, which only a person patches"
EXECUTOR = "OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=kpatch PCMK_service=pacemaker-remoted /usr/lib/ocf/resource.d/pcmk/kpatch"


@pytest.fixture(scope="module")
def far():
    """Two members and a remote node, with the agent on all three and a resource that belongs on the remote node."""
    lab = Lab(f"{os.environ.get('PCMK_KPATCH_LAB_NAME') or 'pytest'}far"[-12:])
    lab.hold()
    try:
        lab.up(nodes=2, remotes=1, product=os.environ["PCMK_KPATCH_PRODUCT"], release=os.environ.get("PCMK_KPATCH_RELEASE") or "bookworm")
        operations = "op start timeout=90s op stop timeout=90s op monitor interval=30s timeout=90s"
        lab.on(1, f"pcs resource create desk ocf:pacemaker:Dummy {operations} && pcs constraint location desk prefers {NAME}=INFINITY", timeout=120)
        rollout = Rollout(lab)
        rollout.define(retry_delay="1s", soak="1s", probation="0s")
        lab.wait_until(f"desk runs on {NAME}", lambda: NAME in where(rollout, "desk") and lab.idle())
        yield rollout
    finally:
        if not os.environ.get("PCMK_KPATCH_LAB_KEEP"):
            lab.down()


def where(rollout, resource):
    return [n.get("name") for r in rollout.lab.crm_mon().iter("resource") if r.get("id") == resource for n in r.findall("node")]


def active_there(rollout):
    return [r.get("id") for r in rollout.lab.crm_mon().iter("resource") for n in r.findall("node") if n.get("name") == NAME]


def life(rollout, resource="desk"):
    """Another one whenever the resource is stopped and started."""
    return rollout.lab.on(REMOTE, f"stat -c '%i %W' /run/Dummy-{resource}.state").stdout


def remote_row(rollout):
    return next(n for n in rollout.status()["nodes"] if n["name"] == NAME)


def never_had_a_worker(rollout):
    return rollout.lab.on(REMOTE, "journalctl --no-pager -o cat -u pcmk-kpatch-run").stdout == "" \
        and not rollout.lab.on(REMOTE, "test -e /run/pcmk-kpatch/lock", check=False).ok


def test_status_and_plan_list_it_with_the_reason(far):
    lab = far.lab
    lab.wait_until("it has told what it runs", lambda: remote_row(far)["patch"] == "none", 60)
    row = remote_row(far)
    assert (row["not_patched"], row["online"], row["state"]) == (WHY, True, "idle")
    assert row["kernel"] == os.uname().release
    assert [n["not_patched"] for n in far.status()["nodes"] if n["name"] != NAME] == [None, None]
    shown = lab.on(1, ["pcmk-kpatch", "status"]).stdout
    assert re.search(rf"^  {NAME} +online +\S+ +none +not patched: {WHY}$", shown, re.M), shown
    plan = lab.on(2, ["pcmk-kpatch", "plan", "--json"], check=False, timeout=120)
    planned = {n["name"]: n["not_patched"] for n in json.loads(plan.stdout)["nodes"]}
    assert planned == {"node1": None, "node2": None, NAME: WHY}
    assert f"\n{NAME}: not patched: {WHY} (kernel {os.uname().release}, no patch in force)\n" in \
        lab.on(1, ["pcmk-kpatch", "plan"], check=False, timeout=120).stdout
    refused = lab.on(1, ["pcmk-kpatch", "hold", NAME], check=False)
    assert refused.exit_code == 1 and "node1, node2" in refused.stderr


def test_the_members_are_patched_and_its_workload_goes_on(far):
    lab = far.lab
    before, active, fences = life(far), far.active(), len(lab.fences())
    hosts = set()

    def done():
        hosts.update(where(far, NAME))
        return all(far.patched(i) for i in far.nodes) and far.token() == "free" and not far.in_standby()

    with Observer(far) as observer:
        far.install_patch()
        lab.wait_until("every member is patched", done, 300, interval=0.1)
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2"]
    assert hosts == {"node1", "node2"}, "the connection has left each drained member"
    assert [far.insertions(i) for i in (1, 2, REMOTE)] == [1, 1, 0]
    assert life(far) == before, "what runs on the remote node was not stopped"
    lab.wait_until("everything is active as before", lambda: far.active() == active)
    assert len(lab.fences()) == fences
    assert never_had_a_worker(far)


def test_it_says_that_a_patch_is_due_and_who_loads_it(far):
    lab = far.lab
    why = f"{far.module.name} is due, and no run loads it on a remote or guest node: a person does"
    status = lab.wait_until("its attribute says so", lambda: (s := far.status())["summary"] == f"{NAME}: {why}" and s, 60)
    assert "Remote nodes" in status["what_to_do"]
    assert lab.on(2, ["pcmk-kpatch", "status"], check=False).exit_code == 2
    answer = lab.on(REMOTE, f"{EXECUTOR} monitor", check=False)
    assert (answer.exit_code, answer.stderr) == (190, f"ocf-exit-reason:{why}\n")
    lab.wait_until("crm_mon shows it", lambda: any(
        f.get("node") == NAME and f.get("exitreason", "").startswith(why[:60]) for f in lab.crm_mon().findall("failures/failure")), 60)
    by_hand = lab.on(REMOTE, f"{EXECUTOR.replace('pacemaker-remoted', 'crm_resource')} start", check=False)
    assert by_hand.exit_code == 1 and "cluster.remote" in by_hand.stderr
    assert NAME not in far.in_standby() and never_had_a_worker(far)


def test_the_agent_leaves_it_where_it_is_told_to(far):
    lab = far.lab
    lab.on(1, ["pcs", "constraint", "location", "kpatch-clone", "avoids", NAME])
    lab.wait_until("the agent is stopped there", lambda: "kpatch" not in active_there(far) and lab.idle())
    assert lab.on(REMOTE, f"{EXECUTOR} monitor", check=False).exit_code == 7
    assert not [f for f in lab.crm_mon().findall("failures/failure") if f.get("node") == NAME and f.get("task") == "stop"]
    row = remote_row(far)
    assert (row["not_patched"], row["kernel"], row["patch"]) == (WHY, None, None)
    constraint = re.search(r"location-kpatch-clone-\S*INFINITY", lab.on(1, ["cibadmin", "--query", "--scope", "constraints"]).stdout).group(0).rstrip('"')
    lab.on(1, ["pcs", "constraint", "remove", constraint])
    lab.wait_until("the agent is started there again", lambda: "kpatch" in active_there(far))


def test_a_person_patches_it_as_the_manual_says(far):
    """The connection's host dies in the middle: what a person set survives that."""
    lab = far.lab
    lab.on(1, ["pcmk-kpatch", "hold", "--reason", f"{NAME} by hand"])
    assert far.status()["token"]["state"] == "free"
    lab.on(1, ["pcs", "node", "standby", NAME])
    lab.wait_until("it is drained", lambda: active_there(far) == [] and lab.idle())
    shown = lab.on(1, ["crm_mon", "-1n"]).stdout
    assert "ocf:" not in shown.split(f"Node {NAME}: standby")[1].split("\n\n")[0].split("Node ")[0], shown
    file = f"/usr/lib/kpatch/{os.uname().release}/{far.module.file_name}"
    lab.on(REMOTE, ["kpatch", "load", file])
    lost = lose_its_host(far)
    assert NAME in far.in_standby() and active_there(far) == []
    lab.wait_until("the lost member is back", lambda: lab.online(lost) and lab.idle(), 180)
    assert far.patched(REMOTE)
    lab.on(REMOTE, ["kpatch", "install", file])
    lab.on(1, ["pcs", "node", "unstandby", NAME])
    lab.wait_until("what belongs there is back", lambda: where(far, "desk") == [NAME] and lab.idle())
    lab.on(1, ["pcmk-kpatch", "hold", "--clear"])
    lab.wait_until("it tells its patch", lambda: remote_row(far)["patch"] == far.module.name, 60)
    # The member that was lost has lost its patch, too, and is patched again.
    far.wait_done()
    assert far.status()["what_to_do"] is None
    assert far.insertions(REMOTE) == 1 and never_had_a_worker(far)


def test_why_no_run_begins_on_it(far):
    """A run's standby is transient. Before Pacemaker 2.1.6 that of a remote node goes when the host of the connection to it dies: with a patch transition under
    way the resources would be back."""
    lab = far.lab
    release = lab.on(1, ["crm_mon", "--version"]).stdout.split()[1]
    boot = "systemctl show -p ActiveEnterTimestampMonotonic -p MainPID pacemaker_remote"
    was = lab.on(REMOTE, boot).stdout
    lab.on(1, ["crm_attribute", "-N", NAME, "-n", "standby", "-v", "on", "-l", "reboot"])
    lab.wait_until("it is drained", lambda: active_there(far) == [] and lab.idle())
    lost = lose_its_host(far)
    if tuple(int(n) for n in re.findall(r"\d+", release)[:3]) < (2, 1, 6):
        lab.wait_until("resources are back on it", lambda: where(far, "desk") == [NAME], 60)
        assert NAME not in far.in_standby()
    else:
        assert NAME in far.in_standby() and active_there(far) == []
    lab.on(lost % 2 + 1, ["crm_attribute", "-N", NAME, "-n", "standby", "-l", "reboot", "-D"])
    assert lab.on(REMOTE, boot).stdout == was, "nothing has happened to the remote node itself"
    # Where its standby is gone, what it had published is, too; the probe that follows has it told again.
    lab.wait_until("it has told what it runs", lambda: remote_row(far)["patch"] == far.module.name, 120)
    lab.wait_until("the lost member is back", lambda: lab.online(lost), 180)
    far.wait_done()


def lose_its_host(far):
    """The member that has the connection loses its power; returns its number when the other one has the connection."""
    lab = far.lab
    lost = int(where(far, NAME)[0][4:])
    lab.crash(lost)
    other = f"node{lost % 2 + 1}"
    lab.wait_until("the connection is on the other member", lambda: where(far, NAME) == [other] and any(
        r.get("id") == NAME and r.get("role") == "Started" for r in lab.crm_mon().iter("resource")), 120)
    lab.wait_until("the cluster knows the remote node again", lambda: lab.online(REMOTE), 60)
    return lost
