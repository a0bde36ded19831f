"""The lab itself: what the scenarios take for granted."""

import os
import subprocess
from pathlib import Path

import pytest

from nodelab import Lab, LabError
from nodelab.kernel import ERRORS
from nodelab.process import ProcessId
from nodelab.rootfs import releases_of

RELEASE = os.uname().release
FOLDER = f"/usr/lib/kpatch/{RELEASE}"
OLD, NEW = "kpatch-5_14_0-362_8_1-1-3", "kpatch-5_14_0-362_8_1-1-10"
OLD_NAME, NEW_NAME = OLD.replace("-", "_"), NEW.replace("-", "_")

WORDS = {
    "EBUSY": "Device or resource busy", "EINVAL": "Invalid parameters", "ENOEXEC": "Invalid module format",
    "EEXIST": "File exists", "EKEYREJECTED": "Key was rejected by service", "ENOKEY": "Required key not available",
    "ENOENT": "Unknown symbol in module", "EPERM": "Operation not permitted",
}


def boot_id(lab, node):
    return lab.on(node, "cat /proc/sys/kernel/random/boot_id").stdout.strip()


def patches(lab, node):
    """{patch: (enabled, transition)} as the node's kernel shows them."""
    read = "cd /sys/kernel/livepatch; for p in *; do echo $p $(cat $p/enabled $p/transition 2>/dev/null); done"
    # A patch that vanishes while it is read has no values: it is gone.
    seen = [line.split() for line in lab.on(node, read).stdout.splitlines()]
    return {words[0]: (words[1], words[2]) for words in seen if len(words) == 3}


def taint(lab, node):
    return int(lab.on(node, "cat /proc/sys/kernel/tainted").stdout)


def is_whole(lab):
    return all(lab.online(node) for node in (1, 2, 3)) and lab.idle()


@pytest.fixture
def kernel(lab):
    """Node 1's simulated kernel as after a boot."""
    def clean():
        lab.kernel_reset(1)
        lab.kernel(1, transition=0, reversal=0, disable=0)
        lab.on(1, "for e in /sys/kernel/livepatch/*/enabled; do [ -e $e ] && echo 0 > $e; done; true")
        lab.wait_until("no patch is left", lambda: not patches(lab, 1), timeout=20, interval=0.2)
        lab.on(1, f"for m in /sys/module/kpatch_*; do [ -e $m ] && rmmod ${{m##*/}}; done; rm -rf /var/lib/kpatch/* {FOLDER}")
        lab.kernel_reset(1)

    clean()
    yield
    clean()


def test_nodes_are_machines_of_their_own(lab):
    assert len({boot_id(lab, node) for node in (1, 2, 3)}) == 3
    assert [lab.on(node, ["hostname"]).stdout.strip() for node in (1, 2, 3)] == ["node1", "node2", "node3"]
    assert lab.on(1, ["systemctl", "--failed", "--no-legend", "--plain"]).stdout == ""
    assert "Started" in lab.on(1, ["journalctl", "-b", "--no-pager", "-u", "lab-kernel"]).stdout
    ran = lab.on(1, ["systemd-run", "--unit=lab-test", "--collect", "--wait", "--pipe", "cat", "/proc/self/cgroup"])
    assert "lab-test.service" in ran.stdout


def test_a_command_gives_back_what_it_said(lab):
    result = lab.on(2, "cat; echo wrong >&2; exit 7", stdin="asked", check=False)
    assert (result.exit_code, result.stdout, result.stderr) == (7, "asked", "wrong\n")
    with pytest.raises(LabError, match="exit code 7"):
        lab.on(2, "exit 7")
    with pytest.raises(LabError, match="no end within 1 s"):
        lab.on(2, "sleep 300", timeout=1)
    with pytest.raises(LabError, match="nodes 1 to 3"):
        lab.on(4, "true")
    lab.wait_until("the late command is gone", lambda: not lab.on(2, "pgrep -x sleep", check=False).ok, timeout=10)


def test_in_vain_a_wait_tells_all(lab):
    with pytest.raises(LabError, match="(?s)pigs fly: not within 0.2 s.*node3: crm_mon.*node3: journal.*fences"):
        lab.wait_until("pigs fly", lambda: False, timeout=0.2)


def test_a_patch_goes_in_and_out(lab, kernel):
    module = lab.module(f"{OLD}.ko", nodes=[1])
    lab.kernel(1, transition="1", disable="1")
    lab.on(1, ["insmod", f"{FOLDER}/{OLD}.ko"])
    assert patches(lab, 1) == {OLD_NAME: ("1", "1")}
    lab.wait_until("the patch is in force", lambda: patches(lab, 1) == {OLD_NAME: ("1", "0")}, timeout=10, interval=0.1)
    note = lab.on(1, f"od -An -v -tx1 /sys/module/{OLD_NAME}/notes/.note.gnu.build-id | tr -d ' \\n'").stdout
    assert note[32:] == module.build_id
    assert lab.on(1, f"cat /sys/module/{OLD_NAME}/refcnt").stdout == "1\n"
    assert taint(lab, 1) == 4096 + 32768
    assert not lab.on(1, ["rmmod", OLD_NAME], check=False).ok
    lab.on(1, f"echo 0 > /sys/kernel/livepatch/{OLD_NAME}/enabled")
    lab.wait_until("the patch turns back", lambda: patches(lab, 1) == {OLD_NAME: ("0", "1")}, timeout=10, interval=0.1)
    lab.wait_until("the patch is gone", lambda: not patches(lab, 1), timeout=10, interval=0.1)
    lab.on(1, ["rmmod", OLD_NAME])
    assert lab.on(1, f"cat {FOLDER}/{OLD}.ko >/dev/null; ls /sys/module").stdout == "module\n"


