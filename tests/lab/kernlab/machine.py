"""One emulated machine: the command line of its QEMU, and its disk."""

from __future__ import annotations

import ctypes
import io
import os
import signal
import subprocess
import tarfile
import uuid
import zlib
from typing import Optional

from nodelab.command import run
from nodelab.network import address
from nodelab.node import node_name
from nodelab.process import ProcessId

from .image import Image
from .places import KernLabPlaces

# A panic hangs, as on a node whose administrator did not ask for anything else: it is for the cluster to find out. No IPv6: the cable brings
# a machine its own packets back, which IPv6 takes for another machine of the same address. The rest saves time where everything is emulated.
KERNEL_ARGUMENTS = ("console=ttyS0 panic=0 loglevel=5 net.ifnames=0 mitigations=off tsc=reliable audit=0 "
                    "random.trust_cpu=on ipv6.disable=1 systemd.show_status=0")

CIB = "var/lib/pacemaker/cib/cib.xml"


class Machine:
    def __init__(self, places: KernLabPlaces, index: int):
        self.index = index
        self.name = node_name(index)
        self._lab = places
        self.places = places.machine(index)

    def create_disk(self, image: Image, files: dict, trees: list) -> None:
        """files: path → text, the CIB among them. trees: folders laid over the machine's root, such as the product's."""
        self.places.folder.mkdir(parents=True)
        run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.disk, self.places.disk])
        own = {
            "etc/hostname": f"{self.name}\n",
            # With an id of its own systemd does not take the boot for a machine's first one.
            "etc/machine-id": uuid.uuid4().hex + "\n",
            "etc/kernlab/address": address(self.index) + "\n",
            **files,
        }
        with tarfile.open(self.places.own, "w", format=tarfile.GNU_FORMAT) as tar:
            for tree in trees:
                tar.add(tree, arcname=".", filter=_owned_by_root)
            for name, text in own.items():
                data = text.encode()
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o644
                if name == CIB:
                    (entry.uid, entry.gid), entry.mode = image.cib_owner, 0o600
                tar.addfile(entry, io.BytesIO(data))
        # A disk is a whole number of blocks.
        size = self.places.own.stat().st_size
        os.truncate(self.places.own, (size + 4095) // 4096 * 4096)

    def start(self, image: Image, memory: int, snapshot: str = "") -> subprocess.Popen:
        """Only the keeper does this: the machine ends with it. With a snapshot it stands still at that moment, and waits to go on."""
        for name in (self.places.control, self.places.agent):
            (self.places.folder / name).unlink(missing_ok=True)
        with open(self.places.qemu_log, "ab") as log:
            more = ["-S", "-loadvm", snapshot] if snapshot else []
            process = subprocess.Popen(self._command(image, memory) + more, cwd=self.places.folder, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, preexec_fn=_end_with_parent)
        known = ProcessId.of(process.pid)
        if known:
            known.save(self.places.qemu_id)
        return process

    def qemu(self) -> Optional[ProcessId]:
        known = ProcessId.load(self.places.qemu_id)
        return known if known and known.alive() else None

    def _command(self, image: Image, memory: int) -> list:
        # Of the lab's name, so that labs side by side do not hear each other. Both ends are on this machine's loopback.
        code = zlib.crc32(str(self._lab.root).encode())
        cable = f"mcast=230.77.{code >> 8 & 255}.{code & 255}:{20000 + (code >> 16) % 20000},localaddr=127.0.0.1"
        return [
            # Not kvm, even where there is one: what is measured and tested is the same everywhere. A processor without wide vectors, for
            # those are emulated slowly; room enough for translated code, or everything is translated again and again. Both processors in one thread: with
            # a thread for each, one of them now and then still runs what the other has just rewritten (QEMU 7.2: "Oops: int3" in a kernel that patches
            # itself, at boot or with a live patch, and a reset out of nothing).
            "qemu-system-x86_64", "-accel", "tcg,thread=single,tb-size=512", "-M", "q35", "-cpu", "Nehalem", "-smp", "2", "-m", str(memory),
            "-nodefaults", "-no-user-config", "-display", "none", "-name", f"{self._lab.name}-{self.name}",
            "-kernel", str(image.vmlinux), "-initrd", str(image.initramfs), "-append", KERNEL_ARGUMENTS,
            "-chardev", f"file,id=console,path={self.places.console},append=on", "-serial", "chardev:console",
            "-chardev", f"socket,id=control,path={self.places.control},server=on,wait=off", "-mon", "chardev=control,mode=control",
            "-device", "virtio-serial-pci",
            "-chardev", f"socket,id=agent,path={self.places.agent},server=on,wait=off", "-device", "virtserialport,chardev=agent,name=kernlab",
            # The host's own disk loses nothing that matters: a lab does not outlive its host's power.
            "-drive", f"file={self.places.disk},if=none,id=disk,format=qcow2,cache=unsafe,discard=unmap", "-device", "virtio-blk-pci,drive=disk",
            "-drive", f"file={self.places.own},if=none,id=own,format=raw,read-only=on", "-device", "virtio-blk-pci,drive=own",
            *self._shared_disks(),
            "-netdev", f"socket,id=cable,{cable}", "-device", f"virtio-net-pci,netdev=cable,id=card,mac=52:54:00:77:00:{self.index:02x},romfile=",
            "-device", "i6300esb", "-action", "watchdog=reset",
            # A guest that resets for no reason that it tells (a triple fault) leaves its registers in QEMU's log.
            "-d", "cpu_reset",
            "-rtc", "base=utc,clock=vm",
        ]

    def _shared_disks(self) -> list:
        # Nothing of them is kept in QEMU, and it locks nothing: that is for the machines to do. Behind the two of its own: /dev/vdc and /dev/vdd.
        return [word for path in self._lab.shared_disks if path.exists() for word in (
            "-drive", f"file={path},if=none,id={path.stem},format=raw,cache=writeback,file.locking=off",
            "-device", f"virtio-blk-pci,drive={path.stem},serial={path.stem},share-rw=on")]


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    if entry.isdir():
        # Folders that the machine has, above all its root, are not to become as private as the tree's.
        entry.mode = 0o755
    return entry


def _end_with_parent() -> None:
    os.setsid()
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
