"""The command line: one small function a command, all of the work in KernLab."""

from __future__ import annotations

import argparse
import os
import sys

from nodelab.cli import options_first
from nodelab.errors import LabError

from .image import ensure_image
from .lab import KernLab
from .modules import ensure_modules, releases
from .trees import RELEASES


def main(arguments: list) -> int:
    options = _parser().parse_args(options_first(arguments))
    try:
        return options.run(KernLab(options.name, say=lambda line: print(line, flush=True)), options) or 0
    except LabError as error:
        print(f"kernel-lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has read enough. The interpreter must not try to write the rest of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("kernel-lab: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kernel-lab", description="Emulated machines with Debian's kernels as cluster nodes.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run, summary, **kwargs):
        sub = commands.add_parser(name, help=summary, description=summary, **kwargs)
        sub.add_argument("--name", default="kern", help="which lab (default: kern)")
        sub.set_defaults(run=run)
        return sub

    def on_node(name, run, summary, **kwargs):
        sub = command(name, run, summary, **kwargs)
        sub.add_argument("node", type=int, metavar="I", help="the machine's number")
        return sub

    base = command("base", _base, "build the disk and the modules of a release, unless they are there")
    base.add_argument("--release", default="trixie", choices=RELEASES)
    modules = command("modules", _modules, "name the live patch modules of a release's kernel")
    modules.add_argument("--release", default="trixie", choices=RELEASES)

    up = command("up", _up, "boot fresh machines as a cluster")
    up.add_argument("--nodes", type=int, default=1, metavar="N")
    up.add_argument("--product", metavar="DESTDIR", help="a tree of `make install DESTDIR=…` to put on every machine")
    up.add_argument("--no-resources", action="store_true", help="define no workload")
    up.add_argument("--release", default="trixie", choices=RELEASES)
    up.add_argument("--memory", type=int, default=640, metavar="MIB")

    command("down", lambda lab, _: lab.down(), "end and remove the lab")
    command("status", _status, "show what there is")
    for name, run, summary in (("snapshot", lambda lab, o: lab.snapshot(o.snapshot), "keep all machines as they are at this moment"),
                               ("restore", lambda lab, o: lab.restore(o.snapshot), "put all machines back into that moment")):
        command(name, run, summary).add_argument("snapshot", metavar="SNAPSHOT")

    on = on_node("on", _on, "run a command in a machine")
    on.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="its deadline (default: 300)")
    on.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND …")
    put = on_node("put", lambda lab, o: lab.put(o.node, o.source, o.target), "copy a file, or a folder's content, into a machine")
    put.add_argument("source")
    put.add_argument("target")
    on_node("crash", lambda lab, o: lab.crash(o.node), "pull a machine's power")
    on_node("boot", lambda lab, o: lab.boot(o.node), "boot a machine that is off")
    on_node("reset", lambda lab, o: lab.reset(o.node), "press a machine's reset button")
    on_node("cut", lambda lab, o: lab.cut(o.node), "take a machine off the network")
    on_node("mend", lambda lab, o: lab.mend(o.node), "put a machine back on the network")
    on_node("console", lambda lab, o: print(lab.console(o.node)), "what a machine's kernel said")
    return parser


def _base(_lab, options):
    print(ensure_image(options.release).folder)
    print(ensure_modules(options.release).folder)


def _modules(_lab, options):
    modules = ensure_modules(options.release)
    for what in releases():
        print(f"{what:18}{modules.file(what)}")


def _up(lab, options):
    lab.up(nodes=options.nodes, release=options.release, product=options.product, resources=not options.no_resources, memory=options.memory)


def _status(lab, _options):
    status = lab.status()
    print(f"{status['name']}: {status['release']}, kernel {status['kernel']}, keeper {'alive' if status['keeper'] else 'GONE'}, {status['state']}")
    for machine in status["machines"]:
        print(f"{machine['name']}: power {machine['power']}, {'boot ' + machine['boot'] if machine['boot'] else 'does not answer'}")
    running = lab.running()
    if running:
        shown = lab.on(running[0], ["crm_mon", "-1rf"], check=False)
        print((shown.stdout or shown.stderr).rstrip())


def _on(lab, options):
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("which command?")
    result = lab.on(options.node, command, check=False, timeout=options.timeout)
    sys.stdout.write(result.stdout)
    sys.stderr.write(result.stderr)
    return result.exit_code
