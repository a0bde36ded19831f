"""The agent as pcs and Pacemaker's own tools take it."""

import re

import pytest

AGENT = "/usr/lib/ocf/resource.d/pcmk/kpatch"

# pcs and crm_resource have agents validate what they are given since pcs 0.11 and Pacemaker 2.1; ocf-1.1.rng is as old.
since_agent_validation = pytest.mark.agent_validation


def test_pcs_describes_it(rollout):
    shown = rollout.lab.on(1, ["pcs", "resource", "describe", "ocf:pcmk:kpatch"]).stdout
    for parameter in ("patch", "loader", "drain_timeout", "transition_timeout", "soak", "health_check", "rollback", "confirm_timeout",
                      "persist", "probation", "quarantine_scope", "retry_delay"):
        # pcs 0.12 has the description on a line of its own.
        assert re.search(rf"^  {parameter}(: |$)", shown, re.M), shown


@since_agent_validation
def test_its_metadata_is_valid_for_pcs(rollout):
    lab = rollout.lab
    schema = lab.on(1, "find / -xdev -name ocf-1.1.rng | head -n 1").stdout.strip()
    assert schema, "pcs brings its schema"
    lab.on(1, f"{AGENT} meta-data > /root/metadata.xml")
    text = lab.disk(1).joinpath("root/metadata.xml").read_text()
    assert text.startswith("<?xml")
    lab.on(1, ["python3", "-c", "import sys; from lxml import etree; "
                                "etree.RelaxNG(etree.parse(sys.argv[1])).assertValid(etree.parse(sys.argv[2]))",
               schema, "/root/metadata.xml"])


@since_agent_validation
@pytest.mark.parametrize("option, words", [
    ("patch=relative.ko", "absolute path"),
    ("patch=/a/%x.ko", "after %"),
    ("drain_timeout=soon", "from 1s to 24h"),
    ("drain_timeout=0", "from 1s to 24h"),
    ("confirm_timeout=-5", "from 1s to 24h"),
    ("retry_delay=25h", "from 1s to 24h"),
    ("transition_timeout=9999999999999999", "from 1s to 24h"),
    ("loader=insmod", "one of auto, kpatch, kernel"),
    ("rollback=yes", "one of none, reboot, unload"),
    ("health_check=check.sh", "absolute path"),
])
def test_bad_parameters_are_refused_before_they_are_configured(rollout, option, words):
    lab = rollout.lab
    made = lab.on(1, ["pcs", "resource", "create", "other", "ocf:pcmk:kpatch", option, "--agent-validation", "clone"],
                  check=False, timeout=120)
    assert made.exit_code != 0
    assert words in made.stdout + made.stderr and option.split("=")[0] in made.stdout + made.stderr
    assert "other" not in lab.on(1, ["pcs", "resource", "status"]).stdout


@since_agent_validation
def test_pacemaker_validates_it(rollout):
    lab = rollout.lab
    lab.on(1, ["crm_resource", "--validate", "--resource", "kpatch"])
    refused = lab.on(1, ["crm_resource", "--validate", "--class", "ocf", "--agent", "pcmk:kpatch", "--option", "patch=nowhere"], check=False)
    assert refused.exit_code != 0


@since_agent_validation
def test_good_parameters_pass_the_agents_validation(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "create", "other", "ocf:pcmk:kpatch", "drain_timeout=90s", "patch=/srv/%k.ko", "--agent-validation",
               "--disabled", "clone", "interleave=true"], timeout=120)
    lab.on(1, ["pcs", "resource", "delete", "other"], timeout=120)
    lab.wait_until("the cluster is idle", lab.idle)


def test_ocf_tester_accepts_it(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "disable", "kpatch-clone"])
    try:
        rollout.wait_stopped()
        shown = lab.on(1, ["ocf-tester", "-n", "kpatch", AGENT], check=False, timeout=240)
        assert "passed all tests" in shown.stdout + shown.stderr, shown.stdout + shown.stderr
    finally:
        lab.on(1, ["pcs", "resource", "enable", "kpatch-clone"])
        lab.wait_until("the agent is started everywhere", lambda: rollout.agents() == len(rollout.nodes))


def test_the_token_is_no_trouble_for_anybody(rollout):
    lab = rollout.lab
    # Pacemaker 3 warns of what the lab's own workload has in it; of ours there is nothing to say.
    said = lab.on(1, ["crm_verify", "--live-check", "-V"], check=False)
    assert "error" not in said.stderr and "kpatch" not in said.stdout + said.stderr, said.stderr
    assert "pcmk-kpatch-token" in lab.on(1, ["pcs", "property", "config"], check=False).stdout + \
        lab.on(1, ["pcs", "cluster", "cib", "scope=crm_config"]).stdout
