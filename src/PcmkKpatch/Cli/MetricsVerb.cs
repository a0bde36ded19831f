using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Metrics;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch metrics: this node, and the cluster as it sees it, for Prometheus. Changes nothing. What cannot be read is left out and told to be unknown, the
/// cluster too: a node whose cluster is down is the one to be heard of.
/// </summary>
internal sealed class MetricsVerb(IKernel kernel, IHost host)
{
    /// <summary>Where Debian's node_exporter looks for files of others.</summary>
    public const string UsualFile = "/var/lib/prometheus/node-exporter/pcmk-kpatch.prom";

    /// <summary>Prints them, or writes them into that file.</summary>
    public int Execute(string? file)
    {
        var text = MetricsText.Of(See());
        if (file is null)
            Console.Out.Write(text);
        else
            SharedFile.Replace(file, text);
        return 0;
    }

    private MetricsView See()
    {
        var asked = ClusterLook.Begin(() => host.Node);
        var wanted = Looked.At(host.Wanted);
        var seen = Looked.At(kernel.See);
        var quarantined = Looked.At(AttemptFiles.List);
        var here = LocalLook.See(quarantined.IsKnown(out var attempts, out _) ? attempts : []);
        var status = Looked.At(() => StatusLook.Put(asked(), here, wanted.IsKnown(out var policy, out _) ? policy : null));
        return new MetricsView
        {
            Version = ThisProgram.Version,
            At = DateTimeOffset.UtcNow,
            Kernel = seen,
            Installed = Looked.At(() => InstalledKernels.See()),
            EndOfLife = OurTable.Read<EndOfLife>(Paths.EndOfLife, EndOfLife.Parse) ?? Fact.Known(EndOfLife.Empty),
            Wanted = wanted,
            Patch = Judge(seen, wanted),
            WorkerRunning = here.WorkerAlive,
            WorkerStuck = here.Stuck is not null,
            Journal = here.Journal,
            Last = Looked.At(JournalFile.OfThisNode.Last),
            Quarantined = attempts is null ? Fact.Unknown<int>("it cannot be read") : Fact.Known(attempts.Count),
            Attention = status.IsKnown(out var look, out _) ? NeedsPerson(look) : here.Stuck?.Why ?? here.Attention,
            Cluster = look is null ? Fact.Unknown<ClusterPart>("it does not answer")
                : Fact.Known(new ClusterPart(look.Cluster.View, look.Cluster.Token, look.TokenIsOld, look.InOurDrain, [.. look.Cluster.Holds.Select(h => h.Hold)])),
        };
    }

    private static string? NeedsPerson(StatusLook look) => look.Advice() is { WhatToDo: not null } advice ? advice.Summary : null;

    private Fact<PatchState?> Judge(Fact<KernelView> seen, Fact<Policy?> wanted)
    {
        if (!wanted.IsKnown(out var policy, out var unknown))
            return Fact.Unknown<PatchState?>(unknown);
        if (policy is null)
            return Fact.Known<PatchState?>(null);
        return seen.IsKnown(out var running, out var why) ? Looked.At<PatchState?>(() => PatchStates.Judge(kernel.Choose(policy.Patch, running), running)) : Fact.Unknown<PatchState?>(why);
    }
}
