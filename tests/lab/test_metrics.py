"""The metrics by the timer, node_exporter and Prometheus, all three real, in a rollout that halts and goes on; the shipped alert rules and dashboard."""

import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from nodelab.network import address

TOP = Path(__file__).resolve().parents[2]
FOLDER = "/var/lib/prometheus/node-exporter"
FILE = f"{FOLDER}/pcmk-kpatch.prom"
ASK = ("import sys, urllib.request as r, urllib.parse as p; "
       "print(r.urlopen('http://127.0.0.1:9090/api/v1/query?' + p.urlencode({'query': sys.argv[1]})).read().decode())")
PANELS_WITHOUT_SERIES = {"Patches refused, and failed loads"}

# An empty word takes away all times of a timer. systemd keeps units from being started as often as that, unless it is told.
FASTER = r"""
cd /run/systemd/system && mkdir -p pcmk-kpatch-metrics.timer.d pcmk-kpatch-metrics.service.d
printf '[Timer]\nOnActiveSec=\nOnActiveSec=1s\nOnUnitActiveSec=1s\nAccuracySec=100ms\n' >pcmk-kpatch-metrics.timer.d/faster.conf
printf '[Unit]\nStartLimitIntervalSec=0\n' >pcmk-kpatch-metrics.service.d/faster.conf
systemctl daemon-reload && systemctl start pcmk-kpatch-metrics.timer
"""

SETTINGS = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [/root/prometheus/pcmk-kpatch.rules.yml]
scrape_configs:
  - job_name: node
    static_configs: [%s]
