"""A kernel as QEMU boots it: uncompressed, with the few modules that a machine needs and a first file system to find its disk."""

from __future__ import annotations

import lzma
import shutil
import struct
import subprocess
from pathlib import Path

from nodelab.command import run
from nodelab.errors import LabError

# What the machine has: its disks, its network card, the channel to the host, the watchdog that sbd feeds.
DEVICES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "ext4", "i6300esb")

# Laid out here, because the disk's own init comes after it: the machine's second disk is a tar of what is this node's own.
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for module in /modules/*.ko; do /bin/busybox insmod "$module" || echo "init: $module: not loaded"; done
/bin/busybox mount -t ext4 /dev/vda /root || exec /bin/busybox sh
if [ ! -e /root/etc/kernlab/laid-out ]; then
    /bin/busybox tar -x -f /dev/vdb -C /root && /bin/busybox touch /root/etc/kernlab/laid-out
fi
/bin/busybox umount /proc
exec /bin/busybox switch_root /root /sbin/init
"""


def write_vmlinux(tree: Path, kernel: str, target: Path) -> None:
    """The kernel proper out of its bzImage: QEMU starts it at once, where the bzImage would first unpack itself, emulated."""
    image = (tree / f"boot/vmlinuz-{kernel}").read_bytes()
    # The boot protocol's header: sectors of setup code, then where the payload begins behind them, and its length.
    if image[0x202:0x206] != b"HdrS":
        raise LabError(f"{kernel}: no bzImage")
    sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    payload = image[(sectors + 1) * 512 + offset:][:length]
    if payload.startswith(b"\xfd7zXZ"):
        # Whatever follows the compressed stream is its length: not for the decompressor.
        target.write_bytes(lzma.LZMADecompressor().decompress(payload))
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        packed = target.with_suffix(".zst")
        packed.write_bytes(payload[:-4])
        run(["zstd", "-q", "-d", "-f", packed, "-o", target])
        packed.unlink()
    else:
        raise LabError(f"{kernel}: its payload is neither xz nor zstd")
    if target.read_bytes()[:4] != b"\x7fELF":
        raise LabError(f"{kernel}: what was unpacked is no ELF file")


def module_files(tree: Path, kernel: str, more: tuple = ()) -> list:
    """The modules for DEVICES, and more, with all they need, each after what it needs."""
    folder = tree / "usr/lib/modules" / kernel
    if not (folder / "modules.dep").exists():
        # The package's installation would run it; the tree is only unpacked.
        run(["depmod", "-b", tree, kernel])
    needs = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, others = line.partition(":")
        needs[path] = others.split()
    names = {_name(path): path for path in needs}
    built_in = {_name(path) for path in (folder / "modules.builtin").read_text().split()}
    # crc32c is asked for by ext4 when it mounts, not by a symbol.
    wanted = [*DEVICES, *more, "crc32c_generic", "crc32c_intel"]
    ordered: list = []
    for name in wanted:
        if name in names:
            # modules.dep lists everything needed, the most basic last.
            for path in [*reversed(needs[names[name]]), names[name]]:
                if path not in ordered:
                    ordered.append(path)
        elif name in (*DEVICES, *more) and name not in built_in:
            raise LabError(f"{kernel}: no module {name}")
    return [folder / path for path in ordered]


def write_initramfs(tree: Path, kernel: str, target: Path) -> None:
    stage = target.with_suffix(".stage")
    shutil.rmtree(stage, ignore_errors=True)
    for name in ("bin", "dev", "proc", "root", "modules"):
        (stage / name).mkdir(parents=True)
    shutil.copy(tree / "usr/bin/busybox", stage / "bin/busybox")
    (stage / "init").write_text(INIT)
    (stage / "init").chmod(0o755)
    for number, path in enumerate(module_files(tree, kernel)):
        # busybox loads what is not compressed; the number keeps the order.
        content = path.read_bytes()
        if path.suffix == ".xz":
            content = lzma.decompress(content)
        (stage / "modules" / f"{number:02}-{path.name.split('.')[0]}.ko").write_bytes(content)
    names = "".join(f"{path.relative_to(stage)}\0" for path in sorted(stage.rglob("*")))
    with open(target, "wb") as out:
        subprocess.run(["cpio", "--quiet", "-0", "-o", "-H", "newc"], cwd=stage, input=names.encode(), stdout=out, check=True, timeout=60)
    shutil.rmtree(stage)


def _name(path: str) -> str:
    return Path(path).name.split(".")[0].replace("-", "_")
