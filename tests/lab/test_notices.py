"""People are told what happens: systemd's journal, a program of the administrator's, Pacemaker's alerts; and an archive for a support case."""

import json

import pytest

TELL = "/usr/local/sbin/tell"
TOLD = "/var/log/told"
RUN = ["run-began", "node-drained", "patch-in-force", "node-patched"]
SECRET = "hunter2-of-the-lab"


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.change(notify="")
    rollout.heal()


def program(rollout, script: str) -> None:
    """Puts the administrator's program on every node, and has the agent run it."""
    for index in rollout.nodes:
        rollout.lab.on(index, f"rm -f {TOLD}* && cat >{TELL} && chmod 755 {TELL}", stdin=f"#!/bin/sh\n{script}\n")
    rollout.change(notify=TELL)


def told(rollout, index: int) -> list:
    return rollout.lab.on(index, f"sort -s -k1,1 {TOLD} 2>/dev/null | cut -d' ' -f2", check=False).stdout.split()


def entries(rollout, index: int, *match: str) -> list:
    lines = rollout.lab.on(index, ["journalctl", "-b", "--no-pager", "-q", "-o", "json", "-u", "pcmk-kpatch-*", *match]).stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_a_rollout_is_told_to_the_journal_and_to_a_program_of_the_administrators(rollout):
    lab = rollout.lab
    program(rollout, f'echo "$(date +%s%N) $PCMK_KPATCH_EVENT" >>{TOLD}; env >{TOLD}-env; readlink /proc/self/fd/0 >{TOLD}-input')
    for index in rollout.nodes:
        lab.on(index, ["journalctl", "--update-catalog"])
    rollout.install_patch()
    rollout.wait_done()

    last = lab.wait_until("a node tells that it was the last one", lambda: [i for i in rollout.nodes if "fleet-patched" in told(rollout, i)], 60)
    assert len(last) == 1
    for index in rollout.nodes:
        expected = RUN + (["fleet-patched"] if index in last else [])
        lab.wait_until(f"all is told on node{index}", lambda i=index, e=expected: sorted(told(rollout, i)) == sorted(e), 60)
        run = lab.on(index, ["cat", "/var/lib/pcmk-kpatch/last.json"]).stdout
        found = entries(rollout, index, f"PCMK_KPATCH_PATCH={rollout.module.name}")
        assert [e["PCMK_KPATCH_EVENT"] for e in found] == expected
        assert {(e["PCMK_KPATCH_NODE"], e["SYSLOG_IDENTIFIER"]) for e in found} == {(f"node{index}", "pcmk-kpatch")}
        assert all(f'"{e["PCMK_KPATCH_RUN"]}"' in run for e in found)
        ended = [line for line in rollout.journal(index).splitlines() if f"the run ended: Patched: {rollout.module.name}" in line]
        assert len(ended) == 1, "each line once"
        explained = lab.on(index, ["journalctl", "-b", "-x", "--no-pager", "-u", "pcmk-kpatch-*", f"PCMK_KPATCH_RUN={found[0]['PCMK_KPATCH_RUN']}"]).stdout
        assert f"Subject: node{index} is patched and home" in explained
        about = dict(line.split("=", 1) for line in lab.on(index, ["cat", f"{TOLD}-env"]).stdout.splitlines() if "=" in line)
        assert about["PCMK_KPATCH_NODE"] == f"node{index}" and about["LC_ALL"] == "C"
        assert not [name for name in about if name.startswith(("OCF_", "PCMK_")) and not name.startswith("PCMK_KPATCH_")]
        assert lab.on(index, ["cat", f"{TOLD}-input"]).stdout.strip() == "/dev/null"


@pytest.mark.parametrize("script", [
    "trap '' TERM; echo begun >>/var/log/told; sleep 1000 & sleep 1001; sleep 1002", "echo begun >>/var/log/told; exit 3", None])
def test_a_program_that_hangs_fails_or_is_missing_hinders_nothing(rollout, script):
    lab = rollout.lab
    program(rollout, script or "true")
    if script is None:
        for index in rollout.nodes:
            lab.on(index, f"rm {TELL}")
    rollout.install_patch()
    rollout.wait_done()
    for index in rollout.nodes:
        if script is not None:
            lab.wait_until("it was run for every event", lambda i=index: lab.on(i, f"wc -l <{TOLD}", check=False).stdout.strip() in ("4", "5"), 60)
        lab.wait_until("nothing of it is left", lambda i=index: not lab.on(
            i, "systemctl list-units --all --no-legend 'pcmk-kpatch-notify-*'; pgrep -f '^sleep 100[0-2]$'", check=False).stdout.strip(), 120)
        said = rollout.journal(index)
        assert (f"notify: {TELL} not run" if script is None else "Failed with result 'timeout'" if "sleep" in script else "status=3") in said, said


