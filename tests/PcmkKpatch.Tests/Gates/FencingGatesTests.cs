using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class FencingGatesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 31, 22, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(10);
    private static readonly FencingView s_well = new()
    {
        Node = "a",
        Enabled = true,
        Devices = [new("ipmi-a", CanFence: true, Works: true), new("ipmi-b", CanFence: false, Works: true)],
        Watchdog = false,
        History = [],
    };

    [Test]
    public void where_a_device_that_works_can_fence_this_node_it_is_let_through() => Expect([], s_well);

    [Test]
    public void a_watchdog_does_without_any_device() => Expect([], s_well with { Devices = [], Watchdog = true });

    [Test]
    public void one_of_two_devices_that_works_is_enough() =>
        Expect([], s_well with { Devices = [new("ipmi-a", CanFence: true, Works: false), new("pdu", CanFence: true, Works: true)], Watchdog = null });

    [Test]
    public void a_cluster_that_does_not_fence_is_refused_for_that_alone() => Expect(["fencing.disabled"], s_well with { Enabled = false, Devices = [], History = [Pending("b")] });

    [Test]
    public void a_node_that_nothing_can_fence_is_refused() => Expect(["fencing.no-device"], s_well with { Devices = [new("ipmi-b", CanFence: false, Works: true)] });

    [Test]
    public void devices_that_do_not_work_are_refused_by_name()
    {
        Assert.That(Expect(["fencing.device-failed"], s_well with { Devices = [new("ipmi-a", CanFence: true, Works: false)] })[0].Why, Does.Contain("ipmi-a is failed or not started"));
        Assert.That(Expect(["fencing.device-failed"], s_well with { Devices = [new("x", CanFence: true, Works: false), new("y", CanFence: true, Works: false)] })[0].Why, Does.Contain("x, y are failed"));
    }

    [Test]
    public void a_device_of_which_nobody_here_can_say_whom_it_fences_is_unknown()
    {
        Expect(["fencing.unknown"], s_well with { Devices = [new("vmware", CanFence: null, Works: true)] });
        Expect(["fencing.no-device"], s_well with { Devices = [new("vmware", CanFence: null, Works: false)] });
    }

    [Test]
    public void a_watchdog_of_which_it_is_not_known_is_no_watchdog() => Expect(["fencing.unknown"], s_well with { Devices = [], Watchdog = null });

    [Test]
    public void whatever_is_not_known_is_refused()
    {
        Expect(["fencing.unknown"], s_well with { Enabled = null });
        Expect(["fencing.unknown"], s_well with { Devices = null });
        Expect(["fencing.unknown"], s_well with { History = null });
        Expect(["fencing.unknown", "fencing.disabled"], s_well with { Enabled = false, Unknown = ["stonith_admin: no answer in 30 s"] });
    }

    [Test]
    public void what_could_not_be_read_is_named_instead_of_what_is_missing_for_it() =>
        Assert.That(Expect(["fencing.unknown"], s_well with { Enabled = null, Devices = null, History = null, Unknown = ["crm_mon: no answer in 30 s"] })[0].Why, Is.EqualTo("crm_mon: no answer in 30 s"));

    [Test]
    public void a_failure_after_the_last_success_speaks_against_the_device()
    {
        var view = s_well with { History = [Ended(FenceResult.Failed, "A", 30, reason: "no route to host"), Ended(FenceResult.Succeeded, "a", 40)] };

        Assert.That(Expect(["fencing.device-failed"], view)[0].Why, Is.EqualTo("the last attempt to fence a failed, at 2026-01-31 21:30:00 UTC: no route to host"));
    }

    [Test]
    public void a_failure_before_the_last_success_does_not_whatever_the_order() =>
        Expect([], s_well with { History = [Ended(FenceResult.Failed, "a", 40), Ended(FenceResult.Succeeded, "a", 30)] });

    [Test]
    public void nor_one_of_another_node_or_of_unfencing() =>
        Expect([], s_well with { History = [Ended(FenceResult.Failed, "b", 30), Ended(FenceResult.Failed, "a", 30) with { Action = "on" }] });

    [TestCase("a")]
    [TestCase("b")]
    [TestCase("some-remote")]
    public void a_fence_under_way_is_waited_for_wherever_it_is(string node) => Assert.That(Expect(["fencing.pending"], s_well with { History = [Pending(node)] })[0].Why, Does.Contain(node));

    [Test]
    public void a_fence_of_late_is_refused_whether_it_worked_or_not()
    {
        Expect(["fencing.recent"], s_well with { History = [Ended(FenceResult.Succeeded, "b", 9)] });
        Expect(["fencing.recent"], s_well with { History = [Ended(FenceResult.Failed, "b", 0)] });
        Expect([], s_well with { History = [Ended(FenceResult.Succeeded, "b", 10)] });
    }

    [Test]
    public void unfencing_says_nothing_about_trouble() => Expect([], s_well with { History = [Ended(FenceResult.Succeeded, "b", 1) with { Action = "on" }] });

    [Test]
    public void a_fence_in_the_future_says_nothing() => Expect([], s_well with { History = [Ended(FenceResult.Succeeded, "b", -1)] });

    [Test]
    public void a_quiet_time_of_zero_switches_it_off() =>
        Assert.That(FencingGates.Judge(s_well with { History = [Ended(FenceResult.Succeeded, "b", 0)] }, TimeSpan.Zero, s_now), Is.Empty);

    private static FenceEvent Pending(string target) => new(FenceResult.Pending, target, "reboot", null);

    private static FenceEvent Ended(FenceResult result, string target, int minutesAgo, string? reason = null) =>
        new(result, target, "reboot", s_now - TimeSpan.FromMinutes(minutesAgo), "b", reason);

    private static List<Refusal> Expect(string[] ids, FencingView view)
    {
        var refusals = FencingGates.Judge(view, s_quiet, s_now).ToList();
        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(ids));
        Assert.That(refusals.All(r => r.Why.Length > 0 && r.Remedy.Length > 0), Is.True);
        return refusals;
    }
}