@pytest.mark.parametrize("error", ERRORS)
def test_insmod_gives_each_error_in_its_own_words(lab, kernel, error):
    lab.module(f"{OLD}.ko", nodes=[1])
    lab.kernel(1, load=error)
    result = lab.on(1, ["insmod", f"{FOLDER}/{OLD}.ko"], check=False)
    assert result.exit_code == 1
    assert result.stderr == f"insmod: ERROR: could not insert module {FOLDER}/{OLD}.ko: {WORDS[error]}\n"
    assert patches(lab, 1) == {} and lab.on(1, "ls /sys/module").stdout == "module\n"


def test_the_kernel_itself_refuses_what_it_cannot_take(lab, kernel):
    def insmod(file_name):
        return lab.on(1, ["insmod", f"{FOLDER}/{file_name}"], check=False).stderr.rpartition(": ")[2].strip()

    lab.module("garbage.ko", nodes=[1], garbage=True)
    lab.module("foreign.ko", nodes=[1], vermagic="5.14.0-1.el9.x86_64")
    lab.module(f"{OLD}.ko", nodes=[1])
    lab.module(f"{NEW}.ko", nodes=[1], compress="xz")
    assert insmod("garbage.ko") == "Invalid module format"
    assert insmod("foreign.ko") == "Invalid module format"
    assert insmod("not-there.ko") == "No such file or directory"
    lab.kernel(1, transition="stall")
    assert insmod(f"{OLD}.ko") == ""
    assert insmod(f"{OLD}.ko") == "File exists"
    assert insmod(f"{NEW}.ko.xz") == "Device or resource busy"
    # A file read by the real modinfo is a module for real.
    assert lab.on(1, ["modinfo", "-F", "livepatch", f"{FOLDER}/{OLD}.ko"]).stdout == "Y\n"


def test_a_stalled_transition_is_turned_back(lab, kernel):
    lab.module(f"{OLD}.ko", nodes=[1])
    lab.kernel(1, transition="stall", reversal="stall")
    lab.on(1, ["insmod", f"{FOLDER}/{OLD}.ko"])
    lab.on(1, f"echo 0 > /sys/kernel/livepatch/{OLD_NAME}/enabled")
    lab.wait_until("it turns back", lambda: patches(lab, 1) == {OLD_NAME: ("0", "1")}, timeout=10, interval=0.1)
    lab.on(1, "sleep 1")
    assert patches(lab, 1) == {OLD_NAME: ("0", "1")}
    lab.kernel(1, reversal="0.5")
    lab.wait_until("it is gone", lambda: not patches(lab, 1), timeout=10, interval=0.1)


def test_a_newer_patch_replaces_the_older(lab, kernel):
    for name in (OLD, NEW):
        lab.module(f"{name}.ko", nodes=[1])
    lab.kernel(1, transition="0.5")
    lab.on(1, ["insmod", f"{FOLDER}/{OLD}.ko"])
    lab.wait_until("the old one is in force", lambda: patches(lab, 1) == {OLD_NAME: ("1", "0")}, timeout=10, interval=0.1)
    lab.on(1, ["insmod", f"{FOLDER}/{NEW}.ko"])
    lab.wait_until("the new one is alone", lambda: patches(lab, 1) == {NEW_NAME: ("1", "0")}, timeout=10, interval=0.1)
    assert lab.on(1, f"cat /sys/module/{OLD_NAME}/refcnt").stdout == "0\n"


def test_the_kpatch_utility(lab, kernel):
    lab.module(f"{OLD}.ko", nodes=[1])
    lab.kernel(1, transition="0.5", kpatch__wait="1", kpatch__grace="1")
    lab.on(1, ["kpatch", "load", f"{FOLDER}/{OLD}.ko"])
    assert patches(lab, 1) == {OLD_NAME: ("1", "0")}
    assert "already loaded" in lab.on(1, ["kpatch", "load", f"{FOLDER}/{OLD}.ko"]).stdout
    lab.on(1, ["kpatch", "install", f"{FOLDER}/{OLD}.ko"])
    assert lab.on(1, ["kpatch", "list"]).stdout == (
        f"Loaded patch modules:\n{OLD_NAME} [enabled]\n\nInstalled patch modules:\n{OLD_NAME} ({RELEASE})\n")
    lab.on(1, ["kpatch", "uninstall", OLD_NAME])
    lab.on(1, ["kpatch", "unload", OLD_NAME])
    assert patches(lab, 1) == {}
    lab.kernel(1, transition="stall")
    result = lab.on(1, ["kpatch", "load", f"{FOLDER}/{OLD}.ko"], check=False)
    assert result.exit_code == 1 and "Stalled processes:" in result.stdout
    assert patches(lab, 1) == {} and lab.on(1, "ls /sys/module").stdout == "module\n"
    lab.kpatch(1, False)
    assert not lab.on(1, "command -v kpatch", check=False).ok
    lab.kpatch(1, True)


