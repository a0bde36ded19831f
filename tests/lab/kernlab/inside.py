"""A machine's kernel, as it is: past the product, through the kernel's own files."""

from __future__ import annotations

from nodelab.driven import OnResult
from nodelab.errors import LabError

from .lab import MODULES, KernLab

TAINTS = "PFSRMBUDAWCIOELKXTN"


class Inside:
    def __init__(self, lab: KernLab, index: int = 1):
        self.lab = lab
        self.index = index
        self.modules = lab.modules

    def on(self, command, **how) -> OnResult:
        return self.lab.on(self.index, command, **how)

    def path(self, what: str) -> str:
        """Where the machine has a module."""
        return f"{MODULES}/{self.modules.file(what).name}"

    def insert(self, what: str) -> OnResult:
        return self.on(["insmod", self.path(what)], check=False, timeout=60)

    def helper(self, name: str) -> None:
        self.on(["insmod", self.path(name)])

    def install(self, what: str, folder: str = "/usr/lib/kpatch") -> str:
        """Where patch=installed looks. What was there before is not there any more."""
        target = f"{folder}/{self.modules.kernel}"
        self.on(f"mkdir -p {target}; rm -f {target}/*; cp {self.path(what)} {target}/")
        return f"{target}/{self.modules.file(what).name}"

    def state(self, what: str) -> tuple:
        """(enabled, in transition) of a patch, or () where the kernel has none of that name."""
        folder = f"/sys/kernel/livepatch/{self.modules.name(what)}"
        words = self.on(f"cat {folder}/enabled {folder}/transition", check=False).stdout.split()
        return tuple(word == "1" for word in words) if len(words) == 2 else ()

    def patches(self) -> list:
        """Every live patch that the kernel has."""
        return self.on("ls /sys/kernel/livepatch").stdout.split()

    def has_module(self, what: str) -> bool:
        return self.on(["test", "-d", f"/sys/module/{self.modules.name(what)}"], check=False).ok

    def wait_patched(self, what: str, timeout: float = 60) -> None:
        self.lab.wait_until(f"{what} is in force", lambda: self.state(what) == (True, False), timeout)

    def disable(self, what: str) -> None:
        self.on(f"echo 0 >/sys/kernel/livepatch/{self.modules.name(what)}/enabled")

    def wait_gone(self, what: str, timeout: float = 60) -> None:
        self.lab.wait_until(f"{what} is not in the kernel any more", lambda: self.state(what) == (), timeout)

    def let_go(self, module: str, parameter: str) -> None:
        """Lets the sleepers in a module go on."""
        self.on(f"echo N >/sys/module/{module}/parameters/{parameter}")

    def tell(self, what: str) -> None:
        """Has a patch do its harm. Nobody may be left to answer: it is done a moment later."""
        self.on(f"sync; (sleep 1; echo Y >/sys/module/{self.modules.name(what)}/parameters/now) >/dev/null 2>&1 &")

    def cmdline(self) -> str:
        return self.on(["cat", "/proc/cmdline"]).stdout.strip()

    def taint(self) -> str:
        """The letters of what the kernel is tainted with."""
        bits = int(self.on(["cat", "/proc/sys/kernel/tainted"]).stdout)
        return "".join(letter for at, letter in enumerate(TAINTS) if bits >> at & 1)

    def log(self) -> str:
        return self.on(["dmesg"]).stdout

    def silent(self) -> bool:
        """No command comes through: the kernel does not run any more."""
        try:
            self.on(["true"], timeout=1, check=False)
            return False
        except LabError:
            return True
