"""The command line: one small function a command, all of the work in Lab."""

from __future__ import annotations

import argparse
import json
import os
import sys

from .errors import LabError
from .kernel import TROUBLES, KernelSettings
from .lab import Lab
from .rootfs import RELEASES, ensure_base


def main(arguments: list) -> int:
    options = _parser().parse_args(options_first(arguments))
    try:
        return options.run(Lab(options.name, say=lambda line: print(line, flush=True)), options) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has read enough. The interpreter must not try to write the rest of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130


def options_first(arguments: list) -> list:
    """`lab on I --timeout 5 COMMAND --option`: ours go before the node, and all from the command on is the command's."""
    if arguments[:1] != ["on"]:
        return arguments
    ours, node, rest = [], [], arguments[1:]
    while rest:
        if rest[0] in ("--timeout", "--name"):
            ours, rest = ours + rest[:2], rest[2:]
        elif rest[0].startswith(("--timeout=", "--name=", "-h", "--help")) and not node:
            ours, rest = ours + rest[:1], rest[1:]
        elif not node:
            node, rest = rest[:1], rest[1:]
        else:
            break
    return ["on", *ours, *node, *(rest if rest[:1] == ["--"] or not rest else ["--", *rest])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="Booted containers as cluster nodes on this machine.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run, summary, **kwargs):
        sub = commands.add_parser(name, help=summary, description=summary, **kwargs)
        sub.add_argument("--name", default="lab", help="which lab (default: lab)")
        sub.set_defaults(run=run)
        return sub

    def on_node(name, run, summary, **kwargs):
        sub = command(name, run, summary, **kwargs)
        sub.add_argument("node", type=int, metavar="I", help="the node's number")
        return sub

    base = command("base", _base, "build the base tree of a release, unless it is there")
    base.add_argument("--release", default="bookworm", choices=RELEASES)

    up = command("up", _up, "boot a fresh cluster")
    up.add_argument("--nodes", type=int, default=3, metavar="N")
    up.add_argument("--remotes", type=int, default=0, metavar="N", help="remote nodes behind the members (default: 0)")
    up.add_argument("--product", metavar="DESTDIR", help="a tree of `make install DESTDIR=…` to put on every node")
    up.add_argument("--no-resources", action="store_true", help="define no workload")
    up.add_argument("--release", default="bookworm", metavar="RELEASE[,RELEASE…]", help="of all nodes, or of each member")
    up.add_argument("--token", type=int, default=3000, metavar="MS", help="corosync's token timeout (default: 3000)")

    command("down", lambda lab, _: lab.down(), "end and remove the lab")
    command("status", _status, "show what there is")
    fences = command("fences", _fences, "print what the fence device was asked to do")
    fences.add_argument("--json", action="store_true", help="one JSON object a line")

    on = on_node("on", _on, "run a command in a node")
    on.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="its deadline (default: 300)")
    on.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND …")
    on_node("shell", lambda lab, o: lab.shell(o.node), "a shell in a node")
    on_node("crash", lambda lab, o: lab.crash(o.node), "pull a node's power")
    on_node("boot", lambda lab, o: lab.boot(o.node), "boot a node that is off")
    on_node("cut", lambda lab, o: lab.cut(o.node), "take a node off the network")
    on_node("mend", lambda lab, o: lab.mend(o.node), "put a node back on the network")

    product = command("product", lambda lab, o: lab.product(o.tree), "install the product's tree on the nodes again")
    product.add_argument("tree", metavar="DESTDIR")

    module = command("module", _module, "make a stand-in module and put it on the nodes")
    module.add_argument("file", metavar="FILE.ko")
    module.add_argument("--node", type=int, action="append", metavar="I", help="only there (may be repeated; default: all)")
    module.add_argument("--all", action="store_true", help="on all nodes (the default)")
    module.add_argument("--dir", default="usr", metavar="usr|var|FOLDER",
                        help="/usr/lib/kpatch/KERNEL, /var/lib/kpatch/KERNEL, or a folder")
    module.add_argument("--livepatch", choices=("yes", "no"), default="yes")
    module.add_argument("--vermagic", default="", metavar="RELEASE", help="another kernel's release")
    module.add_argument("--behaviour", default="", metavar="NAME=VALUE;…", help="kernel settings that the module carries")
    module.add_argument("--seed", default="", help="another seed: the same name with another build id")
    module.add_argument("--compress", choices=("xz",), default="")
    module.add_argument("--garbage", action="store_true", help="no module at all")

    kernel = on_node("kernel", _kernel, "show or change how a node's simulated kernel behaves")
    kernel.add_argument("action", nargs="?", default="show",
                        choices=("show", "set", "reset", "calls", *TROUBLES),
                        help=f"calls: what the stand-ins logged; {', '.join(TROUBLES)}: trouble, now")
    kernel.add_argument("settings", nargs="*", metavar="NAME=VALUE")

    kpatch = on_node("kpatch", lambda lab, o: lab.kpatch(o.node, o.state == "on"), "install or remove the kpatch utility")
    kpatch.add_argument("state", choices=("on", "off"))
    return parser


def _base(lab, options):
    print(ensure_base(options.release))


def _up(lab, options):
    lab.up(nodes=options.nodes, product=options.product, resources=not options.no_resources,
           release=options.release, token_ms=options.token, remotes=options.remotes)


def _status(lab, _options):
    status = lab.status()
    print(f"{status['name']}: {', '.join(dict.fromkeys(status['releases']))}, keeper {'alive' if status['keeper'] else 'GONE'}, {status['state']}")
    for node in status["nodes"]:
        leader = f", pid {node['leader']}" if node["leader"] else ""
        print(f"{node['name']}: power {node['power']}, link {node['link']}{leader}")
    running = lab.running()
    if running:
        shown = lab.on(running[0], ["crm_mon", "-1rf"], check=False)
        print((shown.stdout or shown.stderr).rstrip())


def _fences(lab, options):
    for fence in lab.fences():
        print(json.dumps(fence) if options.json else
              f"{fence['time']} {fence['action']} {fence['target']} by {fence['requester']}: {fence['result']}")


def _on(lab, options):
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("which command?")
    return lab.pass_through(options.node, command, options.timeout)


def _module(lab, options):
    if options.all and options.node:
        raise LabError("--all or --node, not both")
    made = lab.module(options.file, options.node, options.dir, livepatch=options.livepatch == "yes",
                      vermagic=options.vermagic, behaviour=options.behaviour, seed=options.seed,
                      compress=options.compress, garbage=options.garbage)
    print(f"{made.file_name}: module {made.name}, build id {made.build_id or 'none'}")


def _kernel(lab, options):
    if options.settings and options.action != "set":
        raise LabError(f"{options.action} takes no settings")
    if options.action in TROUBLES:
        lab.trouble(options.node, options.action)
        return
    settings = KernelSettings(lab.disk(options.node))
    if options.action == "set":
        pairs = [entry.partition("=") for entry in options.settings]
        if not pairs or not all(has_value for _, has_value, _ in pairs):
            raise LabError("set NAME=VALUE …")
        settings.change({name: value for name, _, value in pairs})
    elif options.action == "reset":
        settings.reset()
    elif options.action == "calls":
        for call in settings.calls():
            print(json.dumps(call))
        return
    own = settings.read()
    for name, value in settings.effective().items():
        print(f"{name}={value}{'' if name in own else '  (default)'}")
