using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// The port calls of a run without faults are numbered; then there is one world for each of them in which that very call goes wrong.
/// In each world the laws must hold, every run must end, and with a person's help every node must become patched. Before a call's effect is
/// after that of the call before, with nothing in between but the program's own thinking: both are tried with three nodes, one otherwise.
/// </summary>
public sealed class EveryPointTests
{
    private static readonly LoadOutcome[] s_outcomes = Enum.GetValues<LoadOutcome>();

    [TestCaseSource(nameof(s_outcomes))]
    public void the_worker_crashes_at_any_port_call(LoadOutcome outcome) =>
        Sweep(2, outcome, [Fault.CrashAfter]);

    [TestCaseSource(nameof(s_outcomes))]
    public void a_tool_fails_at_any_port_call_with_its_effect_done_or_not(LoadOutcome outcome) =>
        Sweep(2, outcome, [Fault.FailBefore, Fault.FailAfter]);

    [TestCaseSource(nameof(s_outcomes))]
    public void the_node_loses_its_power_at_any_port_call(LoadOutcome outcome) =>
        Sweep(2, outcome, [Fault.PowerOffAfter]);

    [Test]
    public void anything_goes_wrong_at_any_port_call_of_three_nodes() =>
        Sweep(3, LoadOutcome.Accept, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter]);

    [Test]
    public void anything_goes_wrong_at_any_port_call_and_the_purge_of_the_standby_loses_its_race() =>
        Sweep(3, LoadOutcome.Accept, [Fault.PowerOffBefore, Fault.PowerOffAfter], new WorldOptions { PurgeLost = true });

    [Test]
    public void anything_goes_wrong_at_any_port_call_where_attributes_are_written_late() =>
        Sweep(2, LoadOutcome.Accept, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter], new WorldOptions { StandbyLag = TimeSpan.FromSeconds(1) });

    [TestCase(Rollback.Reboot, LoadOutcome.WarnInSoak)]
    [TestCase(Rollback.Reboot, LoadOutcome.StallForGood)]
    [TestCase(Rollback.Unload, LoadOutcome.WarnInSoak)]
    public void anything_goes_wrong_at_any_port_call_of_a_rollback(Rollback rollback, LoadOutcome outcome) =>
        Sweep(2, outcome, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailAfter, Fault.PowerOffAfter], new WorldOptions { Policy = Timing.Policy with { Rollback = rollback } });

    [TestCase(LoadOutcome.Refuse)]
    [TestCase(LoadOutcome.Stall)]
    public void anything_goes_wrong_at_any_port_call_where_a_failure_is_tolerated(LoadOutcome outcome) => Sweep(
        2, outcome, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter],
        new WorldOptions { Policy = Timing.Policy with { MaxFailures = 1 } });

    [Test]
    public void anything_goes_wrong_at_any_port_call_where_nodes_pause() => Sweep(
        2, LoadOutcome.Accept, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter],
        new WorldOptions { Policy = Timing.Policy with { Pause = TimeSpan.FromSeconds(15) } });

    [Test]
    public void anything_goes_wrong_at_any_port_call_where_the_patch_is_in_a_package() => Sweep(
        2, LoadOutcome.Accept, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter],
        prepare: node => node.Disk.Installed = SimDisk.Packaged(1));

    [TestCase(DrainMode.None, LoadOutcome.Accept)]
    [TestCase(DrainMode.None, LoadOutcome.Warn)]
    [TestCase(DrainMode.Health, LoadOutcome.Accept)]
    [TestCase(DrainMode.Health, LoadOutcome.Stall)]
    public void anything_goes_wrong_at_any_port_call_where_nodes_are_drained_otherwise(DrainMode drain, LoadOutcome outcome) =>
        Sweep(2, outcome, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter], new WorldOptions { Policy = Timing.Policy with { Drain = drain } });

    [Test]
    public void anything_goes_wrong_at_any_port_call_where_a_health_mark_is_written_late_and_not_purged() => Sweep(
        2, LoadOutcome.Accept, [Fault.CrashAfter, Fault.FailAfter, Fault.PowerOffAfter],
        new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.Health }, StandbyLag = TimeSpan.FromSeconds(1), PurgeLost = true });

    [Test]
    public void anything_goes_wrong_at_any_port_call_of_a_rehearsal_where_no_patch_is_due() => Sweep(
        3, LoadOutcome.Accept, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter],
        prepare: node => node.Disk.Installed = null, wish: true);

    [Test]
    public void anything_goes_wrong_at_any_port_call_of_a_rehearsal_and_of_the_real_runs_after_it() =>
        Sweep(2, LoadOutcome.Accept, [Fault.CrashAfter, Fault.FailAfter, Fault.PowerOffAfter], wish: true);

    [TestCase(DrainMode.None)]
    [TestCase(DrainMode.Health)]
    public void anything_goes_wrong_at_any_port_call_of_a_rehearsal_where_nodes_are_drained_otherwise(DrainMode drain) =>
        Sweep(2, LoadOutcome.Accept, [Fault.CrashAfter, Fault.FailAfter, Fault.PowerOffAfter], new WorldOptions { Policy = Timing.Policy with { Drain = drain } }, prepare: node => node.Disk.Installed = null, wish: true);

    [TestCase(LoadOutcome.Accept)]
    [TestCase(LoadOutcome.Refuse)]
    public void anything_goes_wrong_at_any_port_call_where_nodes_share_a_file_system_and_write_to_it(LoadOutcome outcome) => Sweep(
        2, outcome, [Fault.CrashBefore, Fault.CrashAfter, Fault.FailBefore, Fault.FailAfter, Fault.PowerOffBefore, Fault.PowerOffAfter],
        new WorldOptions { Shared = true, Policy = Timing.Policy with { WriteProbe = true } });

    private static void Sweep(int nodes, LoadOutcome outcome, Fault[] faults, WorldOptions? options = null, Action<SimNode>? prepare = null, bool wish = false)
    {
        options = (options ?? new WorldOptions()) with { Nodes = nodes };
        var count = new Count();
        var whole = Play(options, outcome, count, prepare, wish);
        foreach (var fault in faults)
        {
            for (var call = 1; call <= whole; call++)
            {
                Count.AddFaultPoint();
                try
                {
                    Play(options with { Faults = new FaultsAt((call, fault)) }, outcome, count, prepare, wish);
                }
                catch (LawBrokenException e)
                {
                    Assert.Fail($"{nodes} nodes, {outcome}, {fault} at port call {call}: {e.Message}");
                }
            }
        }

        count.Print($"{nodes} nodes, {outcome}, {string.Join("/", faults)} at each of {whole} port calls");
    }

    // How many port calls the first ending took.
    private static int Play(WorldOptions options, LoadOutcome outcome, Count count, Action<SimNode>? prepare, bool wish)
    {
        var world = new World(options);
        world.Nodes.ForEach(node => node.NextLoad = outcome);
        world.Nodes.ForEach(node => prepare?.Invoke(node));
        if (wish)
            world.Admin.Rehearse();
        Ending.Demand(world);
        var calls = world.PortCalls;
        Ending.DemandPatchedWithHelp(world);
        count.Add(world);
        return calls;
    }
}
