"""What the kernel knows of its modules and live patches, and how a patch transition goes."""

import os
import time

from . import calls, sysfs
from .behaviour import Behaviour


class Refused(Exception):
    """The name of the error that the kernel gives."""


class Module:
    def __init__(self, name, info, note, behaviour):
        self.name = name
        self.behaviour = behaviour
        taint = behaviour["taint"].replace("none", "")
        sysfs.appear(sysfs.MODULES, name, {
            "initstate": ("live\n", 0o444),
            "refcnt": ("0\n", 0o444),
            "taint": (f"{taint}\n", 0o444),
            "coresize": ("16384\n", 0o444),
            **({"srcversion": (info["srcversion"] + "\n", 0o444)} if "srcversion" in info else {}),
            **({"notes/.note.gnu.build-id": (note, 0o444)} if note else {}),
        })

    @property
    def used(self):
        return int(sysfs.get(f"{sysfs.MODULES}/{self.name}/refcnt"))

    @used.setter
    def used(self, count):
        sysfs.put(f"{sysfs.MODULES}/{self.name}/refcnt", f"{count}\n")


class Patch:
    def __init__(self, module):
        self.module = module
        self.name = module.name
        self.behaviour = module.behaviour
        self.replace = self.behaviour["replace"] == "yes"
        self.enabled = 1
        # The setting that says how long the transition under way takes; None when there is none.
        self.pace = None
        self.since = 0.0
        objects = {}
        for entry in self.behaviour["objects"].split(","):
            name, _, patched = entry.partition(":")
            objects[f"{name}/patched"] = (f"{patched or 1}\n", 0o444)
        sysfs.appear(sysfs.LIVEPATCH, self.name, {
            "enabled": ("1\n", 0o644), "transition": ("0\n", 0o444), "force": ("", 0o200), **objects,
        })
        module.used = 1
        self.begin("transition")

    def path(self, attribute):
        return f"{sysfs.LIVEPATCH}/{self.name}/{attribute}"

    def begin(self, pace):
        self.pace = pace
        self.since = time.monotonic()
        sysfs.put(self.path("transition"), "1\n")

    def due(self):
        """Asked each time anew, so that a stalled transition can be let go by changing the setting."""
        if self.pace is None:
            return False
        seconds = self.behaviour.seconds(self.pace)
        return seconds is not None and time.monotonic() >= self.since + seconds


class LivePatching:
    def __init__(self, say, panic):
        self._say = say
        self._panic = panic
        self.modules = {}
        self.patches = {}

    def in_transition(self):
        return next((patch for patch in self.patches.values() if patch.pace), None)

    # What insmod and rmmod ask for.

    def load(self, name, info, note):
        behaviour = Behaviour(info.get("lab", ""))
        wanted = behaviour["load"]
        if wanted == "panic":
            self._panic(f"{name}: at load")
            return
        if wanted in ("ENOEXEC", "EKEYREJECTED", "ENOKEY", "EPERM"):
            raise Refused(wanted)
        release = os.uname().release
        if info.get("vermagic", "").split(" ")[0] != release and behaviour["vermagic"] == "strict":
            self._say(3, f"{name}: version magic '{info.get('vermagic', '')}' should be '{release} SMP preempt mod_unload '")
            raise Refused("ENOEXEC")
        if name in self.modules:
            raise Refused("EEXIST")
        if wanted == "ENOENT":
            self._say(4, f"{name}: Unknown symbol lab_no_such_symbol (err -2)")
            raise Refused("ENOENT")
        is_patch = info.get("livepatch") == "Y"
        if is_patch:
            sysfs.add_taint(behaviour["taint"].replace("none", ""))
            self._say(4, f"{name}: tainting kernel with TAINT_LIVEPATCH")
            if self.in_transition():
                raise Refused("EBUSY")
        if wanted not in ("ok", "") and not wanted.startswith("slow:"):
            if wanted == "EINVAL":
                self._say(3, "livepatch: symbol 'lab_no_such_function' not found in symbol table")
            raise Refused(wanted)
        module = Module(name, info, note, behaviour)
        self.modules[name] = module
        if is_patch:
            self._say(5, f"livepatch: enabling patch '{name}'")
            self._say(5, f"livepatch: '{name}': starting patching transition")
            self.patches[name] = Patch(module)
        self._show_modules()

    def unload(self, name):
        module = self.modules.get(name)
        if module is None:
            raise Refused("ENOENT")
        if module.used or module.behaviour["rmmod"] == "EBUSY":
            raise Refused("EBUSY")
        del self.modules[name]
        sysfs.vanish(sysfs.MODULES, name)
        self._show_modules()

    # Time passes.

    def tick(self):
        for patch in list(self.patches.values()):
            self._obey(patch)
            if patch.pace == "transition" and patch.behaviour["transition"] == "panic" \
                    and time.monotonic() > patch.since + 0.5:
                self._panic(f"{patch.name}: in its transition")
            if patch.due():
                self._complete(patch)

    def _obey(self, patch):
        """Somebody may have written to one of the patch's files."""
        if sysfs.get(patch.path("force")):
            calls.log("kernel", event="force", patch=patch.name)
            sysfs.put(patch.path("force"), "")
            if patch.pace:
                self._complete(patch)
                return
        written = sysfs.get(patch.path("enabled"))
        if written not in ("0", "1") or int(written) == patch.enabled:
            return
        busy = self.in_transition()
        if busy not in (None, patch):
            calls.log("kernel", event="write refused", patch=patch.name, value=written, error="EBUSY")
            sysfs.put(patch.path("enabled"), f"{patch.enabled}\n")
            return
        calls.log("kernel", event="enabled written", patch=patch.name, value=written, reversal=bool(busy))
        patch.enabled = int(written)
        sysfs.put(patch.path("enabled"), f"{written}\n")
        direction = "patching" if patch.enabled else "unpatching"
        if busy:
            self._say(5, f"livepatch: '{patch.name}': reversing transition from {'un' if patch.enabled else ''}patching to {direction}")
            patch.begin("reversal")
        else:
            self._say(5, f"livepatch: '{patch.name}': starting {direction} transition")
            patch.begin("disable")

    def _complete(self, patch):
        patch.pace = None
        self._say(5, f"livepatch: '{patch.name}': {'patching' if patch.enabled else 'unpatching'} complete")
        calls.log("kernel", event="patched" if patch.enabled else "unpatched", patch=patch.name)
        if not patch.enabled:
            self._forget(patch)
            return
        if patch.replace:
            for other in [p for p in self.patches.values() if p is not patch]:
                calls.log("kernel", event="replaced", patch=other.name, by=patch.name)
                self._forget(other)
        sysfs.put(patch.path("transition"), "0\n")

    def _forget(self, patch):
        del self.patches[patch.name]
        sysfs.vanish(sysfs.LIVEPATCH, patch.name)
        # The module stays until somebody removes it.
        patch.module.used = 0
        self._show_modules()

    def _show_modules(self):
        lines = [f"{m.name} 16384 {m.used} - Live 0x0000000000000000 (OK)" for m in reversed(self.modules.values())]
        sysfs.put(f"{sysfs.RUN}/modules", "".join(line + "\n" for line in lines))
