"""A cluster of emulated machines that share a volume group with a GFS2 in it, defined as docs/gfs2.md says, with somebody who writes on every node."""

from __future__ import annotations

import re
import tempfile
import zlib
from collections import defaultdict
from pathlib import Path

import documents
from kernlab.trees import machine_tree
from nodelab.command import run
from nodelab.errors import LabError
from rollout_kernel import KernelRollout

POINT = "/srv/data"
NOTES = "/var/log/kernlab-writer"
# Beside the one of the cluster: nobody's but who mounts it by hand.
OTHER, OTHER_POINT = "/dev/vdd", "/mnt"

WRITER = f"""
pcs resource create writer ocf:heartbeat:anything binfile=/usr/lib/kernlab/writer cmdline_options={POINT} pidfile=/run/kernlab-writer.pid user=root \\
    op start timeout=90s op stop timeout=90s op monitor interval=20s timeout=90s clone interleave=true
pcs constraint order start storage-clone then writer-clone
pcs constraint colocation add writer-clone with storage-clone
"""


class SharedRollout(KernelRollout):
    """Like KernelRollout, with storage that the nodes share."""

    def define_storage(self, release: str) -> None:
        """As an administrator would, in the order of the page."""
        locking, storage = documents.programs("gfs2.md")
        self.lab.on(1, f"mkfs.gfs2 -O -K -p lock_dlm -t lab:other -j 3 -J 32 {OTHER}", timeout=240)
        self.pcs(release, locking)
        self.lab.wait_until("lvmlockd is started everywhere", lambda: self.active()["lvmlockd"][0] == 3, 300)
        # A start that is under way counts as active.
        self.lab.wait_until("the cluster is idle", self.lab.idle, 180)
        for command in (c.text for c in documents.commands() if c.page == "gfs2.md" and re.match(r"vgcreate|lvcreate|mkfs", c.text)):
            for placeholder, meaning in (("/dev/sdb", "/dev/vdc"), ("CLUSTER", "lab"), ("-j 3", "-O -K -j 3 -J 32")):
                command = command.replace(placeholder, meaning)
            self.lab.on(1, command, timeout=240)
        self.pcs(release, storage + WRITER)
        self.wait_writing(400)

    def pcs(self, release: str, script: str) -> None:
        """What pcs makes of these commands, with the release's pcs but outside the machines: each of them takes many seconds in there."""
        cib = self.lab.on(1, ["cibadmin", "--query"], timeout=120).stdout
        with tempfile.TemporaryDirectory() as work:
            Path(work, "cib.xml").write_text(cib)
            Path(work, "script").write_text(re.sub(r"^pcs ", "pcs -f /defined/cib.xml ", script, flags=re.M))
            run(["systemd-nspawn", "--quiet", f"--directory={machine_tree(release, shared=True)}", "--volatile=overlay", "--register=no", "--keep-unit",
                 "--pipe", "--private-network", f"--bind={work}:/defined", "bash", "-e", "/defined/script"], timeout=300)
            configuration = re.search(r"<configuration>.*</configuration>", Path(work, "cib.xml").read_text(), re.S).group(0)
        self.lab.on(1, ["cibadmin", "--replace", "--scope", "configuration", "--xml-pipe"], stdin=configuration, timeout=120)

    def wait_writing(self, timeout: float = 240) -> None:
        """The file system is mounted, and written to, on every node; and nothing is under way."""
        self.lab.wait_until("there is a writer on every node", lambda: self.active().get("writer", [0])[0] == 3, timeout)
        self.lab.wait_until("the cluster is idle", self.lab.idle, 180)

    def locks(self, index: int) -> list:
        """The lockspaces of a node; none where the kernel has no folder for them."""
        return self.lab.on(index, "ls /sys/kernel/dlm", check=False).stdout.split()

    def failed_operations(self) -> list:
        """What has failed on nodes that are not down, as the cluster remembers it."""
        return [f"{failure.get('task') or failure.get('op_key')} on {failure.get('node')}: {failure.get('exitstatus')}"
                for failure in self.lab.crm_mon().iter("failure")]

    # What was written.

    def notes(self, index: int) -> list:
        """What that node's writers were told is on the disk: (writer, number, when it began, when it was done), in seconds of the node's clock."""
        noted = []
        for line in self.lab.on(index, f"cat {NOTES}", check=False, timeout=120).stdout.splitlines():
            words = line.split()
            # A machine that panicked may have lost the last of it.
            if len(words) == 5 and words[0] == f"node{index}":
                noted.append((int(words[1]), int(words[2]), float(words[3]), float(words[4])))
        return noted

    def errors(self) -> dict:
        """What writers complained about, for each node that has such complaints."""
        said = {index: self.lab.on(index, f"grep -a failed {NOTES}", check=False).stdout.splitlines() for index in self.nodes}
        return {index: lines for index, lines in said.items() if lines}

    def longest_wait(self, index: int, since: float) -> float:
        """For how long no write came to its end on that node since then, in seconds of its clock, while one writer was at it."""
        by_writer = defaultdict(list)
        for writer, _, _, done in self.notes(index):
            if done >= since:
                by_writer[writer].append(done)
        return max(later - earlier for times in by_writer.values() for earlier, later in zip(times, times[1:]))

    def clock(self, index: int) -> float:
        return float(self.lab.on(index, ["date", "+%s.%N"]).stdout)

    def check_files(self) -> int:
        """Every line that was acknowledged is on the file system, once in its node's file and once in those of all, and every line there is whole.
        Returns how many there are."""
        noted = {index: self.notes(index) for index in self.nodes}
        lines, *own = (self.lab.on(1, f"for file in {POINT}/{names}; do flock --shared $file cat $file; done", timeout=240).stdout.splitlines()
                       for names in ("all*", *(f"node{index}" for index in self.nodes)))
        for line in lines + [line for of_node in own for line in of_node]:
            told, _, sum_of_it = line.rpartition(" ")
            if f"{zlib.crc32(told.encode()):08x}" != sum_of_it:
                raise LabError(f"not whole: {line!r}")
        for index, acknowledged in noted.items():
            wanted = {(writer, number) for writer, number, _, _ in acknowledged}
            for where, there in (("its own file", own[index - 1]), ("those of all", [line for line in lines if line.startswith(f"node{index} ")])):
                written = [tuple(map(int, line.split()[1:3])) for line in there]
                if len(set(written)) != len(written) or not wanted <= set(written):
                    raise LabError(f"node{index}: of {len(wanted)} lines that were acknowledged {len(wanted - set(written))} are not in {where}, "
                                   f"and {len(written) - len(set(written))} are there twice")
        return len(lines)
