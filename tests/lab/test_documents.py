"""Every command that the documents tell to type is typed on a cluster of its own, as it is written there, in an order in which an
administrator might; or it stands below with the reason why it is not. One that is neither fails the test at the end."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest

import documents
from conftest import brought_up
from nodelab import Lab
from rollout import Rollout
from test_runbooks import with_pcsd

# Typed by another scenario: which one, and the words that it has for it.
ELSEWHERE = {
    "pcmk-kpatch release": ("test_runbooks.py", "pcmk-kpatch release"),
    "pcmk-kpatch release --confirm node3": ("test_release.py", "release --confirm node3"),
    "pcs cluster node remove node3 --skip-offline --force": ("test_runbooks.py", "pcs cluster node remove node3 --skip-offline --force"),
    'pcmk-kpatch hold --reason "upgrade of pcmk-kpatch"': ("test_upgrade.py", "pcmk-kpatch hold --reason upgrade"),
    "pcs alert delete kpatch-alert": ("test_notices.py", "pcs alert delete kpatch-alert"),
    "systemctl enable --now pcmk-kpatch-metrics.timer": ("test_metrics.py", "systemctl start pcmk-kpatch-metrics.timer"),
    "pcs resource update kpatch patch=package": ("test_packages.py", "pcs resource update kpatch"),
}

# Not on these nodes, and why.
NOT_HERE = {
    r"dnf install \./pcmk-kpatch-.*\.rpm": "make check-rpm has dnf do it, in a root of its own",
    r"dnf upgrade \./pcmk-kpatch-.*\.rpm": "make check-rpm has dnf do it, in a root of its own",
    r"apt install prometheus-node-exporter": "test_metrics.py has it from a tree of its own",
    r"systemctl edit pcmk-kpatch-metrics\.service": "it opens an editor",
    r"crm .*": "test_crmsh.py types all that stands in that section",
    r"dnf remove pcmk-kpatch": "make check-rpm has dnf do it, in a root of its own",
    r"apt install \./pcmk-kpatch_.*\.deb": "make check-deb has dpkg do it, in a root of its own",
    r"tar -x .* pcmk-kpatch-.*\.tar\.gz": "the archive is made by make release alone",
    r"dnf --setopt=tsflags=noscripts install kpatch-patch-…": "test_packages.py has dnf install such a package; by this name there is none",
    r"dnf install kernel-.*": "the nodes have their host's kernel",
    r"pcs stonith sbd enable .*|pcs property set stonith-watchdog-timeout=30":
        "the nodes have no watchdog; test_kernel_rollout.py sets sbd up on emulated machines that have one",
    r"pcs quorum device add .*": "there is no other host that could be asked for a vote",
    r"vgcreate .*|lvcreate .*|mkfs\.gfs2 .*": "test_kernel_gfs2.py types them on emulated machines that share disks",
    r"pcs resource (move|clear) cln_SAPHanaCon_RH1_HDB02": "there is no SAP HANA",
}


class Typist:
    """Types what stands in the documents, and knows what was typed."""

    def __init__(self, lab: Lab):
        self.lab = lab
        self.typed: set = set()
        self.written = [command.text for command in documents.commands()]

    def type(self, text: str, node: int = 1, codes: tuple = (0,), timeout: float = 120, **instead: str) -> str:
        """Types that command, which the documents must have; `instead` has what its placeholders mean here."""
        assert text in self.written, f"the documents do not tell to type: {text}"
        command = text
        for placeholder, meaning in instead.items():
            assert placeholder in command, placeholder
            command = command.replace(placeholder, meaning)
        result = self.lab.on(node, command, check=False, timeout=timeout)
        assert result.exit_code in codes, f"{command}: exit code {result.exit_code}: {result.stdout}{result.stderr}"
        self.typed.add(text)
        return result.stdout

    def all(self, pattern: str) -> list:
        """The commands of that form that were not typed yet, in the order of the documents."""
        return [text for text in dict.fromkeys(self.written) if re.fullmatch(pattern, text) and text not in self.typed and not why_not(text)]


def why_not(text: str):
    """Why that command is not typed here; None where it is."""
    if text in ELSEWHERE:
        return ELSEWHERE[text][0]
    return next((why for pattern, why in NOT_HERE.items() if re.fullmatch(pattern, text)), None)


@pytest.fixture(scope="module")
def rollout():
    for lab in brought_up(os.environ["PCMK_KPATCH_PRODUCT"], "docs"):
        yield Rollout(lab)


@pytest.fixture(scope="module")
def typist(rollout):
    return Typist(rollout.lab)


def started(rollout):
    rollout.lab.wait_until("the agent is started everywhere", lambda: rollout.lab.idle() and rollout.agents() == 3, 120)


def test_it_is_defined_with_pcs(rollout, typist):
    typist.type("pcs resource create kpatch ocf:pcmk:kpatch clone interleave=true")
    started(rollout)
    assert "max_skew" in typist.type("pcs resource describe ocf:pcmk:kpatch")
    assert "interleave=true" in typist.type("pcs resource config kpatch-clone").replace(": ", "=")
    # What it says of these nodes is test_check.py's.
    assert "Check" in typist.type("pcmk-kpatch check", codes=(0, 1, 2))
    typist.type("pcmk-kpatch status")
    typist.type("systemctl daemon-reload && systemctl preset pcmk-kpatch-resume.service")


def test_parameters_are_set_as_the_pages_do(rollout, typist):
    lab = rollout.lab
    for index in rollout.nodes:
        gate = lab.disk(index) / "usr/local/sbin/hana-gate"
        gate.parent.mkdir(parents=True, exist_ok=True)
        gate.write_text(documents.program("sap-hana.md"))
        typist.type("chmod 755 /usr/local/sbin/hana-gate", node=index)
    typist.type("pcmk-kpatch hold --reason 'until the rehearsal'")
    assert "until the rehearsal" in typist.type("pcmk-kpatch hold --list")
    assert typist.all("pcs resource update kpatch .*")
    # Each change would have the cluster stop and start it on every node.
    lab.on(1, ["pcs", "resource", "disable", "kpatch-clone"])
    for text in typist.all("pcs resource update kpatch .*"):
        typist.type(text)
        written = lab.on(1, ["cibadmin", "--query", "--scope", "resources"]).stdout
        for setting in shlex.split(text.partition("update kpatch ")[2]):
            name, _, value = setting.partition("=")
            assert not value or name == "op" or f'"{value}"' in written, text
    lab.on(1, ["crm_resource", "--validate", "--resource", "kpatch"])
    # Nobody waits here for long, and nodes are rebooted.
    lab.on(1, "pcs resource update kpatch window= timezone= blackout= gate_command= drain_timeout= confirm_timeout= retry_delay=1s soak=1s "
              "probation=0s fence_quiet=0 && pcs resource enable kpatch-clone", timeout=120)
    started(rollout)
    typist.type("pcmk-kpatch hold --clear")


def test_a_rehearsal(rollout, typist):
    typist.type("pcmk-kpatch plan", codes=(0, 1, 2))
    shown = typist.type("pcmk-kpatch rehearse", timeout=300)
    assert len(re.findall(r"^node[123]:   rehearsed, .*it went as a run would", shown, re.M)) == 3, shown


def test_the_gate_of_the_hana_page_lets_the_secondary_in_alone(rollout, typist):
    """Attributes as SAPHana sets them, set by hand: there is no SAP here."""
    lab = rollout.lab

    def is_hana(index, role, sync):
        for name, value in (("clone_state", role), ("sync_state", sync)):
            lab.on(1, ["crm_attribute", "--node", f"node{index}", "--name", f"hana_rh1_{name}", "--lifetime", "reboot", "--update", value])

    is_hana(1, "PROMOTED", "PRIM")
    is_hana(2, "DEMOTED", "SFAIL")
    rollout.change(gate_command="/usr/local/sbin/hana-gate")
    rollout.install_patch()
    lab.wait_until("no node is let in", lambda: all("(gate.command)" in (node["state"] or "") for node in rollout.status()["nodes"]), 180)
    states = {node["name"]: node["state"] for node in rollout.status()["nodes"]}
    assert "HANA is primary here" in states["node1"] and "replication SFAIL" in states["node2"] and "role unknown" in states["node3"], states
    is_hana(2, "DEMOTED", "SOK")
    lab.wait_until("the secondary is patched", lambda: rollout.patched(2) and rollout.token() == "free", 180)
    assert not rollout.patched(1) and not rollout.patched(3)


def test_it_is_tried_by_hand(rollout, typist):
    typist.type("pcs resource disable kpatch-clone")
    rollout.wait_stopped()
    rollout.lab.on(1, "pcs resource update kpatch gate_command=", timeout=120)
    rollout.install_patch()
    typist.type("pcs resource debug-start kpatch --full", timeout=300)
    assert rollout.patched(1)
    typist.type("pcs resource debug-stop kpatch")
    # The other nodes wait until the tests below are done with them.
    typist.type("pcmk-kpatch hold --reason 'new kernel'")
    typist.type("pcs resource enable kpatch-clone")
    rollout.lab.wait_until("the agent is started everywhere", lambda: rollout.agents(busy=True) == 3, 120)
    assert rollout.token() == "free" and not rollout.patched(3)


def test_nodes_are_drained_by_their_health(rollout, typist):
    lab = rollout.lab
    typist.type("pcs property set node-health-strategy=migrate-on-red")
    typist.type("pcs resource meta kpatch-clone allow-unhealthy-nodes=true")
    assert "drain.health" not in lab.on(1, "pcs resource update kpatch drain=health && pcmk-kpatch plan", check=False, timeout=180).stdout
    for command in ("resource update kpatch drain=", "resource meta kpatch-clone allow-unhealthy-nodes=", "property set node-health-strategy="):
        lab.on(1, f"pcs {command}", timeout=120)


def test_a_node_is_patched_and_rebooted_by_hand(rollout, typist):
    lab = rollout.lab
    typist.type("pcmk-kpatch hold --reason 'node4 by hand'")
    lab.wait_until("no run is under way", lambda: rollout.token() == "free" and lab.idle())
    typist.type("pcs node standby node2")
    typist.type("pcs node standby node4", node4="node2")
    lab.wait_until("it is drained", lambda: lab.idle() and "node2" in rollout.in_standby())
    typist.type("crm_mon -1n")
    module = rollout.install_patch()
    for text in typist.all(r"kpatch (load|install) .*"):
        typist.type(text, node=2, **{"kpatch-….ko": module.file_name})
    assert rollout.patched(2)
    typist.type("kpatch list; dmesg | tail", node=2)
    typist.type("journalctl -k -b", node=2)
    boot = lab.on(2, "cat /proc/sys/kernel/random/boot_id").stdout
    # The machine is gone before it can say that it went.
    typist.type("systemctl reboot", node=2, codes=(0, 255, 137, 143))
    lab.wait_until("it was rebooted and is back in the cluster", lambda: 2 in lab.running() and lab.on(
        2, "cat /proc/sys/kernel/random/boot_id", check=False).stdout not in ("", boot) and lab.online(2), 240)
    assert "node2" in rollout.in_standby()
    typist.type("uname -r", node=2)
    typist.type("journalctl -k -b -1", node=2, codes=(0, 1))
    typist.type("pcs node unstandby node2")
    typist.type("pcs node unstandby node4", node4="node2")
    typist.type("pcmk-kpatch hold --clear")
    rollout.wait_done()


def test_what_looks_and_what_tidies_up(rollout, typist):
    lab = rollout.lab
    for text in typist.all(r"(crm_mon|stonith_admin|journalctl|cat|ls|printf|corosync-[a-z]*) .*|pcs (quorum|stonith) status"):
        # journalctl tells so that nothing matches, and a node without locks has no folder of them.
        typist.type(text, codes=(0, 1) if "--grep" in text else (0, 2) if text == "ls /sys/kernel/dlm" else (0,))
    typist.type("pcs stonith history cleanup")
    for text in typist.all(r"pcmk-kpatch report.*"):
        run = lab.disk(1) / "var/lib/pcmk-kpatch/last.json"
        instead = {"6be1a2a1f2b4": json.loads(run.read_text())["id"]} if "6be1a2a1f2b4" in text else {}
        typist.type(text, **instead)
    assert "<svg" in lab.on(1, "cat /root/rollout.html").stdout
    assert ".tar.gz" in typist.type("pcmk-kpatch collect")
    for text in typist.all(r"cibadmin --modify --allow-create .*alerts.*"):
        typist.type(text)
    assert "/usr/local/bin/kpatch-alert" in typist.type("pcs alert config")
    lab.on(1, "pcs alert delete kpatch-alert", timeout=120)
    # 3 and 4 are systemctl's for what is not active, and not there.
    typist.type("systemctl status 'pcmk-kpatch-r*'", codes=(0, 3, 4))
    typist.type("pcmk-kpatch quarantine")
    typist.type("pcmk-kpatch quarantine --clear")
    typist.type("pcmk-kpatch resume", codes=(0, 1))
    typist.type("pcmk-kpatch abort", codes=(0, 1))
    assert rollout.token() == "free"
    lab.on(1, "rm /etc/pcmk-kpatch/end-of-life")


def test_what_is_sent_has_our_files_and_no_secret(rollout, typist):
    """Of ours there is none in it: neither a fence device's password, which the CIB has, nor a file that somebody has put beside ours. What others collect
    is theirs to blot out; Pacemaker's own log has whatever was set of late."""
    lab = rollout.lab
    lab.on(1, "crm_resource --resource fencing --set-parameter passwd --parameter-value not-to-be-seen && "
              "echo not-to-be-seen >/etc/pcmk-kpatch/somebodys-password", timeout=120)
    for text in typist.all(r"sos report .*"):
        archive = re.search(r"(/\S+/sosreport-\S+\.tar\.\S+)", typist.type(text, timeout=300)).group(1)
        held = lab.on(1, ["tar", "-tf", archive]).stdout
        for wanted in ("var/lib/pcmk-kpatch/last.json", "sos_extras/pcmk-kpatch/pcmk-kpatch_status", "sos_extras/pcmk-kpatch/journalctl_", "crm_mon"):
            assert wanted in held, held
        ours = lab.on(1, f"tar -xOf {archive} --wildcards '*/sos_extras/*' '*/pcmk-kpatch/*'; rm {archive}", timeout=120).stdout
        assert "kpatch_5_14_0" in ours and "phase" in ours and "not-to-be-seen" not in ours, ours
    for text in typist.all(r"crm_report .*"):
        typist.type(text, timeout=300)
        archive = "/var/tmp/kpatch-report.tar.bz2"
        held = lab.on(1, ["tar", "-tf", archive]).stdout
        assert "journal.log" in held and "cib.xml" in held, held
        seen = lab.on(1, f"tar -xOf {archive} --wildcards '*/journal.log' '*/cib.xml'; rm {archive}", timeout=120).stdout
        assert "pcmk-kpatch-run" in seen and "pcmk-kpatch-token" in seen and "not-to-be-seen" not in seen, seen
    for text in typist.all(r"tar -C / -czf .*"):
        typist.type(text)
        assert "var/lib/pcmk-kpatch/last.json" in lab.on(1, "tar -tf /var/tmp/kpatch-files.tar.gz").stdout
    lab.on(1, "crm_resource --resource fencing --delete-parameter passwd; rm /etc/pcmk-kpatch/somebodys-password", timeout=120)


