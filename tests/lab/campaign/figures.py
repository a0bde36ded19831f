"""What the campaign came to, counted, as a file that documents can be made of."""

from __future__ import annotations

import json
from collections import Counter

from nodelab.places import state_folder


class Figures:
    """Written after every scenario, so that a campaign that is broken off has its figures, too."""

    def __init__(self, name: str = "campaign.json"):
        self.path = state_folder() / name
        self._outcomes: list = []

    def add(self, outcome) -> None:
        self._outcomes.append(outcome)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"totals": self.totals(), "scenarios": [
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
