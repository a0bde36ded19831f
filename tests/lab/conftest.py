"""What the tests share: one lab of three nodes, up once."""

import os

import pytest

from kernlab import KernLab
from nodelab import Lab
from rollout import Rollout


# Of the agent in all tests. Nodes lose their power here all the time: that is no word against the patch that was loaded a minute before.
PARAMETERS = {"retry_delay": "1s", "soak": "1s", "probation": "0s"}


def pytest_configure(config):
    config.addinivalue_line("markers", "agent_validation: needs pcs and Pacemaker that have agents validate their parameters")
    config.addinivalue_line("markers", "deep: takes long and tells little more; run by make test-kernel-all")


def pytest_collection_modifyitems(items):
    for item in items:
        # The older kernel does what the newer one does; a gate has the time for one of them.
        if "[bookworm" in item.name:
            item.add_marker(pytest.mark.deep)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What an emulated machine knows of a failure is gone with it: it is said here, unless what was waited for in vain has said it."""
    report = (yield).get_result()
    if report.when != "call" or not report.failed or "--- keeper" in str(call.excinfo.value):
        return
    for value in item.funcargs.values():
        lab = getattr(value, "lab", None)
        if isinstance(lab, KernLab):
            report.sections.append(("lab", lab.diagnosis()))
            return


@pytest.fixture(scope="session")
def lab():
    """A cluster of three nodes with a workload, and with the product where PCMK_KPATCH_PRODUCT names its installed tree.

    PCMK_KPATCH_RELEASE names the nodes' Debian release where it is not to be bookworm, or one for each node with commas between them;
    PCMK_KPATCH_LAB_NAME the lab where two test runs go on at once. With PCMK_KPATCH_LAB_KEEP set it stays up for a look at it: `lab status
    --name pytest`.
    """
    yield from brought_up(os.environ.get("PCMK_KPATCH_PRODUCT") or None)


def brought_up(product, own: str = ""):
    """The lab of a test run, for as long as it is used; own: a word for one beside it, that a module has for itself."""
    lab = Lab(f"{os.environ.get('PCMK_KPATCH_LAB_NAME') or 'pytest'}{own}"[-12:])
    lab.hold()
    try:
        lab.up(product=product, release=os.environ.get("PCMK_KPATCH_RELEASE") or "bookworm")
        yield lab
    finally:
        if not os.environ.get("PCMK_KPATCH_LAB_KEEP"):
            lab.down()


@pytest.fixture(scope="session")
def rollout(lab):
    """The agent, defined on the lab's cluster, with every node patched."""
    if not os.environ.get("PCMK_KPATCH_PRODUCT"):
        raise RuntimeError("PCMK_KPATCH_PRODUCT names no tree of `make install DESTDIR=…`: run make test-lab")
    rollout = Rollout(lab)
    for index in rollout.nodes:
        # What the lab's own tests left: patches with trouble in them are for nobody to load, and what they loaded by hand on nodes that
        # were active is no deed of the product.
        lab.kernel_reset(index)
        lab.on(index, "rm -rf /usr/lib/kpatch /var/lib/kpatch /var/log/lab-kernel.log")
    rollout.define(**PARAMETERS)
    rollout.install_patch()
    rollout.wait_done()
    return rollout


@pytest.fixture
def pinned(rollout):
    """A resource that may run on node3 only."""
    lab = rollout.lab
    lab.on(1, "pcs resource create pinned ocf:pacemaker:Dummy && pcs constraint location pinned prefers node3 && "
              "pcs constraint location pinned avoids node1 node2", timeout=120)
    lab.wait_until("it runs", lambda: rollout.active()["pinned"][0] == 1)
    lab.wait_until("the cluster is idle", lab.idle)
    yield "pinned"
    lab.on(1, ["pcs", "resource", "delete", "pinned", "--force"], timeout=120)
    lab.wait_until("the cluster is idle", lab.idle)
