"""How the simulated kernel of this node behaves: name=value lines in a file on the node's disk.

The file outlives a reboot on purpose: a patch that panics does so again when it is loaded again. A module may carry
settings of its own (modinfo lab=...); the node's file has the last word.
"""

import os

FILE = "/etc/lab-kernel/behaviour"

DEFAULTS = {
    "load": "ok",
    "transition": "1.5",
    "disable": "1.5",
    "reversal": "1",
    "after": "none",
    "taint": "OK",
    "replace": "yes",
    "vermagic": "strict",
    "rmmod": "ok",
    "objects": "vmlinux",
    "kpatch.wait": "4",
    "kpatch.grace": "2",
    "kpatch.busy_wait": "0.5",
    "kpatch.flavour": "upstream",
}


def parse(text):
    found = {}
    for line in text.replace(";", "\n").splitlines():
        name, has_value, value = line.strip().partition("=")
        if has_value and not name.startswith("#"):
            found[name.strip()] = value.strip()
    return found


class Behaviour:
    def __init__(self, module_settings=""):
        self._module = parse(module_settings)
        self._seen = None
        self._node = {}

    def __getitem__(self, name):
        self._refresh()
        return self._node.get(name) or self._module.get(name) or DEFAULTS[name]

    def seconds(self, name):
        """The setting as a number of seconds, or None where it is not a number (stall, panic)."""
        try:
            return float(self[name])
        except ValueError:
            return None

    def _refresh(self):
        try:
            stat = os.stat(FILE)
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen != self._seen:
                with open(FILE) as file:
                    self._node = parse(file.read())
                self._seen = seen
        except FileNotFoundError:
            self._node = {}
            self._seen = None
