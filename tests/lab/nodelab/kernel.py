"""Setting how a node's simulated kernel behaves. The file is on the node's disk, so it can be set while the node is down."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

from .errors import LabError
from .places import ROOTFS_FILES

ERRORS = ("EBUSY", "EINVAL", "ENOEXEC", "EEXIST", "EKEYREJECTED", "ENOKEY", "ENOENT", "EPERM")

_NUMBER = r"\d+(\.\d+)?"
_TROUBLE = rf"(panic|warn|oops|hung)(:{_NUMBER})?"

# What each setting may be. The same words serve `lab kernel I set` and the settings that a module carries.
SETTINGS = {
    "load": rf"ok|panic|slow:{_NUMBER}|" + "|".join(ERRORS),
    "transition": rf"{_NUMBER}|stall|panic",
    "disable": rf"{_NUMBER}|stall",
    "reversal": rf"{_NUMBER}|stall",
    "after": rf"none|{_TROUBLE}(,{_TROUBLE})*",
    "taint": r"none|[PFSRMBUDAWCIOELKXTN]+",
    "replace": r"yes|no",
    "vermagic": r"strict|lax",
    "rmmod": r"ok|EBUSY",
    "objects": r"\w+(:[01])?(,\w+(:[01])?)*",
    "kpatch.wait": _NUMBER,
    "kpatch.grace": _NUMBER,
    "kpatch.busy_wait": _NUMBER,
    "kpatch.flavour": r"upstream|rhel",
}

TROUBLES = ("panic", "warn", "oops", "hung")


def _stand_in(name: str):
    """The stand-ins' own reading of the file, so that there is one."""
    path = ROOTFS_FILES / f"usr/lib/lab-kernel/lab_kernel/{name}.py"
    spec = importlib.util.spec_from_file_location(f"lab_kernel_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_behaviour = _stand_in("behaviour")


def check_settings(settings: dict) -> dict:
    for name, value in settings.items():
        if name not in SETTINGS:
            raise LabError(f"kernel setting {name!r}: one of {', '.join(SETTINGS)}")
        if not re.fullmatch(SETTINGS[name], value):
            raise LabError(f"kernel setting {name}={value!r}: must match {SETTINGS[name]}")
    return settings


class KernelSettings:
    def __init__(self, disk: Path):
        self._file = disk / _behaviour.FILE.lstrip("/")
        self._calls = disk / "var/log/lab-kernel.log"

    def read(self) -> dict:
        return _behaviour.parse(self._file.read_text()) if self._file.exists() else {}

    def effective(self) -> dict:
        return {**_behaviour.DEFAULTS, **self.read()}

    def change(self, settings: dict) -> None:
        self._write({**self.read(), **check_settings(settings)})

    def reset(self) -> None:
        self._write({})

    def _write(self, settings: dict) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        fresh.replace(self._file)

    def calls(self) -> list:
        """Every call of a stand-in and every event of the simulated kernel on this node, oldest first."""
        if not self._calls.exists():
            return []
        return [json.loads(line) for line in self._calls.read_text().splitlines() if line.endswith("}")]
