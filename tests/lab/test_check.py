"""Readiness, on a real cluster: a healthy one has no errors, and what is wrong is mended by the command that is told."""

import json


def check(rollout, index: int = 1) -> tuple:
    """Exit code and findings, by their names."""
    shown = rollout.lab.on(index, ["pcmk-kpatch", "check", "--json"], check=False, timeout=180)
    assert shown.exit_code in (0, 1, 2), shown.stderr
    report = json.loads(shown.stdout)
    assert shown.exit_code == {"ready": 0, "errors": 1, "warnings": 2}[report["outcome"]]
    return shown.exit_code, {finding["id"]: finding for finding in report["findings"]}


def errors(findings: dict) -> list:
    return [finding for finding in findings.values() if finding["severity"] == "error"]


def mend(rollout, finding: dict) -> None:
    """Types the command as it is told."""
    rollout.lab.on(1, finding["command"], timeout=120)
    rollout.lab.wait_until("the cluster is idle", rollout.lab.idle)


def test_a_healthy_cluster_has_no_errors(rollout):
    rollout.lab.wait_until("every node says its version", lambda: "fleet.product-unknown" not in check(rollout)[1], 60)
    for index in rollout.nodes:
        assert errors(check(rollout, index)[1]) == []


def test_nothing_is_changed(rollout):
    before = rollout.lab.on(1, ["cibadmin", "--query", "--scope", "configuration"]).stdout
    check(rollout)
    assert rollout.lab.on(1, ["cibadmin", "--query", "--scope", "configuration"]).stdout == before


def test_every_node_publishes_the_products_version(rollout):
    shown = json.loads(rollout.lab.on(1, ["pcmk-kpatch", "check", "--json"], check=False, timeout=180).stdout)
    assert {node["version"] for node in shown["nodes"]} == {shown["version"]}
    assert shown["ask_also_on"] == ["node2", "node3"]


def test_a_misdefined_agent_is_mended_by_what_is_told(rollout):
    # No clone that is globally unique for a while: over the histories that it leaves, crm_mon 2.1.5 crashes now and then, also when they were refreshed.
    lab = rollout.lab
    lab.on(1, "pcs resource update kpatch op monitor interval=1h timeout=60s", timeout=120)
    try:
        lab.wait_until("the cluster is idle", lab.idle)
        findings = check(rollout)[1]
        assert findings["agent.interval"]["severity"] == "warning"
        mend(rollout, findings["agent.interval"])
        assert "agent.interval" not in check(rollout)[1]
    finally:
        lab.on(1, "pcs resource update kpatch op monitor interval=5s timeout=60s", timeout=120)
        lab.wait_until("the agent is started everywhere again", lambda: lab.idle() and rollout.agents(busy=True) == len(rollout.nodes), 120)
