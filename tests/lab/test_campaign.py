"""The fault campaign: one test for each file in campaign/scenarios. Those that matter most are in every gate; with
PCMK_KPATCH_CAMPAIGN=all all of them are played (make campaign), and with PCMK_KPATCH_HALF=0 or 1 every other one, so that two clusters play
them side by side."""

import os
from pathlib import Path

import pytest

from campaign import figures, scenario, stage
from nodelab import Lab
from rollout import Rollout

ALL = os.environ.get("PCMK_KPATCH_CAMPAIGN") == "all"
# Two nodes come last: their cluster is brought up for them.
CHOSEN = sorted((s for s in scenario.all_scenarios() if s.gate or ALL), key=lambda s: -s.nodes)
if ALL and "PCMK_KPATCH_HALF" in os.environ:
    CHOSEN = CHOSEN[int(os.environ["PCMK_KPATCH_HALF"])::2]


@pytest.fixture(scope="module")
def kept():
    """The figures of this campaign; those of a gate's few scenarios have a file of their own."""
    binary = Path(os.environ["PCMK_KPATCH_PRODUCT"]) / "usr/libexec/pcmk-kpatch/pcmk-kpatch"
    kept = figures.Figures("campaign.json" if ALL else "campaign-gate.json", binary)
    yield kept
    print(kept.words())


@pytest.fixture(scope="module")
def two_nodes(lab):
    """A second cluster, of two nodes, for as long as the campaign lasts."""
    pair = Lab(f"{lab.name}two"[-12:])
    pair.hold()
    try:
        pair.up(nodes=2, product=os.environ["PCMK_KPATCH_PRODUCT"], release=os.environ.get("PCMK_KPATCH_RELEASE") or "bookworm")
        rollout = Rollout(pair)
        rollout.define(**stage.POLICY)
        rollout.install_patch()
        rollout.wait_done()
        yield rollout
    finally:
        if not os.environ.get("PCMK_KPATCH_LAB_KEEP"):
            pair.down()


@pytest.fixture(scope="module")
def three_nodes(rollout):
    """The session's own cluster, left whole and patched everywhere for whoever comes next."""
    yield rollout
    rollout.heal()


@pytest.mark.parametrize("played", CHOSEN, ids=lambda s: s.name)
def test_the_laws_hold(played, request, kept):
    outcome = stage.Stage(request.getfixturevalue("two_nodes" if played.nodes == 2 else "three_nodes"), played).play()
    kept.add(outcome)
    assert outcome.violations == [], stage.as_text(outcome)
    assert outcome.wrong == [], stage.as_text(outcome)
    assert outcome.lost == [], stage.as_text(outcome)