def test_trouble_after_a_load_shows(lab, kernel):
    before = taint(lab, 1)
    assert before & 512 == 0
    lab.module(f"{OLD}.ko", nodes=[1], behaviour="after=warn:0.3")
    lab.on(1, ["insmod", f"{FOLDER}/{OLD}.ko"])
    lab.wait_until("the kernel warns", lambda: taint(lab, 1) & 512, timeout=10, interval=0.1)
    assert "WARNING: CPU:" in lab.on(1, ["cat", "/dev/kmsg"]).stdout
    assert len([c for c in lab.kernel_calls(1, "insmod") if c["argv"] == [f"{FOLDER}/{OLD}.ko"]]) >= 1


def test_bad_settings_are_refused(lab):
    for wrong in ({"load": "EWHAT"}, {"transition": "soon"}, {"taint": "?"}, {"colour": "red"}):
        with pytest.raises(LabError, match="kernel setting"):
            lab.kernel(1, **wrong)
    with pytest.raises(LabError, match="kernel setting"):
        lab.module("a.ko", behaviour="load=EWHAT")


def test_a_panicked_node_is_fenced_and_comes_back_without_its_patch(lab):
    fenced, booted = len(lab.fences()), boot_id(lab, 3)
    lab.module(f"{NEW}.ko", nodes=[3], behaviour="transition=panic")
    lab.on(3, ["insmod", f"{FOLDER}/{NEW}.ko"])
    lab.wait_until("node3 is fenced", lambda: len(lab.fences()) > fenced, timeout=120)
    lab.wait_until("node3 is back", lambda: is_whole(lab), timeout=180)
    fences = lab.fences()[fenced:]
    assert [(f["target"], f["action"], f["result"]) for f in fences] == [("node3", "reboot", "ok")]
    assert fences[0]["requester"] in ("node1", "node2")
    assert boot_id(lab, 3) != booted and patches(lab, 3) == {} and taint(lab, 3) == 0
    inserted = [c for c in lab.kernel_calls(3, "insmod") if c["boot_id"] == booted]
    assert len(inserted) == 1
    assert any(c.get("event") == "panic" for c in lab.kernel_calls(3, "kernel"))


def test_a_node_cut_off_is_fenced_and_joins_again_when_mended(lab):
    fenced = len(lab.fences())
    lab.cut(2)
    try:
        lab.wait_until("node2 is fenced", lambda: len(lab.fences()) > fenced, timeout=120)
        lab.wait_until("the others go on without it", lambda: not lab.online(2) and lab.idle(), timeout=120)
    finally:
        lab.mend(2)
    lab.wait_until("node2 is back", lambda: is_whole(lab), timeout=180)
    assert [f["target"] for f in lab.fences()[fenced:]] == ["node2"]


def test_a_node_that_left_cleanly_is_not_fenced(lab):
    fenced = len(lab.fences())
    lab.on(1, ["systemctl", "stop", "pacemaker", "corosync"], timeout=120)
    lab.crash(1)
    assert lab.running() == [2, 3]
    with pytest.raises(LabError, match="node1 is not running"):
        lab.on(1, "true")
    lab.boot(1)
    with pytest.raises(LabError, match="is running"):
        lab.boot(1)
    lab.wait_until("node1 is back", lambda: is_whole(lab), timeout=180)
    assert len(lab.fences()) == fenced


def test_a_release_is_for_all_nodes_or_for_each():
    assert releases_of("trixie", 2, 1) == ["trixie"] * 3
    assert releases_of("bookworm,trixie", 2, 1) == ["bookworm", "trixie", "bookworm"]
    for bad in ("bookworm,trixie", "", "bookworm,,trixie", "sid"):
        with pytest.raises(LabError, match="release"):
            releases_of(bad, 3, 0)


def test_what_a_killed_lab_left_behind_is_cleaned_up():
    lab = Lab("stale")
    lab.hold()
    try:
        release = os.environ.get("PCMK_KPATCH_RELEASE") or "bookworm"
        lab.up(nodes=1, resources=False, release=release)
        root = Path(lab.status()["state"])
        keeper = ProcessId.load(root / "keeper.json")
        assert keeper.kill()
        assert lab.status()["keeper"] is False
        with pytest.raises(LabError, match="run `lab up`"):
            lab.crash(1)
        lab.up(nodes=1, resources=False, release=release)
        assert lab.status()["keeper"] is True
    finally:
        lab.down()
    assert not root.exists()
    assert str(root) not in Path("/proc/self/mountinfo").read_text()
    assert "pkl.stale" not in subprocess.run(["ip", "netns"], capture_output=True, text=True, timeout=30).stdout
    lab.down()
