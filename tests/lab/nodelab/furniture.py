"""The layer between the base tree and the nodes' own disks: stand-ins, cluster configuration, what is switched off.

It is made anew at every `lab up`, so a change to it never needs a new base tree.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import cluster
from .network import address
from .node import node_name
from .places import ROOTFS_FILES, LabPlaces

# None of them is under test, and each costs time at every boot or wakes up a slow machine later.
MASKED = (
    "apt-daily.timer", "apt-daily-upgrade.timer", "logrotate.timer", "e2scrub_all.timer", "e2scrub_reap.service",
    "dpkg-db-backup.timer", "fstrim.timer", "man-db.timer", "systemd-tmpfiles-clean.timer",
    "pcsd.service", "pcsd-ruby.service", "crm_mon.service", "logd.service", "getty.target", "console-getty.service",
    "systemd-firstboot.service", "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service", "ldconfig.service", "systemd-hwdb-update.service",
    # The kernel's own file systems are the stand-in's here.
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-kernel-config.mount", "sys-fs-fuse-connections.mount",
    "systemd-modules-load.service", "systemd-udevd.service", "systemd-udev-trigger.service",
)

ENABLED = {
    "sysinit.target": ("lab-kernel.service",),
    # Members have the first two, remote nodes the last one; systemd passes over what is not there.
    "multi-user.target": ("corosync.service", "pacemaker.service", "pacemaker_remote.service"),
}


# What members and remote nodes know each other by. Nothing of a lab reaches any other machine.
REMOTE_KEY = "the node lab's key for its remote nodes\n" * 4


def lay_out(places: LabPlaces, nodes: int, remotes: int, token_ms: int) -> None:
    root = places.furniture
    # Written as root by a copy: the checkout's owner and umask must not matter inside a node.
    shutil.copytree(ROOTFS_FILES, root, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for folder, _, files in os.walk(root):
        os.chown(folder, 0, 0)
        os.chmod(folder, 0o755)
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                os.chown(path, 0, 0)
                os.chmod(path, 0o755 if path.read_bytes()[:2] == b"#!" else 0o644)
    units = root / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    for unit in MASKED:
        (units / unit).symlink_to("/dev/null")
    for target, wanted in ENABLED.items():
        wants = units / f"{target}.wants"
        wants.mkdir(exist_ok=True)
        for unit in wanted:
            (wants / unit).symlink_to(f"/usr/lib/systemd/system/{unit}")
    (units / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
    _write(root / "etc/hosts", _hosts(nodes + remotes))
    _write(root / "etc/pacemaker/authkey", REMOTE_KEY)
    _write(root / "etc/corosync/corosync.conf", cluster.corosync_conf(nodes, token_ms))
    for folder in ("var/lib/kpatch", "usr/lib/kpatch"):
        (root / folder).mkdir(parents=True, exist_ok=True)


def _hosts(nodes: int) -> str:
    lines = ["127.0.0.1 localhost"] + [f"{address(i)} {node_name(i)}" for i in range(1, nodes + 1)]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
