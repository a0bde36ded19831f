"""What a scenario can do to a cluster. Each takes the stage, a node and the step's options. What is still broken when the scenario
ends is mended from the stage's list of things to undo."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

INSIDE = Path(__file__).with_name("inside.py").read_text()

# The tools hang, or fail, for the product alone: the observer asks the same ones.
BAD_TOOL = """#!/bin/bash
case $(cat /proc/$PPID/comm) in pcmk-kpatch|kpatch) %s ;; esac
exec /root/real-%s "$@"
"""
BAD_WAYS = {"hang": "exec sleep 3600", "fail": "exit 1", "half": "/root/real-%s \"$@\" | head -c 300; exit 0"}


def inside(stage, node: int, *words: str, timeout: float = 60):
    return stage.lab.on(node, ["python3", "-c", INSIDE, *words], timeout=timeout)


# Processes.

def kill(stage, node: int, process: str, signal: int = 9) -> None:
    inside(stage, node, "kill", process, str(signal))


def kill_operation(stage, node: int, action: str = "monitor") -> None:
    """The agent's next operation of that kind, in the midst of it."""
    inside(stage, node, "strike", action, "150", timeout=180)


# Power and network.

def power_off(stage, node: int) -> None:
    stage.lab.crash(node)


def boot(stage, node: int) -> None:
    if node not in stage.lab.running():
        stage.lab.boot(node)


def cut(stage, node: int) -> None:
    stage.lab.cut(node)
    stage.undo(f"mend {node}", lambda: stage.lab.mend(node))


def mend(stage, node: int) -> None:
    stage.undone(f"mend {node}")


# The cluster's software.

def stop_cluster(stage, node: int) -> None:
    stage.lab.on(node, "systemctl stop pacemaker corosync", timeout=180)
    stage.undo(f"start {node}", lambda: stage.lab.on(node, "systemctl start corosync pacemaker", timeout=120))


def start_cluster(stage, node: int) -> None:
    stage.undone(f"start {node}")


def restart_cluster(stage, node: int) -> None:
    stage.lab.on(node, "systemctl stop pacemaker; systemctl restart corosync; systemctl start pacemaker", timeout=240)


def break_tool(stage, node: int, tool: str, way: str = "hang") -> None:
    script = BAD_TOOL % (BAD_WAYS[way].replace("%s", tool), tool)
    stage.lab.on(node, f"cp -n /usr/sbin/{tool} /root/real-{tool}; cat > /root/bad-{tool}; chmod 755 /root/bad-{tool}; "
                       f"mount --bind /root/bad-{tool} /usr/sbin/{tool}", stdin=script)
    stage.undo(f"tool {tool} {node}", lambda: stage.lab.on(node, f"umount /usr/sbin/{tool}", check=False))


def mend_tool(stage, node: int, tool: str) -> None:
    stage.undone(f"tool {tool} {node}")


# Disks.

def fill_disk(stage, node: int, folder: str) -> None:
    """A disk of its own under the folder, with what was there, and not a byte free."""
    stage.lab.on(node, f"set -e; cp -a {folder} /run/small-disk; owner=$(stat -c '%u:%g %a' {folder}); mount -t tmpfs -o size=8m none {folder}; "
                       f"cp -a /run/small-disk/. {folder}/; chown ${{owner% *}} {folder}; chmod ${{owner#* }} {folder}; rm -r /run/small-disk; "
                       f"dd if=/dev/zero of={folder}/full bs=4k 2>/dev/null || true")
    stage.undo(f"disk {folder} {node}", lambda: stage.lab.on(
        node, f"mountpoint -q {folder} || exit 0; rm -f {folder}/full; cp -a {folder} /run/small-disk; umount -l {folder}; "
              f"find {folder} -mindepth 1 -delete; cp -a /run/small-disk/. {folder}/; rm -r /run/small-disk"))


def free_disk(stage, node: int, folder: str) -> None:
    """There is room again, on the same disk."""
    stage.lab.on(node, f"rm -f {folder}/full")


def read_only(stage, node: int, folder: str) -> None:
    stage.lab.on(node, f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder}")
    stage.undo(f"writable {folder} {node}", lambda: stage.lab.on(node, f"! mountpoint -q {folder} || umount -l {folder}"))