def test_what_pcs_does_on_all_nodes(rollout, typist):
    lab = rollout.lab
    with_pcsd(lab, *rollout.nodes)
    typist.type("pcs cluster config update totem token=10000")
    typist.type("pcs cluster stop --all && pcs quorum update wait_for_all=1 && pcs cluster start --all", timeout=300)
    lab.wait_until("the cluster is whole again", lambda: all(lab.online(i) for i in rollout.nodes) and lab.idle(), 180)
    started(rollout)


def test_it_is_removed_and_what_is_left_by_hand(rollout, typist):
    lab = rollout.lab
    typist.type("pcs resource delete kpatch")
    rollout.wait_stopped()
    # Nothing is left of them after a good end: the commands have nothing to delete, and say so.
    for text in typist.all(r"crm_attribute -N node3 .*"):
        typist.type(text, codes=(0, 6))
    typist.type("cat /sys/kernel/livepatch/*/transition", node=3)
    typist.type("""cibadmin --delete --xpath "//crm_config/cluster_property_set[@id='pcmk-kpatch']\"""")
    assert lab.on(1, ["cibadmin", "--query"]).stdout.count("pcmk-kpatch-token") == 0
    typist.type("rm -rf /var/lib/pcmk-kpatch")


def test_every_command_was_typed_or_stands_on_the_list(typist):
    assert typist.all(".*") == [], "type them in a test above, or write down why they cannot be typed"


def test_the_lists_have_nothing_that_no_document_has(typist):
    assert [text for text in ELSEWHERE if text not in typist.written] == []
    assert [pattern for pattern in NOT_HERE if not any(re.fullmatch(pattern, text) for text in typist.written)] == []
    for file, words in ELSEWHERE.values():
        said = " ".join(re.sub(r"[\"',\[\]]+", " ", (Path(__file__).parent / file).read_text()).split())
        assert f" {words}" in said, f"{file} does not type: {words}"
