"""A cluster of several releases, as every one is while it is upgraded node by node: PCMK_KPATCH_RELEASE names one for each node."""

import json
import xml.etree.ElementTree as ET

import pytest

from nodelab.rootfs import RELEASES
from rollout import Observer


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.heal()


def releases(lab):
    """The release of each node, by its index."""
    return dict(enumerate(lab.status()["releases"], 1))


def oldest(lab):
    """The nodes of the oldest release."""
    of = releases(lab)
    first = min(of.values(), key=RELEASES.index)
    return [index for index, release in of.items() if release == first]


def newest(lab):
    of = releases(lab)
    return max(of, key=lambda index: RELEASES.index(of[index]))


def dc(lab, index=1):
    return lab.on(index, ["crmadmin", "--dc_lookup"]).stdout.split()[-1]


def plan(lab, asked, node):
    shown = lab.on(asked, ["pcmk-kpatch", "plan", "--json", "--node", f"node{node}"], check=False, timeout=120)
    assert shown.exit_code in (0, 1, 2), shown.stderr
    return next(n for n in json.loads(shown.stdout)["nodes"] if n["name"] == f"node{node}")


def test_the_lab_is_a_mixture(lab):
    assert len(set(releases(lab).values())) > 1, "PCMK_KPATCH_RELEASE names one release for each node, with commas between them"


def test_the_dc_is_of_the_oldest_release(lab):
    for index in releases(lab):
        assert dc(lab, index) in [f"node{i}" for i in oldest(lab)]


def test_every_node_tells_the_same_state(rollout):
    lab = rollout.lab
    reports = [rollout.status(index) for index in rollout.nodes]
    for report in reports:
        assert report["token"]["state"] == "free" and report["quorum"] and report["dc"] == reports[0]["dc"]
        assert {n["name"]: n["patch"] for n in report["nodes"]} == {f"node{i}": rollout.module.name for i in rollout.nodes}
        assert any("version" in json.dumps(drift) for drift in report["drifts"]), report["drifts"]
    for index in rollout.nodes:
        assert "Differs" in lab.on(index, ["pcmk-kpatch", "status"]).stdout


def test_every_node_forecasts_the_same_drains_and_deaths(rollout):
    lab = rollout.lab
    lab.wait_until("the cluster is idle", lab.idle)
    for node in rollout.nodes:
        plans = [plan(lab, asked, node) for asked in rollout.nodes]
        for one in plans:
            assert one["drain"] is not None and one["death"] is not None, one
            # Where what moves lands may be another node: each forecast is that of its own release's scheduler.
            for what in ("drain", "death"):
                assert_same_resources(one[what], plans[0][what])


def assert_same_resources(one, other):
    def names(forecast):
        return {key: sorted(v["resource"] if isinstance(v, dict) else v for v in value) for key, value in forecast.items() if isinstance(value, list)}
    assert names(one) == names(other)


def test_the_last_node_of_the_oldest_release_is_told(rollout):
    lab = rollout.lab
    alone = oldest(lab)
    for asked in rollout.nodes:
        for node in rollout.nodes:
            told = "fleet.oldest-alone" in json.dumps(plan(lab, asked, node)["warnings"])
            assert told == (alone == [node]), f"node{asked} of node{node}"


def test_each_release_reads_what_another_one_wrote(rollout):
    lab = rollout.lab
    lab.wait_until("the cluster is idle", lab.idle)
    seen = {}
    for writer in rollout.nodes:
        cib = lab.on(writer, ["cibadmin", "--query"]).stdout
        for reader in rollout.nodes:
            (lab.disk(reader) / "root/other.xml").write_text(cib)
            shown = lab.on(reader, "CIB_file=/root/other.xml crm_mon -1 --output-as=xml --inactive").stdout
            mon = ET.fromstring(shown)
            active = sorted((r.get("id"), n.get("name")) for r in mon.iter("resource") if r.get("active") == "true" for n in r.findall("node"))
            nodes = sorted((n.get("name"), n.get("online"), n.get("unclean")) for n in mon.findall("nodes/node"))
            seen[writer, reader] = (nodes, active)
            lab.on(reader, "crm_simulate --quiet --xml-file /root/other.xml --save-output /root/out.xml --save-graph /root/graph.xml")
            graph = ET.parse(lab.disk(reader) / "root/graph.xml")
            to_do = [a.get("operation") for s in graph.iter("action_set") for a in s if a.get("operation") != "monitor" or a.get("on_node")]
            assert to_do == [], f"node{reader} would do something in the cluster of node{writer}"
    for pair, what in seen.items():
        assert what == seen[1, 1], f"written and read by {pair}"
    assert [node[1:] for node in seen[1, 1][0]] == [("true", "false")] * len(rollout.nodes)


