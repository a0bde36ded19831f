using System.Text.Json;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>Runs to be written.</summary>
internal static class Runs
{
    /// <summary>A run with something in every field.</summary>
    public static Run Full { get; } = new()
    {
        Id = "run-1",
        Node = "n1",
        Boot = "11111111-1111-1111-1111-111111111111",
        Started = new DateTimeOffset(2026, 1, 31, 22, 15, 0, TimeSpan.FromHours(1)),
        Phase = Phase.Load,
        PhaseSince = TimeSpan.FromSeconds(12345.67),
        Policy = Parameters.Defaults,
        Patch = new PatchModule("/usr/lib/kpatch/6.1/kpatch-1.ko", "kpatch_1", "abcdef", "6.1", true),
        FoundInStandby = true,
        Before = new Dictionary<string, ResourceLevel> { ["web"] = new(3, 1, true), ["Müller & 東京"] = new(0, 0, false) },
        LocksBefore = ["fs /mnt"],
        Armed = "umount /mnt",
        TransitionSince = TimeSpan.FromDays(400),
        Verdict = Verdict.Stalled,
        Why = "\"because\" <&>\n東京 🐧",
    };

    /// <summary>A run in that phase.</summary>
    public static Run InPhase(Phase phase) => Full with { Phase = phase };

    /// <summary>A run of many sectors, each of them different from every other number's.</summary>
    public static Run Long(int number) => Full with
    {
        Before = Enumerable.Range(0, 200).ToDictionary(i => $"resource-{number}-{i}", i => new ResourceLevel(number, i, true)),
    };

    /// <summary>Everything that is in it.</summary>
    public static string Json(Run? run) => run is null ? "none" : JsonSerializer.Serialize(run, Records.Default.Run);
}