"""


class Prometheus:
    """It runs on node1; every node has a node_exporter that it scrapes."""

    def __init__(self, lab):
        self.lab = lab

    def ask(self, query: str) -> list:
        answer = json.loads(self.lab.on(1, ["python3", "-c", ASK, query]).stdout)
        assert answer["status"] == "success"
        return answer["data"]["result"]

    def labels(self, query: str) -> list:
        return [series["metric"] for series in self.ask(query)]

    def wait(self, what: str, query: str, count: int = 1, timeout: float = 120) -> list:
        return self.lab.wait_until(f"Prometheus has {count} of: {what}", lambda: len(found := self.ask(query)) == count and (found or True), timeout)


@pytest.fixture(scope="module")
def prometheus(rollout):
    lab = rollout.lab
    for index in rollout.nodes:
        root = lab.disk(index)
        (root / FOLDER.lstrip("/")).mkdir(parents=True, exist_ok=True)
        shutil.copy("/usr/bin/prometheus-node-exporter", root / "usr/local/bin")
        lab.on(index, FASTER)
        lab.on(index, ["systemd-run", "--quiet", "--unit=lab-exporter", "prometheus-node-exporter", "--web.listen-address=:9100",
                       "--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={FOLDER}"])
    home = lab.disk(1) / "root/prometheus"
    home.mkdir(exist_ok=True)
    shutil.copy("/usr/bin/prometheus", lab.disk(1) / "usr/local/bin")
    shutil.copy(TOP / "rpm/prometheus/pcmk-kpatch.rules.yml", home)
    targets = ", ".join(f"{{targets: ['{address(i)}:9100'], labels: {{instance: node{i}}}}}" for i in rollout.nodes)
    (home / "prometheus.yml").write_text(SETTINGS % targets)
    lab.on(1, ["systemd-run", "--quiet", "--unit=lab-prometheus", "prometheus", "--config.file=/root/prometheus/prometheus.yml",
               "--storage.tsdb.path=/root/prometheus/data", "--web.listen-address=127.0.0.1:9090"])
    there = Prometheus(lab)
    lab.wait_until("Prometheus answers", lambda: lab.on(1, ["python3", "-c", ASK, "up"], check=False).ok, 60)
    yield there
    for index in rollout.nodes:
        lab.on(index, "systemctl stop lab-exporter pcmk-kpatch-metrics.timer pcmk-kpatch-metrics.service; "
                      "rm -rf /run/systemd/system/pcmk-kpatch-metrics.*.d; systemctl daemon-reload", check=False)
    lab.on(1, "systemctl stop lab-prometheus; rm -rf /root/prometheus", check=False)


def dashboard_queries() -> list:
    loader = importlib.machinery.SourceFileLoader("dashboard", str(TOP / "tests/dashboard"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dashboard", loader))
    loader.exec_module(module)
    return module.queries(json.loads(module.DASHBOARD.read_text()))


def test_what_is_told_on_a_real_cluster_is_as_promtool_wants_it(rollout):
    told = rollout.lab.on(2, ["pcmk-kpatch", "metrics"]).stdout
    judged = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, text=True)
    assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")
    assert "pcmk_kpatch_cluster_up 1\n" in told and 'pcmk_kpatch_last_run_info{run="' in told


def test_a_rollout_is_seen_an_alert_fires_where_it_halts_and_clears_when_it_goes_on(rollout, prometheus):
    lab = rollout.lab
    prometheus.wait("nodes whose cluster answers", "pcmk_kpatch_cluster_up == 1", 3)
    prometheus.wait("kernels", "pcmk_kpatch_patches_in_force >= 1", 3)
    assert not prometheus.ask('ALERTS{alertname!~"PcmkKpatchRebootDue|PcmkKpatchEndOfLifeNear"}')
    lab.on(1, "printf 'end-of-life 1\\nkernel %s 2039-01-01\\n' \"$(uname -r)\" >/etc/pcmk-kpatch/end-of-life")

    # A load that takes its time is seen in it.
    for index in rollout.nodes:
        lab.kernel(index, load="slow:6")
    rollout.install_patch()
    rollout.wait_done()
    prometheus.wait("runs in their load", 'max by (instance) (max_over_time(pcmk_kpatch_run_phase{phase="load"}[1h])) == 1', 3)
    prometheus.wait("holders of the token", 'count by (node) (max_over_time(pcmk_kpatch_token_info{state="held"}[1h]))', 3)
    prometheus.wait("nodes drained for a run", "max by (instance) (max_over_time(pcmk_kpatch_drained[1h])) == 1", 3)
    prometheus.wait("good last runs", f'pcmk_kpatch_last_run_info{{verdict="patched", patch="{rollout.module.name}"}}', 3)
    prometheus.wait("the new patch", f'pcmk_kpatch_patch_info{{patch="{rollout.module.name}"}}', 3)

    for index in rollout.nodes:
        lab.kernel_reset(index)
        lab.kernel(index, load="EINVAL")
    rollout.install_patch()
    rollout.wait_token("halted")
    halted = 'ALERTS{alertname="PcmkKpatchRolloutHalted", alertstate="firing"}'
    fired = prometheus.wait("alerts that the rollout is halted", halted, timeout=180)[0]["metric"]
    assert fired["node"] in rollout.token() and fired["severity"] == "critical"
    assert not prometheus.ask('ALERTS{alertname=~"PcmkKpatch(NeedsAttention|MetricsStale|WorkerStuck|NodeParked)", alertstate="firing"}')
    # Each panel's query is taken, and shows something now, or has in the rollout.
    for title, query in dashboard_queries():
        assert prometheus.ask(query) or prometheus.ask(f"last_over_time(({query})[30m:1s])") or title in PANELS_WITHOUT_SERIES, f"{title}: {query}"

    for index in rollout.nodes:
        lab.kernel_reset(index)
    rollout.resume()
    rollout.wait_done()
    prometheus.wait("halted rollouts", 'ALERTS{alertname="PcmkKpatchRolloutHalted"}', 0)
    prometheus.wait("free tokens", 'pcmk_kpatch_token_state{state="free"} == 1', 3)


def test_a_node_whose_cluster_is_down_says_so(rollout, prometheus):
    lab = rollout.lab
    lab.on(3, ["systemctl", "stop", "pacemaker"], timeout=120)
    try:
        prometheus.wait("nodes whose cluster is down", 'pcmk_kpatch_cluster_up{instance="node3"} == 0')
        prometheus.wait("kernels that are told all the same", 'pcmk_kpatch_kernel_info{instance="node3"}')
        assert not prometheus.ask('pcmk_kpatch_token_state{instance="node3"}')
    finally:
        lab.on(3, ["systemctl", "start", "pacemaker"], timeout=120)
        lab.wait_until("node3 is back", lambda: lab.online(3), 120)
        rollout.heal()


def test_the_file_is_whole_whenever_it_is_read(rollout, prometheus):
    """node_exporter itself says where a file of others was no metrics."""
    assert prometheus.wait("node_exporters that tell", "node_textfile_scrape_error", 3)
    prometheus.wait("files that were broken", "max_over_time(node_textfile_scrape_error[1h]) > 0", 0)
    assert rollout.lab.on(2, f"stat -c '%a %U' {FILE}; ls {FOLDER} | wc -l").stdout.split()[:2] == ["644", "root"]
