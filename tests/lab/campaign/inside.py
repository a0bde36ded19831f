"""What the campaign runs inside a node, where a phase may be over in milliseconds. Its text is given to the node's python3."""

import glob
import os
import re
import signal
import sys
import time

JOURNAL = "/var/lib/pcmk-kpatch/run.journal"
PROGRESS = "/run/pcmk-kpatch/progress"
SLOT = 128 * 1024
HEADER = 128


def commands():
    """Every process of this node with its command line."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                yield int(path.split("/")[2]), file.read().split(b"\0")
        except OSError:
            continue


def worker():
    found = [pid for pid, words in commands() if os.path.basename(words[0]) == b"pcmk-kpatch" and words[1:2] == [b"run"]]
    return found[0] if found else None


def phase(root=""):
    """The phase in the journal's newest slot; "none" where there is no run. It can be read from outside, too."""
    try:
        with open(root + JOURNAL, "rb") as file:
            data = file.read()
    except OSError:
        return "none"
    slots = []
    for begin in (0, SLOT):
        head = re.match(rb"pcmk-kpatch journal (\d+) (\d+)", data[begin:begin + HEADER])
        if head:
            slots.append((int(head[1]), data[begin + HEADER:begin + HEADER + int(head[2])]))
    return re.search(rb'"phase": "(\w+)"', max(slots)[1])[1].decode().lower() if slots else "damaged"


def said(wanted):
    """The worker has said that it is in that phase, and its run is not over."""
    try:
        with open(PROGRESS) as file:
            lines = file.read().splitlines()
    except OSError:
        return False
    return os.path.exists(JOURNAL) and any(re.search(rf"node\d+: {wanted}\b", line) for line in lines)


def hold(wanted, seconds):
    """Stops the worker in that phase and leaves it stopped; whoever called this lets it go on. Prints the phase that the journal has."""
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        pid = worker() if said(wanted) else None
        if pid is None:
            time.sleep(0.002)
            continue
        os.kill(pid, signal.SIGSTOP)
        try:
            print(phase())
            return
        except BaseException:
            os.kill(pid, signal.SIGCONT)
            raise
    sys.exit(f"the phase {wanted} never came")


def kill(name, number):
    """A signal to every process whose program has that name; "worker" is the run's own."""
    if name == "worker":
        found = [worker()] if worker() else []
    else:
        found = [pid for pid, words in commands() if os.path.basename(words[0]).decode(errors="replace") == name]
    for pid in found:
        try:
            os.kill(pid, int(number))
        except ProcessLookupError:
            pass
    if not found:
        sys.exit(f"no process {name}")


def strike(action, seconds):
    """Kills the agent's next operation of that kind while it runs."""
    # It lasts some milliseconds, and comes once: who looks for it goes before all others on a busy machine.
    os.nice(-20)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for pid, words in commands():
            if words[0].endswith(b"/resource.d/pcmk/kpatch") and words[1:2] == [action.encode()]:
                try:
                    os.kill(pid, signal.SIGKILL)
                    return
                except ProcessLookupError:
                    continue
    sys.exit(f"the agent's {action} was never seen")


if __name__ == "__main__":
    {"hold": hold, "kill": kill, "strike": strike}[sys.argv[1]](*sys.argv[2:])
