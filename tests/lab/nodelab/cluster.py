"""What the cluster of a lab is configured to be, as text."""

from __future__ import annotations

from .network import address
from .node import node_name

FENCE_DEVICE = "fencing"


def corosync_conf(nodes: int, token_ms: int, totem: tuple = (), sections: tuple = ()) -> str:
    """totem: further lines of that section; sections: further lines behind all others."""
    lines = [
        "totem {", "    version: 2", "    cluster_name: lab", "    transport: knet",
        "    crypto_cipher: none", "    crypto_hash: none", f"    token: {token_ms}", *(f"    {line}" for line in totem), "}",
        "nodelist {",
    ]
    for index in range(1, nodes + 1):
        lines += ["    node {", f"        name: {node_name(index)}", f"        nodeid: {index}",
                  f"        ring0_addr: {address(index)}", "    }"]
    lines += ["}", "quorum {", "    provider: corosync_votequorum"]
    if nodes == 2:
        lines.append("    two_node: 1")
    lines += ["}", "logging {", "    to_syslog: yes", "    to_stderr: no", "}", *sections]
    return "\n".join(lines) + "\n"


def initial_cib(nodes: int, fenced: bool = True, schema: str = "pacemaker-3.0", remotes: int = 0) -> str:
    """Put in place before the first start: without it three nodes would first wait 20 s for a DC, and have no fencing yet."""
    names = " ".join(node_name(i) for i in range(1, nodes + remotes + 1))
    properties = {
        "stonith-enabled": "true" if fenced else "false",
        "stonith-timeout": "120s",
        "cluster-delay": "120s",
        "dc-deadtime": "5s",
        "cluster-name": "lab",
    }
    nvpairs = "".join(f'<nvpair id="cib-bootstrap-options-{n}" name="{n}" value="{v}"/>' for n, v in properties.items())
    return (
        f'<cib validate-with="{schema}" admin_epoch="0" epoch="1" num_updates="0">'
        '<configuration>'
        f'<crm_config><cluster_property_set id="cib-bootstrap-options">{nvpairs}</cluster_property_set></crm_config>'
        '<nodes/>'
        '<resources>'
        f'{_fence_device(names) if fenced else ""}'
        f'{"".join(_remote_node(i) for i in range(nodes + 1, nodes + remotes + 1))}'
        '</resources><constraints/>'
        '<rsc_defaults><meta_attributes id="lab-defaults">'
        # Resources stay where a drain took them, as admins of such clusters have it.
        '<nvpair id="lab-defaults-stickiness" name="resource-stickiness" value="100"/>'
        '</meta_attributes></rsc_defaults>'
        '<op_defaults><meta_attributes id="lab-operations">'
        '<nvpair id="lab-operations-timeout" name="timeout" value="90s"/>'
        '</meta_attributes></op_defaults>'
        '</configuration><status/></cib>\n'
    )


def _remote_node(index: int) -> str:
    """The resource that is a remote node: the connection to it, which some member has."""
    name = node_name(index)
    return (
        f'<primitive id="{name}" class="ocf" provider="pacemaker" type="remote">'
        f'<instance_attributes id="{name}-attributes">'
        f'<nvpair id="{name}-server" name="server" value="{address(index)}"/>'
        '</instance_attributes>'
        f'<operations><op id="{name}-monitor" name="monitor" interval="15s" timeout="60s"/>'
        f'<op id="{name}-start" name="start" interval="0s" timeout="90s"/></operations>'
        '</primitive>'
    )


def _fence_device(names: str) -> str:
    return (
        f'<primitive id="{FENCE_DEVICE}" class="stonith" type="fence_lab">'
        f'<instance_attributes id="{FENCE_DEVICE}-attributes">'
        f'<nvpair id="{FENCE_DEVICE}-host-list" name="pcmk_host_list" value="{names}"/>'
        f'<nvpair id="{FENCE_DEVICE}-host-check" name="pcmk_host_check" value="static-list"/>'
        '</instance_attributes>'
        f'<operations><op id="{FENCE_DEVICE}-monitor" name="monitor" interval="120s" timeout="90s"/>'
        f'<op id="{FENCE_DEVICE}-start" name="start" interval="0s" timeout="90s"/></operations>'
        '</primitive>'
    )


_OPERATIONS = "op start timeout=90s op stop timeout=90s op monitor interval=30s timeout=90s"

# What a person would type on one node, collected in a file and pushed once: each pcs call takes seconds on a slow machine.
WORKLOAD = f"""
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cib=$work/cib.xml
pcs cluster cib "$cib"
cp "$cib" "$cib.before"
pcs -f "$cib" resource create db ocf:pacemaker:Dummy {_OPERATIONS}
pcs -f "$cib" resource create mail ocf:pacemaker:Dummy {_OPERATIONS}
pcs -f "$cib" resource create address ocf:pacemaker:Dummy {_OPERATIONS} --group site
pcs -f "$cib" resource create web ocf:pacemaker:Dummy {_OPERATIONS} --group site
pcs -f "$cib" resource create logger ocf:pacemaker:Dummy {_OPERATIONS} clone interleave=true
pcs -f "$cib" resource create store ocf:pacemaker:Stateful \
    op start timeout=90s op stop timeout=90s op promote timeout=90s op demote timeout=90s \
    op monitor interval=30s timeout=90s role=PROMOTED op monitor interval=31s timeout=90s role=UNPROMOTED \
    promotable interleave=true
pcs cluster cib-push "$cib" diff-against="$cib.before"
"""

WORKLOAD_PRIMITIVES = ("db", "mail", "address", "web")


def workload_script(release: str) -> str:
    """The roles of a promotable clone had other names before Pacemaker 2.1."""
    promoted, unpromoted = ("Master", "Slave") if release == "bullseye" else ("Promoted", "Unpromoted")
    return WORKLOAD.replace("UNPROMOTED", unpromoted).replace("PROMOTED", promoted)
