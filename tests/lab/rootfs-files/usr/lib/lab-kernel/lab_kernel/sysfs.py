"""The files that a kernel with live patching shows, laid over those of the machine's own kernel.

They are plain files in memory: what a node loaded is gone when its power goes. One thing a plain file cannot do is to
refuse a write (EINVAL, EBUSY): the simulated kernel puts the old value back instead, and logs it.
"""

import os
import shutil
import subprocess

RUN = "/run/lab-kernel"
# What is shown at /sys/kernel and /sys/module, in one file system, so that a folder can be made ready where nobody sees it.
SYS = f"{RUN}/sys"
KERNEL = f"{SYS}/kernel"
LIVEPATCH = f"{KERNEL}/livepatch"
MODULES = f"{SYS}/module"
_UNSEEN = f"{SYS}/unseen"

TAINT_LETTERS = "PFSRMBUDAWCIOELKXTN"


def lay_over():
    os.makedirs(SYS)
    _mount("-t", "tmpfs", "-o", "mode=0755,nosuid,nodev,noexec", "lab-kernel", SYS)
    for path in (LIVEPATCH, MODULES, _UNSEEN):
        os.makedirs(path)
    for path, text in {
        f"{KERNEL}/warn_count": "0\n",
        f"{KERNEL}/oops_count": "0\n",
        f"{KERNEL}/security/lockdown": "[none] integrity confidentiality\n",
        f"{KERNEL}/debug/kprobes/list": "",
        f"{MODULES}/module/parameters/sig_enforce": "N\n",
    }.items():
        create(path, text)
    _mount("--bind", KERNEL, "/sys/kernel")
    _mount("--bind", MODULES, "/sys/module")
    create(f"{RUN}/tainted", "0\n")
    create(f"{RUN}/modules", "")
    create(f"{RUN}/kmsg", "")
    _mount("--bind", f"{RUN}/tainted", "/proc/sys/kernel/tainted")
    if os.path.exists("/proc/modules"):
        # A kernel without loadable modules has none, and nothing can be made there.
        _mount("--bind", f"{RUN}/modules", "/proc/modules")
    if not os.path.exists("/dev/kmsg"):
        create("/dev/kmsg", "")
    # Read-only: whoever else would write there would not do so in the kernel's format.
    _mount("--bind", f"{RUN}/kmsg", "/dev/kmsg")
    _mount("-o", "remount,bind,ro", "/dev/kmsg")


def _mount(*words):
    subprocess.run(["mount", *words], check=True, timeout=30)


def create(path, content, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.write(handle, content if isinstance(content, bytes) else content.encode())
    finally:
        os.close(handle)
    os.chmod(path, mode)


def put(path, text):
    """Changes a value in place: nobody ever reads an empty file, as nobody does in the real /sys."""
    handle = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(handle, text.encode(), 0)
        os.ftruncate(handle, len(text))
    finally:
        os.close(handle)


def get(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def appear(parent, name, files):
    """A folder that is there all at once, with all of its files: {relative path: (content, mode)}."""
    building = f"{_UNSEEN}/{name}"
    for path, (content, mode) in files.items():
        create(f"{building}/{path}", content, mode)
    os.rename(building, f"{parent}/{name}")


def vanish(parent, name):
    going = f"{_UNSEEN}/{name}"
    os.rename(f"{parent}/{name}", going)
    shutil.rmtree(going)


def add_taint(letters):
    value = int(get(f"{RUN}/tainted") or 0)
    for letter in letters:
        value |= 1 << TAINT_LETTERS.index(letter)
    put(f"{RUN}/tainted", f"{value}\n")


def count_up(name):
    path = f"{KERNEL}/{name}"
    put(path, f"{int(get(path) or 0) + 1}\n")
