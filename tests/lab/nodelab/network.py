"""The cluster network: one network namespace a node, one for the switch, nothing that reaches the host's own network."""

from __future__ import annotations

import json

from .command import run
from .errors import LabError

SUBNET = "10.77.0"


def address(index: int) -> str:
    return f"{SUBNET}.{index}"


class Network:
    def __init__(self, lab_name: str):
        self._switch = f"pkl.{lab_name}.switch"
        self._lab_prefix = f"pkl.{lab_name}."

    def node_namespace(self, index: int) -> str:
        return f"{self._lab_prefix}{index}"

    def create(self, nodes: int) -> None:
        run(["ip", "netns", "add", self._switch])
        # Snooping would need a querier that is not there, and a listening phase would only delay the first membership.
        run(["ip", "-n", self._switch, "link", "add", "switch", "type", "bridge",
             "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"])
        run(["ip", "-n", self._switch, "link", "set", "switch", "up"])
        for index in range(1, nodes + 1):
            inside = self.node_namespace(index)
            port = self._port(index)
            run(["ip", "netns", "add", inside])
            run(["ip", "-n", inside, "link", "set", "lo", "up"])
            run(["ip", "-n", self._switch, "link", "add", port, "type", "veth",
                 "peer", "name", "eth0", "netns", inside])
            run(["ip", "-n", self._switch, "link", "set", port, "master", "switch", "up"])
            run(["ip", "-n", inside, "addr", "add", f"{address(index)}/24", "dev", "eth0"])
            run(["ip", "-n", inside, "link", "set", "eth0", "up"])

    def remove(self) -> None:
        listed = run(["ip", "-j", "netns", "list"]).stdout.strip()
        for entry in json.loads(listed or "[]"):
            if entry["name"].startswith(self._lab_prefix):
                run(["ip", "netns", "del", entry["name"]])

    def cut(self, index: int) -> None:
        run(["ip", "-n", self._switch, "link", "set", self._port(index), "down"])

    def mend(self, index: int) -> None:
        run(["ip", "-n", self._switch, "link", "set", self._port(index), "up"])

    def is_cut(self, index: int) -> bool:
        shown = run(["ip", "-j", "-n", self._switch, "link", "show", "dev", self._port(index)]).stdout
        try:
            return "UP" not in json.loads(shown)[0]["flags"]
        except (ValueError, LookupError):
            raise LabError(f"ip: unexpected answer: {shown[:200]}") from None

    @staticmethod
    def _port(index: int) -> str:
        return f"port{index}"
