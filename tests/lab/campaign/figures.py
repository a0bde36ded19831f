"""What the campaign came to, counted, as a file that documents can be made of."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections import Counter
from pathlib import Path

from nodelab.places import state_folder

from .stage import Outcome


class Figures:
    """Written after every scenario, so that a campaign that is broken off has its figures, too. What the same binary was seen to do in an
    earlier part of the campaign stays, until that scenario is played again. So does what another part finds meanwhile, on a cluster beside this one."""

    def __init__(self, name: str, binary: Path):
        self.path = state_folder() / name
        self._binary = hashlib.sha256(binary.read_bytes()).hexdigest()
        self._outcomes = self._earlier()

    def _earlier(self) -> list:
        try:
            kept = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return []
        if kept.get("binary") != self._binary:
            return []
        return [Outcome(**{name: value for name, value in outcome.items() if name != "passed"}) for outcome in kept["scenarios"]]

    def add(self, outcome) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._outcomes = [earlier for earlier in self._earlier() if earlier.name != outcome.name] + [outcome]
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps({"binary": self._binary, "totals": self.totals(), "scenarios": [
                {**vars(outcome), "passed": outcome.passed} for outcome in self._outcomes]}, indent=1) + "\n")
            fresh.replace(self.path)

    def totals(self) -> dict:
        all_of_them = self._outcomes
        return {
            "scenarios": len(all_of_them),
            "passed": sum(outcome.passed for outcome in all_of_them),
            "failed": sum(not outcome.passed for outcome in all_of_them),
            "law_violations": sum(len(outcome.violations) for outcome in all_of_them),
            "runs_ended": sum(bool(outcome.end) for outcome in all_of_them),
            "ends": dict(Counter(outcome.end or "none" for outcome in all_of_them)),
            "fences_by_scenarios": sum(len(outcome.fences) - len(outcome.fences_by_us) for outcome in all_of_them),
            "fences_by_us": sum(len(outcome.fences_by_us) for outcome in all_of_them),
            "resources_lost": sum(len(outcome.lost) for outcome in all_of_them),
            "looks_at_the_laws": sum(outcome.looks for outcome in all_of_them),
            "seconds": round(sum(outcome.seconds for outcome in all_of_them)),
        }

    def words(self) -> str:
        totals = self.totals()
        return (f"{totals['scenarios']} scenarios, {totals['law_violations']} law violations in {totals['looks_at_the_laws']} looks, "
                f"{totals['runs_ended']} runs ended, {totals['fences_by_us']} fences caused by us "
                f"({totals['fences_by_scenarios']} by the scenarios), {totals['resources_lost']} resources lost: {self.path}")
