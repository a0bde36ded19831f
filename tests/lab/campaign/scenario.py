"""A scenario as its file says it. Whatever is misspelt there is an error here, before a node is touched."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "scenarios"

ENDS = ("patched", "halted", "parked", "unpatched")

# So long a run may take to its end, in seconds: the ten minutes of confirm_timeout, and what comes before them.
PATIENCE = 900

# Whom a step is about: the node of the run, the DC, a node that is neither, or all. They are settled when the scenario begins.
ROLES = ("running", "dc", "bystander", "all")


@dataclass(frozen=True)
class Step:
    """One thing that is done to the cluster, and what is waited for before."""

    do: str
    node: str = "running"
    when: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Expected:
    """What the end may look like."""

    end: tuple
    # In the token's reason, where it is halted or parked.
    why: str = ""
    # Whom the scenario itself may have fenced, a name for each fence.
    fences: tuple = ()
    # Who stays in an administrator's standby.
    standby: tuple = ()
    # Resources that the scenario itself takes away.
    lost: tuple = ()
    quarantined: bool = False
    # For so long our standby may be without its token, where the scenario itself takes the token away.
    orphan_seconds: float = 0


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    about: str
    gate: bool
    nodes: int
    # Whose kernel has a patch due: "not-dc", "dc" or "all".
    patch: str
    policy: dict
    kernel: dict
    kpatch: bool
    timeout: float
    prepare: tuple
    fault: tuple
    heal: tuple
    after: tuple
    expect: Expected

    @property
    def kills_pacemaker(self) -> bool:
        """One of its daemons is killed: the controller ends with most of the others."""
        return any(step.do == "kill" and step.options.get("process", "").startswith("pacemaker") for step in self.fault)


class BadScenario(ValueError):
    """The file says what nobody understands."""


def read(path: Path) -> Scenario:
    try:
        return _scenario(path.stem, tomllib.loads(path.read_text()))
    except (BadScenario, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise BadScenario(f"{path.name}: {error}") from None


def all_scenarios() -> list:
    return [read(path) for path in sorted(FOLDER.glob("*.toml"))]


def _scenario(name: str, given: dict) -> Scenario:
    run = given.pop("run", {})
    expect = given.pop("expect")
    made = Scenario(
        name=name, title=given.pop("title"), about=given.pop("about"), gate=given.pop("gate", False),
        nodes=run.pop("nodes", 3), patch=run.pop("patch", "not-dc"), policy=run.pop("policy", {}), kernel=run.pop("kernel", {}),
        kpatch=run.pop("kpatch", True), timeout=run.pop("timeout", PATIENCE),
        **{part: tuple(_step(step) for step in given.pop(part, [])) for part in ("prepare", "fault", "heal", "after")},
        expect=Expected(**{key: tuple(value) if isinstance(value, list) else value for key, value in expect.items()}))
    for leftover in (given, run):
        if leftover:
            raise BadScenario(f"not known: {', '.join(leftover)}")
    if not made.expect.end or any(end not in ENDS for end in made.expect.end):
        raise BadScenario(f"end: a list of {', '.join(ENDS)}")
    if made.patch not in ("not-dc", "dc", "all"):
        raise BadScenario(f"patch = {made.patch!r}")
    for role in (*made.expect.fences, *made.expect.standby):
        if role not in ROLES[:3]:
            raise BadScenario(f"{role!r} is none of {', '.join(ROLES[:3])}")
    return made


def _step(given: dict) -> Step:
    from . import conditions, faults
    step = Step(given.pop("do"), given.pop("node", "running"), given.pop("when", {}), given)
    if step.do not in faults.VOCABULARY:
        raise BadScenario(f"do = {step.do!r}: one of {', '.join(sorted(faults.VOCABULARY))}")
    if step.node not in ROLES:
        raise BadScenario(f"node = {step.node!r}: one of {', '.join(ROLES)}")
    for key in step.when:
        if key not in conditions.VOCABULARY:
            raise BadScenario(f"when {key}: one of {', '.join(sorted(conditions.VOCABULARY))}")
    return step
