"""How a node is drained, on a real cluster: not at all, and by its health. By standby is what every other file is about."""

import json
import re

import pytest

from rollout import Observer

MARK = "#health-pcmk-kpatch"


@pytest.fixture
def drain(rollout):
    """Sets the parameter; afterwards all is as before, and every node patched."""
    yield lambda how: rollout.change(drain=how)
    rollout.change(drain="")
    rollout.heal()


@pytest.fixture
def by_health(rollout):
    """A cluster that drains unhealthy nodes and leaves the agent there."""
    lab = rollout.lab
    if lab.on(1, ["cibadmin", "--query"]).stdout.split("crm_feature_set=\"3.", 1)[1].split(".", 1)[0] < "15":
        pytest.skip("Pacemaker is older than 2.1.3 here")
    lab.on(1, "pcs property set node-health-strategy=migrate-on-red && pcs resource meta kpatch-clone allow-unhealthy-nodes=true", timeout=120)
    lab.wait_until("the cluster is idle", lab.idle)
    yield
    lab.on(1, "pcs property set node-health-strategy= && pcs resource meta kpatch-clone allow-unhealthy-nodes=", timeout=120)
    lab.wait_until("the cluster is idle", lab.idle)


def history(rollout, only: str = "") -> set:
    """Every start, stop, promotion, demotion and migration that the cluster remembers: its node, its name and its number there."""
    cib = rollout.lab.on(1, ["cibadmin", "--query", "--scope", "status"]).stdout
    done = set()
    for node, state in re.findall(r'<node_state [^>]*uname="([^"]*)"(.*?)</node_state>', cib, re.S):
        for operation in re.findall(r"<lrm_rsc_op ([^>]*)>", state):
            key, call = (re.search(rf' {name}="([^"]*)"', " " + operation).group(1) for name in ("operation_key", "call-id"))
            if "_monitor_" not in key and key.startswith(only):
                done.add((node, key, call))
    return done


def active_on(rollout, index: int) -> set:
    return {r.get("id").split(":")[0] for r in rollout.lab.crm_mon().iter("resource") for n in r.findall("node") if n.get("name") == f"node{index}"}


def marks(rollout) -> bool:
    return MARK in rollout.lab.on(1, ["cibadmin", "--query", "--scope", "status"]).stdout


def test_where_nothing_is_drained_a_rollout_moves_nothing(rollout, drain):
    lab = rollout.lab
    drain("none")
    lab.wait_until("the cluster is idle", lab.idle)
    before, fences = history(rollout), len(lab.fences())
    with Observer(rollout) as observer:
        rollout.install_patch()
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"], "each node had the token once"
    assert [rollout.insertions(i) for i in rollout.nodes] == [1, 1, 1]
    assert history(rollout) == before, "no resource was started, stopped, promoted, demoted or migrated"
    assert len(lab.fences()) == fences
    for index in rollout.nodes:
        assert "standby" not in rollout.journal(index).split(rollout.module.name)[-1]


def test_a_node_drained_by_its_health_keeps_the_agent_and_gets_its_resources_back(rollout, by_health, drain):
    lab = rollout.lab
    drain("health")
    lab.wait_until("the cluster is idle", lab.idle)
    before, agents = rollout.active(), history(rollout, "kpatch_")
    lab.kernel(2, load="slow:4")
    with Observer(rollout) as observer:
        rollout.install_patch()
        rollout.wait_phase(2, "load")
        lab.wait_until("the load is under way", lambda: rollout.insertions(2) == 1, interval=0.1)
        assert active_on(rollout, 2) == {"kpatch"}
        assert rollout.in_standby() == []
        assert next(n["unhealthy"] for n in rollout.status(1)["nodes"] if n["name"] == "node2")
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == ["node1", "node2", "node3"], "each node had the token once"
    lab.wait_until("everything is active as before", lambda: rollout.active() == before)
    assert history(rollout, "kpatch_") == agents, "the agent was neither stopped nor started"
    assert not marks(rollout)


def test_a_node_fenced_while_it_is_marked_comes_back_without_the_mark(rollout, by_health, drain):
    lab = rollout.lab
    drain("health")
    fences = len(lab.fences())
    lab.kernel(2, load="panic")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[2])
        token = rollout.wait_token("halted", timeout=300)
        lab.wait_until("it is back", lambda: lab.online(2), 180)
    assert observer.violations == []
    assert "node=node2" in token and "went%20down%20in%20phase%20load" in token
    assert {f["target"] for f in lab.fences()[fences:]} == {"node2"}, "fenced once, and nobody else"
    lab.wait_until("its agent is back", lambda: "kpatch" in active_on(rollout, 2))
    assert not marks(rollout)


def test_a_drain_by_health_is_refused_where_no_strategy_is_set(rollout, drain):
    lab = rollout.lab
    drain("health")
    rollout.install_patch()
    lab.wait_until("a run is refused", lambda: any("drain.health-strategy" in rollout.journal(i)[-3000:] for i in rollout.nodes), 120)
    assert not any(rollout.patched(i) for i in rollout.nodes) and not marks(rollout) and rollout.in_standby() == []
    shown = lab.on(1, ["pcmk-kpatch", "plan", "--json"], check=False, timeout=120)
    assert shown.exit_code == 1
    assert "pcs property set node-health-strategy=migrate-on-red" in json.dumps(json.loads(shown.stdout)["refused"])