def test_a_patch_goes_through_the_whole_cluster(rollout):
    lab = rollout.lab
    before, fences = rollout.active(), len(lab.fences())
    with Observer(rollout) as observer:
        rollout.install_patch()
        rollout.wait_done()
    assert observer.violations == []
    assert sorted(observer.holders) == [f"node{i}" for i in rollout.nodes], "each node had the token once"
    assert [rollout.insertions(i) for i in rollout.nodes] == [1] * len(rollout.nodes)
    lab.wait_until("everything is active as before", lambda: rollout.active() == before)
    assert len(lab.fences()) == fences, "nobody was fenced"


def test_a_new_node_that_loses_its_power_in_the_load_comes_back(rollout):
    lab = rollout.lab
    index = newest(lab)
    lab.kernel(index, load="slow:20")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[index])
        rollout.wait_phase(index, "load")
        lab.wait_until("the load is under way", lambda: rollout.insertions(index) == 1, interval=0.1)
        lab.crash(index)
        assert f"node=node{index}" in rollout.wait_token("halted", 240)
        lab.wait_until("it is back", lambda: lab.online(index), 240)
    assert observer.violations == []
    assert rollout.module.name in lab.on(index, ["pcmk-kpatch", "quarantine"]).stdout


def test_the_dc_may_leave_in_a_run(rollout):
    """In good order, as for its own upgrade. Where it was the last one of the oldest release those that are left do not let it join again."""
    lab = rollout.lab
    was, index = int(dc(lab)[4:]), newest(lab)
    others = [i for i in rollout.nodes if i != was]
    lab.kernel(index, load="slow:20")
    with Observer(rollout) as observer:
        rollout.install_patch(nodes=[index])
        rollout.wait_phase(index, "load")
        lab.on(was, ["systemctl", "stop", "pacemaker", "corosync"], timeout=120)
        lab.wait_until("there is another DC", lambda: dc(lab, others[0]) in [f"node{i}" for i in others], 120)
        lab.on(was, ["systemctl", "start", "corosync", "pacemaker"], timeout=120)
        if len(oldest(lab)) > 1:
            lab.wait_until("it is back", lambda: lab.online(was), 120)
        else:
            come_back_as_the_first(lab, was, others)
        lab.wait_until("the run ended", lambda: rollout.token().split()[0] in ("free", "halted") and not rollout.in_standby(), 240)
    assert observer.violations == []


def come_back_as_the_first(lab, was, others):
    """It is refused, and its Pacemaker ends for good. Before its upgrade there is one way back: where no other one is there, it is the DC again."""
    lab.wait_until("it is refused", lambda: "incompatible" in lab.on(was, ["journalctl", "-b", "--no-pager", "-u", "pacemaker"]).stdout, 120)
    lab.wait_until("its Pacemaker has ended", lambda: not lab.on(was, ["systemctl", "is-active", "pacemaker"], check=False).ok, 120)
    assert not lab.online(was)
    for index in others:
        lab.on(index, ["systemctl", "stop", "pacemaker"], timeout=240)
    for index in (was, *others):
        lab.on(index, ["systemctl", "start", "corosync", "pacemaker"], timeout=120)
    lab.wait_until("all are there", lambda: all(lab.online(index) for index in (was, *others)), 180)
    assert dc(lab, was) == f"node{was}"
