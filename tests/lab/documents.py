"""The commands that the documents tell an administrator to type: found in their pages, so that each of them is run, or is known not to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINE = re.compile(r"^ {4,}# (\S.*)$")
# What stands behind a command, for people.
COMMENT = re.compile(r"\s{2,}# .*$")


@dataclass(frozen=True)
class Command:
    """One command, as it is written."""

    text: str
    page: str
    line: int

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def pages() -> list:
    """README.md, and everything in docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> list:
    """Every command in the pages: a line of an indented block that begins with a prompt."""
    found = []
    for page in pages():
        fenced = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            fenced ^= line.startswith("```")
            if not fenced and (match := LINE.match(line)):
                found.append(Command(COMMENT.sub("", match.group(1)).strip(), page.name, number))
    return found


def programs(page: str, kind: str = "sh") -> list:
    """The programs that stand in that page."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.M | re.S)


def program(page: str, kind: str = "sh") -> str:
    """The one program that stands in that page."""
    found, = programs(page, kind)
    return found
