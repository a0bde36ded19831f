"""After the load: the node is watched, and what is not well is dealt with as the administrator chose."""

import pytest

LAST = "/var/lib/pcmk-kpatch/last.json"


@pytest.fixture(autouse=True)
def healed(rollout):
    yield
    rollout.change(soak="1s", probation="0s", rollback="", health_check="")
    rollout.heal()


def test_a_kernel_that_warns_while_it_is_watched_parks_the_node_and_its_words_are_kept(rollout):
    lab = rollout.lab
    rollout.change(soak="10min")
    rollout.install_patch()
    running = int(rollout.wait_token("held").split("node=node")[1][0])
    rollout.wait_phase(running, "soak")
    lab.trouble(running, "warn")
    assert f"node=node{running}" in rollout.wait_token("parked", 60)
    assert rollout.in_standby() == [f"node{running}"]
    assert "WARNING: " in rollout.journal(running), "the kernel's own line is in the journal"
    assert "WARNING: " in lab.on(running, ["cat", "/var/lib/pcmk-kpatch/run.journal"]).stdout, "and in the run's record"
    lab.on(running, ["pcmk-kpatch", "abort"], timeout=120)
    rollout.wait_token("halted")
    assert rollout.in_standby() == []


def test_a_unit_that_fails_while_the_node_is_watched_parks_it(rollout):
    lab = rollout.lab
    rollout.change(soak="10min")
    rollout.install_patch()
    running = int(rollout.wait_token("held").split("node=node")[1][0])
    rollout.wait_phase(running, "soak")
    lab.on(running, ["systemd-run", "--unit=sick", "false"])
    try:
        assert "sick.service" in rollout.wait_token("parked", 60)
    finally:
        lab.on(running, ["systemctl", "reset-failed", "sick.service"])
    lab.on(running, ["pcmk-kpatch", "abort"], timeout=120)


def test_a_health_check_that_is_not_content_has_the_patch_taken_out_where_that_is_wanted(rollout):
    lab = rollout.lab
    for index in rollout.nodes:
        # Well as long as the new patch is not there.
        lab.on(index, "printf '#!/bin/sh\\n! test -e /root/sick || { echo the database is slow; exit 3; }\\n' >/root/check; "
                      "chmod 755 /root/check; rm -f /root/sick")
    rollout.change(health_check="/root/check", rollback="unload", soak="10min")
    rollout.install_patch()
    running = int(rollout.wait_token("held").split("node=node")[1][0])
    rollout.wait_phase(running, "soak")
    lab.on(running, ["touch", "/root/sick"])
    token = rollout.wait_token("halted", 120)
    assert "the database is slow" in token.replace("%20", " ")
    assert rollout.in_standby() == []
    assert not rollout.patched(running)
    assert not lab.on(running, f"test -e /sys/module/{rollout.module.name}", check=False).ok, "the module is out of the kernel"
    lab.on(running, ["rm", "/root/sick"])


def test_a_node_that_is_not_well_is_rebooted_without_a_fence_where_that_is_wanted(rollout):
    lab = rollout.lab
    fences = len(lab.fences())
    rollout.change(rollback="reboot", soak="10min")
    rollout.install_patch()
    running = int(rollout.wait_token("held").split("node=node")[1][0])
    rollout.wait_phase(running, "soak")
    boot = lab.on(running, ["cat", "/proc/sys/kernel/random/boot_id"]).stdout
    lab.trouble(running, "oops")
    rollout.wait_token("halted", 240)
    lab.wait_until("it is back", lambda: lab.online(running), 180)
    # The token is given back a moment before the run is over.
    lab.wait_until("the run says what it did", lambda: "rebooted without the patch" in lab.on(running, ["cat", LAST]).stdout, 60)
    assert lab.on(running, ["cat", "/proc/sys/kernel/random/boot_id"]).stdout != boot
    assert len(lab.fences()) == fences, "it left the cluster in order"
    assert not rollout.patched(running) and rollout.in_standby() == []
    assert rollout.status(running)["quarantined"] == [rollout.module.name]


def test_a_crash_on_probation_is_held_against_the_patch_on_every_node(rollout):
    lab = rollout.lab
    rollout.change(probation="1h")
    rollout.install_patch(nodes=[1])
    lab.wait_until("node1 is patched and the token free", lambda: rollout.patched(1) and rollout.token() == "free", 120)
    lab.wait_until("it is on probation", lambda: lab.on(1, ["systemctl", "is-active", "pcmk-kpatch-probation.service"], check=False).ok, 60)
    lab.crash(1)
    lab.wait_until("it was fenced", lambda: not lab.online(1))
    lab.wait_until("it is back", lambda: lab.online(1), 180)
    lab.wait_until("it is quarantined there", lambda: rollout.status(1)["quarantined"] == [rollout.module.name], 60)
    # The same patch comes to the others.
    lab.module(rollout.module.file_name, nodes=[2])
    lab.wait_until("they refuse it too", lambda: "(patch.quarantined-elsewhere)" in rollout.journal(2), 60)
    assert not rollout.patched(2)


def test_an_orderly_reboot_ends_the_probation(rollout):
    lab = rollout.lab
    rollout.change(probation="1h")
    rollout.install_patch(nodes=[1])
    lab.wait_until("node1 is on probation", lambda: lab.on(1, ["systemctl", "is-active", "pcmk-kpatch-probation.service"], check=False).ok, 120)
    boot = lab.on(1, ["cat", "/proc/sys/kernel/random/boot_id"]).stdout
    lab.on(1, ["systemctl", "--no-block", "reboot"])
    lab.wait_until("it is back", lambda: lab.online(1) and lab.on(1, ["cat", "/proc/sys/kernel/random/boot_id"]).stdout != boot, 240)
    lab.wait_until("it is patched again", lambda: rollout.patched(1), 120)
    assert rollout.status(1)["quarantined"] == []
