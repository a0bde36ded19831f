"""Putting the product's installed tree on a node's disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .command import run
from .errors import LabError
from .node import Node

# The one unit that an administrator would enable.
RESUME_UNIT = "pcmk-kpatch-resume.service"


def check_tree(tree: Path) -> None:
    if not (tree / "usr").is_dir():
        raise LabError(f"{tree}: no tree of `make install DESTDIR=…` (it has no usr folder)")


def install(node: Node, tree: Path) -> None:
    """Adds and replaces files; what an earlier tree had and this one has not stays."""
    # tar keeps links and modes, and replaces a running executable by a new file.
    pack = subprocess.Popen(["tar", "-C", str(tree), "-c", "--owner=0", "--group=0", "."], stdout=subprocess.PIPE)
    try:
        unpack = subprocess.run(
            ["tar", "-C", str(node.disk), "-x", "--keep-directory-symlink", "--no-overwrite-dir"],
            stdin=pack.stdout, timeout=120, stderr=subprocess.PIPE, text=True)
    except subprocess.TimeoutExpired:
        raise LabError(f"{node.name}: copying the product took more than 120 s") from None
    finally:
        pack.stdout.close()
        pack.kill()
        pack.wait()
    if unpack.returncode:
        raise LabError(f"{node.name}: the product cannot be copied: {unpack.stderr.strip()[-500:]}")
    if (tree / "usr/lib/systemd/system" / RESUME_UNIT).exists():
        run(["systemctl", f"--root={node.disk}", "enable", RESUME_UNIT])
