"""A kernel module file: as much of it as the kernel looks at before it loads one."""

import lzma
import os
import struct


class NotAModule(Exception):
    pass


def module_name(path):
    name = os.path.basename(path)
    for ending in (".xz", ".ko"):
        if name.endswith(ending):
            name = name[: -len(ending)]
    return name.replace("-", "_")


class ModuleFile:
    def __init__(self, path):
        with open(path, "rb") as file:
            content = file.read()
        if path.endswith(".xz"):
            try:
                content = lzma.decompress(content)
            except lzma.LZMAError as error:
                raise NotAModule(str(error))
        sections = _sections(content)
        if ".modinfo" not in sections:
            raise NotAModule("no .modinfo section")
        self.build_id_note = sections.get(".note.gnu.build-id", b"")
        self.info = {}
        for field in sections[".modinfo"].split(b"\0"):
            name, has_value, value = field.decode(errors="replace").partition("=")
            if has_value:
                self.info.setdefault(name, value)
        self.name = self.info.get("name") or module_name(path)


def _sections(content):
    """Name to bytes, of a 64-bit little-endian relocatable."""
    if len(content) < 64 or content[:6] != b"\x7fELF\x02\x01":
        raise NotAModule("not an ELF file")
    kind = struct.unpack_from("<H", content, 16)[0]
    if kind != 1:
        raise NotAModule("not a relocatable")
    try:
        table, = struct.unpack_from("<Q", content, 40)
        size, count, names_at = struct.unpack_from("<HHH", content, 58)
        headers = [struct.unpack_from("<IIQQQQ", content, table + i * size) for i in range(count)]
        names = content[headers[names_at][4]:][: headers[names_at][5]]
        found = {}
        for name_at, section_kind, _flags, _address, offset, length in headers:
            name = names[name_at: names.index(b"\0", name_at)].decode(errors="replace")
            found[name] = b"" if section_kind == 8 else content[offset: offset + length]
        return found
    except (struct.error, IndexError, ValueError) as error:
        raise NotAModule(f"broken ELF file: {error}")
