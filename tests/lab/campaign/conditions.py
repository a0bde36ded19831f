"""What a step may wait for. Each takes the stage, the step's node and what the file says, and returns when it is so. What is about the
run is looked for on the running node, wherever the step itself is done."""

from __future__ import annotations


def phase(stage, _node: int, wanted: str) -> None:
    """The worker is stopped in that phase, so that the fault strikes there, and goes on after it."""
    stage.hold(stage.roles["running"], wanted)


def token(stage, _node: int, start: str) -> None:
    stage.rollout.wait_token(start, 180)


def journal(stage, _node: int, text: str) -> None:
    """The product has said so on the running node since the scenario began."""
    node = stage.roles["running"]
    stage.lab.wait_until(f"node{node} says: {text}", lambda: text in stage.said(node), 180)


def fenced(stage, _node: int, count: int) -> None:
    stage.lab.wait_until(f"{count} fences", lambda: len(stage.fences()) >= count, 180)


def offline(stage, node: int, _wanted: bool) -> None:
    stage.lab.wait_until(f"the cluster has lost node{node}", lambda: not stage.lab.online(node), 120)


def online(stage, node: int, _wanted: bool) -> None:
    stage.lab.wait_until(f"node{node} is online", lambda: stage.lab.online(node), 240)


def loaded(stage, _node: int, count: int) -> None:
    """The running node's kernel was given the patch so often."""
    node = stage.roles["running"]
    stage.lab.wait_until(f"node{node} was given the patch", lambda: stage.rollout.insertions(node) >= count, 120, interval=0.1)


def standby(stage, node: int, _wanted: bool) -> None:
    stage.lab.wait_until(f"node{node} is in standby", lambda: f"node{node}" in stage.rollout.in_standby(), 120)


def end(stage, _node: int, wanted: str) -> None:
    """The run has ended so; what comes now comes after it."""
    stage.lab.wait_until(f"the run has ended: {wanted}", lambda: stage.seen_end() == wanted, 240)


VOCABULARY = {
    "phase": phase, "token": token, "journal": journal, "fenced": fenced, "offline": offline, "online": online, "loaded": loaded,
    "standby": standby, "end": end,
}
