"""External commands of the host, each with a deadline."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Optional, Sequence

from .errors import LabError


@dataclass(frozen=True)
class Result:
    argv: tuple
    exit_code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.exit_code == 0

    def describe(self) -> str:
        said = (self.stderr.strip() or self.stdout.strip())[-2000:]
        return f"{' '.join(self.argv)}: exit code {self.exit_code}" + (f": {said}" if said else "")


def run(argv: Sequence[str], *, timeout: float = 60, check: bool = True, stdin: Optional[str] = None) -> Result:
    """Runs a command to its end; a missing tool, a deadline and (with check) a bad exit are LabErrors."""
    argv = tuple(str(word) for word in argv)
    try:
        done = subprocess.run(
            argv,
            timeout=timeout,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
        )
    except FileNotFoundError:
        raise LabError(f"{argv[0]} is not installed on this machine") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"{' '.join(argv)}: no end within {timeout:g} s") from None
    result = Result(argv, done.returncode, done.stdout, done.stderr)
    if check and not result.ok:
        raise LabError(result.describe())
    return result