def test_a_halt_is_told_by_its_own_node_and_what_a_person_does_about_it_too(rollout):
    lab = rollout.lab
    program(rollout, f'echo "$(date +%s%N) $PCMK_KPATCH_EVENT $PCMK_KPATCH_VERDICT $PCMK_KPATCH_BY" >>{TOLD}')
    for index in rollout.nodes:
        lab.kernel(index, load="EINVAL")
        lab.kpatch(index, False)
    try:
        rollout.install_patch()
        halted = int(rollout.wait_token("halted").split("node=node")[1][0])
        lab.wait_until("it is told", lambda: "rollout-halted loadrefused" in lab.on(halted, ["cat", TOLD]).stdout, 60)
        others = [i for i in rollout.nodes if i != halted]
        for index in others:
            lab.wait_until("the others wait for a person", lambda i=index: lab.on(i, "test -e /run/pcmk-kpatch/attention", check=False).ok)
            assert told(rollout, index) == []
        notice = entries(rollout, halted, "PCMK_KPATCH_EVENT=rollout-halted")[-1]
        assert notice["PRIORITY"] == "3" and "Invalid parameters" in notice["PCMK_KPATCH_WHY"]
    finally:
        for index in rollout.nodes:
            lab.kernel_reset(index)
            lab.kpatch(index, True)
    lab.on(others[0], "SUDO_USER=anna pcmk-kpatch resume")
    lab.wait_until("it is told who let it go on", lambda: "resumed  anna" in lab.on(others[0], ["cat", TOLD]).stdout, 60)
    rollout.wait_done()


def test_pacemakers_alerts_tell_what_a_node_does(rollout):
    lab = rollout.lab
    agent = 'echo "$CRM_alert_node $CRM_alert_attribute_name $CRM_alert_attribute_value" >>/tmp/alerts'
    for index in rollout.nodes:
        lab.on(index, "rm -f /tmp/alerts && cat >/usr/local/bin/alert && chmod 755 /usr/local/bin/alert", stdin=f"#!/bin/sh\n{agent}\n")
    # As docs/notices.md has it: pcs has no words for what an alert is to be about.
    lab.on(1, ["cibadmin", "--modify", "--allow-create", "--scope", "configuration", "--xml-text",
               '<alerts><alert id="kpatch-alert" path="/usr/local/bin/alert"><select><select_attributes>'
               '<attribute id="kpatch-alert-state" name="kpatch-state"/></select_attributes><select_fencing/></select></alert></alerts>'])
    assert "path=/usr/local/bin/alert" in lab.on(1, ["pcs", "alert", "config"]).stdout
    try:
        rollout.install_patch()
        rollout.wait_done()

        def alerts():
            return "".join(lab.on(i, "cat /tmp/alerts", check=False).stdout for i in rollout.nodes).splitlines()

        for index in rollout.nodes:
            for state in ("drain", "load", "confirm", "patched"):
                lab.wait_until(f"node{index} {state}", lambda i=index, s=state: any(line.startswith(f"node{i} kpatch-state {s}") for line in alerts()), 60)
        assert all(line.split()[1] == "kpatch-state" for line in alerts()), "of nothing else"
    finally:
        lab.on(1, ["pcs", "alert", "delete", "kpatch-alert"], timeout=120)


def test_an_archive_for_a_support_case_has_no_secrets_in_it_with_the_cluster_and_without(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "create", "guarded", "ocf:pacemaker:Dummy", f"passwd={SECRET}"], timeout=120)
    lab.on(1, ["cibadmin", "--modify", "--xml-text", '<primitive id="fencing"><instance_attributes id="fencing-instance_attributes">'
               f'<nvpair id="fencing-instance_attributes-passwd" name="passwd" value="{SECRET}"/></instance_attributes></primitive>'])
    lab.on(1, ["crm_attribute", "--node", "node2", "--name", "note", "--update", f"not-{SECRET}"])
    try:
        lab.wait_until("the cluster is idle", lab.idle)
        lab.on(1, f"systemd-run --wait --unit=pcmk-kpatch-lab echo the password is {SECRET}")
        collect(lab, 1, "cluster/cib.xml", "cluster/crm_mon.txt", "cluster/quorum.txt", "status.json", "check.json", "journal.txt", "notices.json",
                "kernel/livepatch.txt", "files/var/lib/pcmk-kpatch/last.json")
        assert lab.on(1, "grep -rl 'the password is' /tmp/case").stdout.split() == ["/tmp/case/case/journal.txt"], "what was masked was there"

        lab.on(3, ["systemctl", "stop", "pacemaker", "corosync"], timeout=120)
        manifest = collect(lab, 3, "cluster/cib-on-disk.xml", "journal.txt", "files/var/lib/pcmk-kpatch/last.json")
        assert "cluster/cib.xml: missing: cibadmin" in manifest and "status.json: missing" in manifest
    finally:
        lab.on(3, ["systemctl", "start", "corosync", "pacemaker"], timeout=120)
        lab.wait_until("node3 is back", lambda: lab.online(3), 120)
        lab.on(1, ["pcs", "resource", "delete", "guarded", "--force"], timeout=120)
        lab.on(1, ["crm_attribute", "--node", "node2", "--name", "note", "--delete"])
        lab.on(1, ["cibadmin", "--delete", "--xml-text", '<nvpair id="fencing-instance_attributes-passwd"/>'])
        lab.wait_until("the cluster is idle", lab.idle)


def collect(lab, index: int, *parts: str) -> str:
    """Collects on that node, and looks at what came of it. Returns what the archive says of itself."""
    lab.on(index, "rm -rf /root/case.tar.gz /tmp/case && mkdir /tmp/case && pcmk-kpatch collect --output /root/case.tar.gz && "
                  "tar -xzf /root/case.tar.gz -C /tmp/case", timeout=600)
    assert lab.on(index, ["stat", "-c", "%a %U", "/root/case.tar.gz"]).stdout.split() == ["600", "root"]
    assert not lab.on(index, ["grep", "-ral", SECRET, "/tmp/case"], check=False).stdout
    manifest = lab.on(index, ["cat", "/tmp/case/case/MANIFEST"]).stdout
    for part in parts:
        assert f"{part}: there" in manifest, manifest
    return manifest
