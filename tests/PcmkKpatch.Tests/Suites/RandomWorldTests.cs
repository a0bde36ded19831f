using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// Worlds drawn from a seed. One that breaks a law prints its seed; PCMK_KPATCH_SEED=seed runs that one again and tells its whole story;
/// PCMK_KPATCH_WORLDS=count runs more of them.
/// </summary>
public sealed class RandomWorldTests
{
    [Test]
    public void the_laws_hold_in_random_worlds_and_every_run_ends()
    {
        var count = new Count();
        if (Setting("PCMK_KPATCH_SEED") is { } seed)
        {
            Play(seed, count, traceKept: 100_000);
            return;
        }

        for (var next = 1; next <= (Setting("PCMK_KPATCH_WORLDS") ?? 3000); next++)
            Play(next, count);

        count.Print("random worlds");
        count.PrintMarks();
        var phases = Enum.GetNames<Phase>();
        string[] expected =
        [
            .. phases.Select(phase => $"phase {phase}"), .. phases.Select(phase => $"down in {phase}"),
            // Who parks with ReversalStalled is reset by a person, and then ends as NodeDown.
            .. Enum.GetValues<Verdict>().Where(verdict => verdict is not (Verdict.Undecided or Verdict.ReversalStalled)).Select(verdict => $"verdict {verdict}"),
            "down without a run", "load", "resumed", "token broken", "token lost where partitions met",
        ];
        Assert.That(expected.Except(count.Marks), Is.Empty, "what these worlds never came through");
    }

    private static void Play(int seed, Count count, int traceKept = 200)
    {
        var random = new Random(seed);
        var world = new World(new WorldOptions
        {
            Nodes = random.Next(10) switch { < 4 => 3, < 8 => 2, _ => 5 },
            Seed = seed,
            TraceKept = traceKept,
            StandbyLag = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 3000)) : TimeSpan.Zero,
            PurgeLost = random.Next(5) == 0,
            Policy = Timing.Policy with
            {
                Rollback = Any<Rollback>(random),
                Persist = Any<Persist>(random),
                QuarantineScope = Any<QuarantineScope>(random),
                Probation = random.Next(4) == 0 ? TimeSpan.Zero : Timing.Policy.Probation,
            },
            Faults = new Chaos(random),
        });
        var outcomes = Enum.GetValues<LoadOutcome>();
        foreach (var node in world.Nodes)
        {
            node.NextLoad = random.Next(3) == 0 ? outcomes[random.Next(outcomes.Length)] : LoadOutcome.Accept;
            // Without probation nothing keeps such a patch from taking its node down again and again: that is what the parameter says.
            if (node.NextLoad == LoadOutcome.PanicLate && world.Options.Policy.Probation == TimeSpan.Zero)
                node.NextLoad = LoadOutcome.PanicSoon;
            if (random.Next(4) == 0)
                node.Disk.Installed = SimDisk.Packaged(1);
            node.InstallFails = random.Next(10) == 0;
            node.Disk.Boot.FailsAt = random.Next(10) == 0 ? (BootStep)random.Next(4) : null;
        }

        try
        {
            // Safety while it goes wrong …
            world.Run(TimeSpan.FromSeconds(random.Next(5, 120)));
            // … and then liveness.
            Chaos.Stop(world);
            Ending.Demand(world);
            world.Nodes.ForEach(world.Admin.StandbyOff);
            world.Nodes.ForEach(world.Admin.TransientStandbyOff);
            Ending.DemandPatchedWithHelp(world);
        }
        catch (LawBrokenException e)
        {
            Assert.Fail($"PCMK_KPATCH_SEED={seed}: {e.Message}");
        }

        count.Add(world);
    }

    private static T Any<T>(Random random)
        where T : struct, Enum => Enum.GetValues<T>()[random.Next(Enum.GetValues<T>().Length)];

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
