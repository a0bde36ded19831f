"""The kernel lab itself: each module does to a real kernel what the scenarios count on, tried with insmod and kpatch alone."""

import os

import pytest

from kernlab import KernLab
from kernlab.inside import Inside

# Both of Debian's kernels, unless told. The older one's tests are deep: conftest.py marks them.
RELEASES = (os.environ.get("PCMK_KPATCH_KERNEL_RELEASES") or "trixie bookworm").split()


@pytest.fixture(scope="module", params=RELEASES)
def machine(request):
    # A name for each, for a lab stays in the hands of whoever had it first.
    lab = KernLab(f"kproof{request.param[0]}" + os.environ.get("PCMK_KPATCH_KERNLAB_SUFFIX", ""))
    lab.hold()
    try:
        lab.up(nodes=1, release=request.param)
        lab.on(1, "systemctl stop pacemaker corosync", timeout=120)
        lab.snapshot("fresh")
        yield Inside(lab)
    finally:
        lab.down()


@pytest.fixture(autouse=True)
def fresh(machine):
    machine.lab.restore("fresh")


def panic(machine, what: str) -> str:
    """Loads a patch that panics; returns what the kernel said since."""
    said = len(machine.lab.console(1))
    # In the background: where the panic comes at once there is nobody left to answer.
    machine.on(f"sync; insmod {machine.path(what)} >/dev/null 2>&1 &")
    machine.lab.wait_until("the kernel panics", lambda: "Kernel panic - not syncing: lab: a panic" in machine.lab.console(1)[said:], 200)
    return machine.lab.console(1)[said:]


def test_it_is_debians_kernel_and_nothing_is_loaded(machine):
    assert machine.on(["uname", "-r"]).stdout.strip() == machine.modules.kernel
    assert machine.patches() == [] and machine.taint() == ""


def test_instant_shows_itself_and_can_be_taken_back(machine):
    before = machine.cmdline()
    assert machine.insert("instant").ok
    machine.wait_patched("instant")
    assert machine.cmdline() == "patched: instant"
    assert machine.taint() == "OEK"
    machine.disable("instant")
    machine.wait_gone("instant")
    assert machine.cmdline() == before
    assert machine.on(["rmmod", machine.modules.name("instant")], check=False).ok


def test_the_loaded_module_is_the_file(machine):
    machine.insert("instant")
    loaded = machine.on(f"od -An -tx1 /sys/module/{machine.modules.name('instant')}/notes/.note.gnu.build-id | tr -d ' \\n'").stdout[-40:]
    assert f"Build ID: {loaded}" in machine.on(["readelf", "-n", machine.path("instant")]).stdout


def test_cumulative_the_second_takes_the_place_of_every_other(machine):
    for what in ("instant", "first", "second"):
        assert machine.insert(what).ok
        machine.wait_patched(what)
    assert machine.patches() == [machine.modules.name("second")]
    assert machine.cmdline() == f"patched: {machine.modules.name('second')}"
    assert machine.has_module("first"), "what was replaced stays loaded, without effect"
    assert "File exists" in machine.insert("first").stderr


def test_slow_waits_for_the_kernels_signal(machine):
    machine.helper("lab_sleepers")
    assert machine.insert("slow").ok
    machine.lab.wait_until("the kernel signals", lambda: "signaling remaining tasks" in machine.log(), 60)
    machine.wait_patched("slow")


def test_stalled_does_not_end_and_can_be_turned_back(machine):
    machine.helper("lab_sleepers")
    assert machine.insert("stalled").ok
    machine.lab.wait_until("the kernel signals", lambda: "signaling remaining tasks" in machine.log(), 60)
    assert machine.state("stalled") == (True, True)
    assert "lab_stuck" in machine.on("grep -l 0 /proc/[0-9]*/patch_state | xargs dirname | xargs -I{} cat {}/comm").stdout
    machine.disable("stalled")
    machine.wait_gone("stalled")


@pytest.mark.deep
def test_stalled_ends_when_the_thread_is_let_go(machine):
    machine.helper("lab_sleepers")
    machine.insert("stalled")
    machine.let_go("lab_sleepers", "stuck")
    machine.wait_patched("stalled")


def test_stalled_unpatch_cannot_be_taken_back_until_its_visitor_is_let_go(machine):
    machine.helper("lab_sleepers")
    machine.insert("stalled_unpatch")
    machine.wait_patched("stalled_unpatch")
    name = machine.modules.name("stalled_unpatch")
    machine.lab.wait_until("a thread is in the new function", lambda: "lab_new_visit" in machine.on(
        "cat /proc/$(pgrep -x lab_visiting)/stack").stdout)
    machine.disable("stalled_unpatch")
    machine.lab.wait_until("the kernel signals", lambda: "signaling remaining tasks" in machine.log(), 60)
    assert machine.state("stalled_unpatch") == (False, True)
    machine.let_go(name, "hold")
    machine.wait_gone("stalled_unpatch")


def test_stalled_both_neither_ends_nor_can_be_turned_back(machine):
    machine.helper("lab_sleepers")
    machine.insert("stalled_both")
    machine.lab.wait_until("a thread is in the new function", lambda: "lab_new_visit" in machine.on(
        "cat /proc/$(pgrep -x lab_visiting)/stack").stdout)
    assert machine.state("stalled_both") == (True, True)
    machine.disable("stalled_both")
    machine.lab.wait_until("the kernel signals", lambda: "signaling remaining tasks" in machine.log(), 60)
    assert machine.state("stalled_both") == (False, True)


