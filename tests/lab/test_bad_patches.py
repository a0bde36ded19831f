"""Patches that cannot be used: each is named, nothing is changed, and a person is asked."""

import os

import pytest


@pytest.fixture(autouse=True)
def healed(rollout):
    good = rollout.module
    yield
    if rollout.module is not good:
        rollout.take_back(2, good)
    rollout.heal()
    rollout.lab.wait_until("nobody is asked for any more", lambda: all(rollout.monitor_result(i) == 0 for i in rollout.nodes), 60)


@pytest.mark.parametrize("how, words", [
    ({"garbage": True}, "is no kernel module"),
    ({"livepatch": False}, "is a kernel module, but no live patch"),
    ({"vermagic": "4.18.0-305.el8.x86_64"}, "is for kernel 4.18.0-305.el8.x86_64"),
    ({"compress": "xz"}, "is compressed (xz)"),
])
def test_is_refused_with_a_sentence_and_changes_nothing(rollout, how, words):
    lab = rollout.lab
    rollout.install_patch(nodes=[2], **how)
    lab.wait_until("a person is asked", lambda: rollout.monitor_result(2) == 190, 60)
    assert words in lab.on(2, ["cat", "/run/pcmk-kpatch/attention"]).stdout
    assert rollout.token() == "free" and rollout.in_standby() == []
    assert rollout.insertions(2) == 0
    lab.wait_until("crm_mon says so", lambda: words[:20] in lab.on(1, ["crm_mon", "-1A"]).stdout, 60)


def test_a_path_that_does_not_exist_is_refused(rollout):
    lab = rollout.lab
    lab.on(1, ["pcs", "resource", "update", "kpatch", "patch=/no/such/%k.ko"])
    try:
        lab.wait_until("a person is asked", lambda: rollout.monitor_result(1) == 190, 60)
        assert f"/no/such/{os.uname().release}.ko" in lab.on(1, ["cat", "/run/pcmk-kpatch/attention"]).stdout
    finally:
        lab.on(1, ["pcs", "resource", "update", "kpatch", "patch="])
