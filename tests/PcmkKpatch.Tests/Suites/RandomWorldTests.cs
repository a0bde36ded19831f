using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// Worlds drawn from seeds. One that breaks a law prints its seed; "make replay SEED=seed" plays that one again and tells its whole
/// story. "make soak HOURS=2" plays others for so long.
/// </summary>
public sealed class RandomWorldTests
{
    private const int Worlds = 20_000;
    private const int MostFailures = 10;

    [Test]
    public void the_laws_hold_in_random_worlds_and_every_run_ends()
    {
        var count = new Count();

        var fewer = Setting("PCMK_KPATCH_WORLDS");
        PlayAll(Enumerable.Range(1, (int)(fewer ?? Worlds)), count);

        count.Print("random worlds");
        count.PrintMarks();
        // Fewer worlds than the gate's come through less.
        if (fewer is not null)
            return;
        var phases = Enum.GetNames<Phase>();
        string[] expected =
        [
            .. phases.Select(phase => $"phase {phase}"), .. phases.Select(phase => $"down in {phase}"),
            // Who parks with ReversalStalled is reset by a person, and then ends as NodeDown.
            .. Enum.GetValues<Verdict>().Where(verdict => verdict is not (Verdict.Undecided or Verdict.ReversalStalled)).Select(verdict => $"verdict {verdict}"),
            .. Chaos.All.Select(kind => $"fault: {kind.Name}"),
            .. Enum.GetNames<DrainMode>().Select(mode => $"load, drained by {mode}"),
            "down without a run", "failure tolerated", "load", "resumed", "token broken", "token overwritten", "token lost where partitions met",
        ];
        Assert.That(expected.Except(count.Marks), Is.Empty, "what these worlds never came through");
    }

    [Test]
    [Explicit("make soak")]
    public void soak()
    {
        var count = new Count();
        var first = (int)(Setting("PCMK_KPATCH_SEED") ?? Random.Shared.Next(1_000_000, 1_000_000_000));
        var until = DateTime.UtcNow + TimeSpan.FromHours(Setting("PCMK_KPATCH_HOURS") ?? 1);
        TestContext.Progress.WriteLine($"seeds from {first}, until {until:u}");

        PlayAll(Enumerable.Range(first, int.MaxValue - first).TakeWhile(seed => DateTime.UtcNow < until), count);

        count.Print("soak");
        count.PrintMarks();
    }

    [Test]
    [Explicit("make replay")]
    public void replay()
    {
        var seed = (int)(Setting("PCMK_KPATCH_SEED") ?? throw new AssertionException("which seed? make replay SEED=seed"));
        TestContext.Out.WriteLine(RandomWorld.Play(seed, traceKept: 1_000_000).Trace);
    }

    [TestCase(3)]
    [TestCase(17)]
    [TestCase(4711)]
    public void a_seed_replays_to_the_identical_trace(int seed)
    {
        var (first, second) = (Whole(seed), Whole(seed));

        Assert.That(second, Is.EqualTo(first));
    }

    private static string Whole(int seed) => RandomWorld.Play(seed, traceKept: 1_000_000).Trace.ToString();

    private static void PlayAll(IEnumerable<int> seeds, Count count)
    {
        var failures = new List<string>();
        var next = seeds.GetEnumerator();
        void PlaySome()
        {
            for (; ; )
            {
                int seed;
                lock (failures)
                {
                    if (failures.Count >= MostFailures || !next.MoveNext())
                        return;
                    seed = next.Current;
                }

                try
                {
                    var world = RandomWorld.Play(seed);
                    lock (failures)
                        count.Add(world);
                }
                // Whatever else is thrown, an error of the program or of the simulator, has a seed too.
                catch (Exception e)
                {
                    TestContext.Progress.WriteLine($"make replay SEED={seed}: {e.Message.Split('\n')[0]}");
                    lock (failures)
                        failures.Add($"make replay SEED={seed}: {(e is LawBrokenException ? e.Message : e.ToString())}");
                }
            }
        }

        Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = 2 }, PlaySome, PlaySome);
        Assert.That(failures, Is.Empty, () => string.Join("\n\n", failures));
    }

    private static double? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