@pytest.mark.parametrize("what, letter, words", [
    ("warn_soon", "W", "lab: a warning, 1 s after the load"),
    ("warn_later", "W", "lab: a warning, 15 s after the load"),
    ("oops_soon", "D", "BUG: kernel NULL pointer dereference"),
])
def test_a_harmful_one_is_taken_and_then_taints(machine, what, letter, words):
    assert machine.insert(what).ok
    machine.lab.wait_until(f"the kernel is tainted {letter}", lambda: letter in machine.taint(), 60)
    assert words in machine.log()
    if letter == "D":
        # The thread that died may leave its processor with interrupts off: a patch transition that was still under way then does not end.
        assert machine.state(what)[0]
    else:
        machine.wait_patched(what)


@pytest.mark.parametrize("what", ["panic_at_once", pytest.param("panic_later", marks=pytest.mark.deep)])
def test_a_panic_hangs(machine, what):
    panic(machine, what)
    assert machine.silent()


@pytest.mark.deep
def test_a_panic_may_wait_until_it_is_told(machine):
    machine.insert("panic_when_told")
    machine.wait_patched("panic_when_told")
    said = len(machine.lab.console(1))
    machine.tell("panic_when_told")
    machine.lab.wait_until("the kernel panics", lambda: "lab: a panic" in machine.lab.console(1)[said:], 60)


def test_a_panicked_machine_can_be_reset_and_has_its_disk_and_nothing_loaded(machine):
    boot = machine.lab.boot_id(1)
    machine.on("echo kept >/root/file; sync")
    panic(machine, "panic_at_once")
    assert machine.lab.boot_id(1) == boot, "nobody reset it"
    machine.lab.reset(1)
    machine.lab.wait_until("it is up again", lambda: machine.lab.boot_id(1) not in (None, boot), 240)
    assert machine.patches() == [] and machine.on("cat /root/file").stdout == "kept\n"


def test_no_symbol_is_refused_as_invalid(machine):
    refused = machine.insert("no_symbol")
    assert not refused.ok and "Invalid parameters" in refused.stderr
    assert machine.patches() == []


def test_busy_is_refused_while_a_probe_holds_the_function(machine):
    machine.helper("lab_kprobe")
    refused = machine.insert("instant")
    assert not refused.ok and "Device or resource busy" in refused.stderr
    machine.on(["rmmod", "lab_kprobe"])
    assert machine.insert("instant").ok


def test_no_object_is_taken_and_changes_nothing(machine):
    before = machine.cmdline()
    assert machine.insert("no_object").ok
    machine.wait_patched("no_object")
    assert machine.on(f"cat /sys/kernel/livepatch/{machine.modules.name('no_object')}/lab_absent/patched").stdout.strip() == "0"
    assert machine.cmdline() == before


def test_plain_is_no_live_patch(machine):
    assert machine.insert("plain").ok
    assert machine.patches() == []
    assert "livepatch" not in machine.on(["modinfo", machine.path("plain")]).stdout


def test_wrong_kernel_is_taken_because_symbols_have_versions(machine):
    # CONFIG_MODVERSIONS: the release in vermagic is not looked at. Whoever loads must.
    assert f"vermagic:       5{machine.modules.kernel[1:]} " in machine.on(["modinfo", machine.path("wrong_kernel")]).stdout
    assert machine.insert("wrong_kernel").ok
    machine.wait_patched("wrong_kernel")


def test_other_name_holds_another_module_than_its_file_says(machine):
    assert machine.insert("other_name").ok
    machine.wait_patched("instant")
    assert machine.state("other_name") == ()


def test_kpatch_loads_and_unloads(machine):
    loaded = machine.on(["kpatch", "load", machine.path("instant")], check=False, timeout=120)
    assert loaded.ok, loaded.stderr
    assert machine.state("instant") == (True, False)
    assert f"{machine.modules.name('instant')} [enabled]" in machine.on(["kpatch", "list"]).stdout
    assert machine.on(["kpatch", "unload", machine.modules.name("instant")], check=False, timeout=120).ok
    assert machine.patches() == []


@pytest.mark.deep
def test_kpatch_gives_up_a_stall_and_unloads(machine):
    machine.helper("lab_sleepers")
    loaded = machine.on(["kpatch", "load", machine.path("stalled")], check=False, timeout=300)
    assert loaded.exit_code == 1
    assert machine.state("stalled") == () and not machine.has_module("stalled")


def test_a_snapshot_is_the_machine_as_it_was(machine):
    machine.insert("instant")
    machine.on("echo later >/root/file")
    machine.lab.snapshot("patched")
    machine.lab.restore("fresh")
    assert machine.patches() == [] and not machine.on("test -e /root/file", check=False).ok
    machine.lab.restore("patched")
    assert machine.patches() == [machine.modules.name("instant")]
    assert machine.on("cat /root/file").stdout == "later\n"


def test_a_command_has_a_deadline_and_a_long_one_does_not_hold_up_another(machine):
    slow = machine.on(["sleep", "60"], timeout=3, check=False)
    assert slow.exit_code == 124
    machine.on("sleep 60 & true", timeout=30)


def test_files_go_in_with_their_modes(machine, tmp_path):
    (tmp_path / "tree/usr/local/bin").mkdir(parents=True)
    script = tmp_path / "tree/usr/local/bin/hello"
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o755)
    machine.lab.put(1, tmp_path / "tree", "/")
    machine.lab.put(1, script, "/root/bye")
    assert machine.on(["hello"]).stdout == machine.on(["/root/bye"]).stdout == "hello\n"
    assert machine.on(["stat", "-c", "%a", "/"]).stdout.strip() == "755"