def writable(stage, node: int, folder: str) -> None:
    stage.undone(f"writable {folder} {node}")


# The clock. Containers share the machine's, which is nobody's to set: a library in front of the C library shows the node's programs
# another one from the next call on. Daemons that were started before have no such library, and go by the machine's clock.

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long offset(void) {
    char text[32] = {0};
    int fd = open("/run/lab-clock", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    if (read(fd, text, sizeof text - 1) < 0) text[0] = 0;
    close(fd);
    return atol(text);
}
int clock_gettime(clockid_t id, struct timespec *to) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, to);
    if (result == 0 && id == CLOCK_REALTIME) to->tv_sec += offset();
    return result;
}
"""


def clock_ready(stage, node: int) -> None:
    """From now on what is started on that node goes by the node's own clock."""
    stage.lab.install_library(node, "lab-clock.so", CLOCK)
    stage.lab.on(node, "echo /usr/lib/lab-clock.so > /etc/ld.so.preload")
    stage.undo(f"clock {node}", lambda: stage.lab.on(node, "rm -f /etc/ld.so.preload /run/lab-clock"))


def clock_step(stage, node: int, hours: float) -> None:
    stage.lab.on(node, f"echo {int(hours * 3600)} > /run/lab-clock.new; mv /run/lab-clock.new /run/lab-clock")


# The administrator's doings.

def admin(stage, node: int, command: str) -> None:
    """Whatever an administrator would type there. What it changes in the configuration is the administrator's from then on."""
    with stage.laws.administrator():
        stage.lab.on(node, command.replace("RUNNING", f"node{stage.roles['running']}").replace("BYSTANDER", f"node{stage.roles['bystander']}"), timeout=180)


def keep_cib(stage, node: int, whole: bool = False) -> None:
    stage.kept_cib = stage.lab.on(node, ["cibadmin", "--query", *([] if whole else ["--scope", "configuration"])]).stdout


def push_cib(stage, node: int) -> None:
    """What was kept is put back: the configuration, as pcs cluster cib-push --config does it, and with it the token of then; or the whole
    CIB, and with it every node's standby of then. The cluster takes no whole one that is older by its numbers."""
    text = re.sub(r'(<cib [^>]*admin_epoch=")(\d+)', lambda found: found[1] + str(int(found[2]) + 1), stage.kept_cib, count=1)
    scope = "" if "<status" in text else "--scope configuration"
    with stage.laws.administrator():
        stage.lab.on(node, f"cat > /root/old-cib.xml; cibadmin --replace {scope} --xml-file /root/old-cib.xml", stdin=text)


def install_product(stage, _node: int) -> None:
    """The product is installed anew on every node, as an upgrade does it: new files under the old names."""
    stage.install_product()


def person(stage, node: int, command: str, exit_code: int = 0) -> None:
    """The product's own command line."""
    shown = stage.lab.on(node, f"pcmk-kpatch {command}", check=False, timeout=240)
    if shown.exit_code != exit_code:
        stage.laws.broken(8, f"node{node}: pcmk-kpatch {command}: exit code {shown.exit_code}, expected {exit_code}: {shown.stderr.strip()[-200:]}")


def offer_patch(stage, node: int) -> None:
    """The same patch is due on this node, too."""
    stage.offer(node)


def kernel(stage, node: int, **settings: str) -> None:
    stage.lab.kernel(node, **{name: str(value) for name, value in settings.items()})


def trouble(stage, node: int, kind: str) -> None:
    stage.lab.trouble(node, kind)


def nothing(_stage, _node: int) -> None:
    """Only what the step waits for."""


VOCABULARY = {word.__name__.replace("_", "-"): word for word in (
    kill, kill_operation, power_off, boot, cut, mend, stop_cluster, start_cluster, restart_cluster, break_tool, mend_tool, fill_disk, free_disk,
    read_only, writable, clock_ready, clock_step, admin, keep_cib, push_cib, install_product, person, offer_patch, kernel, trouble, nothing)}


def carry_out(stage, step) -> None:
    nodes = stage.nodes_of(step.node)
    with ThreadPoolExecutor(len(nodes)) as together:
        for done in [together.submit(VOCABULARY[step.do], stage, node, **step.options) for node in nodes]:
            done.result()
