"""The log of what was called, on the node's disk, so that a test can count how often a module was inserted."""

import glob
import json
import os
import sys
import time

FILE = "/var/log/lab-kernel.log"


def boot_id():
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def log(tool, **fields):
    entry = {"time": round(time.time(), 3), "boot_id": boot_id(), "tool": tool, **fields}
    # One write to a file opened for appending: entries of tools that run at once never mix.
    handle = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, (json.dumps(entry) + "\n").encode())
    finally:
        os.close(handle)


def active_resources():
    """What runs on this node in this very moment, as the resources' own state files have it: no cluster tool is asked."""
    return sorted(os.path.basename(path)[:-len(".state")] for kind in ("Dummy", "Stateful") for path in glob.glob(f"/run/{kind}-*.state"))


def log_call(tool):
    """To be called first by each stand-in: it is the attempt that is counted, whatever becomes of it."""
    try:
        with open(f"/proc/{os.getppid()}/comm") as file:
            parent = file.read().strip()
    except OSError:
        parent = "?"
    log(tool, argv=sys.argv[1:], parent=parent, active=active_resources())
