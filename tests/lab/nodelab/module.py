"""Stand-in modules: real ELF relocatables with the sections that tools and the kernel look at before they load one."""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .command import run
from .errors import LabError


@dataclass(frozen=True)
class Module:
    file_name: str
    name: str
    build_id: str
    content: bytes


def make_module(file_name: str, *, livepatch: bool = True, vermagic: str = "", behaviour: str = "", seed: str = "",
                compress: str = "", garbage: bool = False) -> Module:
    """The same arguments give the same file; another seed gives the same module with another build id."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+\.ko", file_name):
        raise LabError(f"module file {file_name!r}: a plain name that ends in .ko")
    if compress not in ("", "xz"):
        raise LabError(f"compression {compress!r}: only xz")
    name = file_name[:-3].replace("-", "_")
    fields = {
        "license": "GPL",
        **({"livepatch": "Y"} if livepatch else {}),
        "depends": "",
        "name": name,
        "vermagic": (vermagic or os.uname().release) + " SMP preempt mod_unload ",
        **({"lab": behaviour} if behaviour else {}),
    }
    if garbage:
        content, build_id = hashlib.sha512(f"{file_name}{seed}".encode()).digest() * 16, ""
    else:
        content, build_id = _link(fields, seed)
    if compress:
        content = lzma.compress(content)
        file_name += ".xz"
    return Module(file_name, name, build_id, content)


def _link(fields: dict, seed: str) -> tuple:
    modinfo = "\n".join(f"    .asciz {_quoted(f'{key}={value}')}" for key, value in fields.items())
    source = "\n".join((
        '    .section .modinfo, "a"', modinfo,
        # Without content of its own, two versions of a module would share a build id.
        '    .section .rodata.lab, "a"', f"    .asciz {_quoted(seed or 'lab')}",
        "    .section .text", "    .globl init_module", "init_module:", "    ret",
        '    .section .note.GNU-stack, "", @progbits', ""))
    with tempfile.TemporaryDirectory(prefix="lab-module-") as folder:
        compiled, linked = f"{folder}/module.o", f"{folder}/module.ko"
        run(["gcc", "-c", "-x", "assembler", "-", "-o", compiled], stdin=source)
        run(["ld", "-r", "--build-id=sha1", compiled, "-o", linked])
        note = f"{folder}/note"
        run(["objcopy", "-O", "binary", "--only-section=.note.gnu.build-id", "--set-section-flags",
             ".note.gnu.build-id=alloc", linked, note])
        # The note: three lengths, the name GNU, the id.
        return Path(linked).read_bytes(), Path(note).read_bytes()[16:].hex()


def _quoted(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise LabError(f"{text!r} cannot stand in a module")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
