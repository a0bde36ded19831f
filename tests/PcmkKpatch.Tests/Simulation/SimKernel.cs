using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What becomes of the next load on a node.</summary>
public enum LoadOutcome
{
    Accept,

    /// <summary>Refused, and nothing left behind.</summary>
    Refuse,

    /// <summary>Refused, and the module stays in the kernel without being a patch.</summary>
    RefuseAndLeaveModule,

    /// <summary>The patch transition never ends, but can be turned back.</summary>
    Stall,

    /// <summary>The patch transition never ends and cannot be turned back either.</summary>
    StallForGood,

    /// <summary>The patch transition stalls, and the kernel warns meanwhile.</summary>
    StallAndWarn,

    /// <summary>Accepted, and the kernel warns soon after.</summary>
    Warn,

    /// <summary>The kernel panics in the load.</summary>
    PanicInLoad,

    /// <summary>Accepted, and the kernel warns while the node is watched.</summary>
    WarnInSoak,

    /// <summary>Accepted; the kernel panics soon after.</summary>
    PanicSoon,

    /// <summary>Accepted; the kernel panics when all seems well.</summary>
    PanicLate,

    /// <summary>The loader fails by its deadline; the load it began ends later.</summary>
    LandsLate,
}

/// <summary>One boot of a node's kernel.</summary>
internal sealed class SimKernel(World world, SimNode node)
{
    public const string Release = "5.14.0-362.8.1.el9_3.x86_64";
    private const ulong Warning = 1UL << 9;
    private readonly List<LivePatch> _patches = [];
    private readonly List<string> _modules = ["ext4"];
    private readonly List<string> _log = ["Linux version 5.14"];
    private bool _neverTurnsBack;

    public ulong Taint { get; private set; } = 1UL << 12;

    /// <summary>The function that every patch replaces.</summary>
    public const string Replaced = "meminfo_proc_show";

    /// <summary>What the vendor says of live patching it.</summary>
    public KernelSupport Support { get; set; } = new(SupportState.Supported, "the vendor");

    /// <summary>The kprobes that people have set.</summary>
    public List<Kprobe> Probes { get; } = [];

    public bool HasInForce(PatchModule module) => View().HasInForce(module);

    public bool InTransition => _patches.Any(patch => patch.InTransition);

    /// <summary>The module is in the kernel, and is no patch there.</summary>
    public bool HasLeftOver(string name) => _modules.Contains(name) && _patches.TrueForAll(patch => patch.Name != name);

    public KernelView View() => new()
    {
        Release = Release,
        CanLivePatch = true,
        Patches = [.. _patches],
        Modules = _modules.ToHashSet(),
        Taint = Taint,
        Support = Support,
        Kprobes = Core.Fact.Known<IReadOnlyList<Kprobe>>(Probes),
    };

    public HealthMark HealthMark() => new() { Taint = Taint, KernelLogSequence = _log.Count - 1, FailedUnits = [], LastCorosyncPause = 0 };

    public HealthView HealthSince(HealthMark mark) => new()
    {
        Taint = Taint,
        KernelLog = [.. _log.Skip((int)mark.KernelLogSequence + 1)],
        KernelLogOverrun = false,
        FailedUnits = [],
        CorosyncPauses = [],
    };

    /// <summary>kpatch.service, before anything else of the boot.</summary>
    public void LoadAtBoot(PatchModule module)
    {
        _modules.Add(module.Name);
        _patches.RemoveAll(patch => patch.Name != module.Name);
        _patches.Add(new LivePatch(module.Name, Enabled: true, InTransition: false, module.BuildId));
    }

    public LoadAnswer Load(PatchModule module)
    {
        if (_modules.Contains(module.Name))
            return new LoadAnswer(false, "insmod: File exists");
        var outcome = node.NextLoad;
        switch (outcome)
        {
            case LoadOutcome.Refuse:
                return new LoadAnswer(false, "insmod: Invalid module format");
            case LoadOutcome.RefuseAndLeaveModule:
                _modules.Add(module.Name);
                return new LoadAnswer(false, "kpatch: the patch was not enabled");
            case LoadOutcome.PanicInLoad:
                node.PowerOff("panic in the load");
                return new LoadAnswer(false, "");
            case LoadOutcome.LandsLate:
                _modules.Add(module.Name);
                Later(TimeSpan.FromSeconds(3), () => Enable(module, outcome));
                throw new Core.ToolFailedException("insmod", null, "not done by its deadline");
            default:
                _modules.Add(module.Name);
                Enable(module, outcome);
                return new LoadAnswer(true, "");
        }
    }

    public void Disable(string name)
    {
        var at = _patches.FindIndex(patch => patch.Name == name);
        if (at < 0)
            return;
        _patches[at] = _patches[at] with { Enabled = false, InTransition = true };
        if (!_neverTurnsBack && !node.NeverTurnsBack)
            Later(Timing.PatchTransition, () => _patches.RemoveAll(patch => patch.Name == name && !patch.Enabled));
    }

    public void Remove(string name)
    {
        if (_patches.All(patch => patch.Name != name))
            _modules.Remove(name);
    }

    /// <summary>The kernel warns, for whatever reason.</summary>
    public void Warn()
    {
        Taint |= Warning;
        _log.Add("WARNING: CPU: 0 PID: 1 at mm/slub.c:1");
    }

    private void Enable(PatchModule module, LoadOutcome outcome)
    {
        _patches.Add(new LivePatch(module.Name, Enabled: true, InTransition: true, module.BuildId));
        _neverTurnsBack = outcome == LoadOutcome.StallForGood;
        if (outcome is not (LoadOutcome.Stall or LoadOutcome.StallForGood or LoadOutcome.StallAndWarn))
            Later(Timing.PatchTransition, () => Finish(module.Name));
        if (outcome is LoadOutcome.Warn or LoadOutcome.StallAndWarn)
            Later(Timing.Trouble, Warn);
        if (outcome == LoadOutcome.WarnInSoak)
            Later(Timing.TroubleInSoak, Warn);
        if (outcome == LoadOutcome.PanicLate)
            Later(Timing.TroubleLate, () => node.PowerOff("panic when all seemed well"));
        if (outcome == LoadOutcome.PanicSoon)
            Later(Timing.Trouble, () => node.PowerOff("panic soon after the load"));
    }

    /// <summary>The patch transition ends well, even where it had stalled.</summary>
    public void Finish(string name)
    {
        var at = _patches.FindIndex(patch => patch.Name == name);
        if (at >= 0 && _patches[at].Enabled)
        {
            _patches[at] = _patches[at] with { InTransition = false };
            // Cumulative: it replaces what was there. The older module stays in the kernel, without effect.
            _patches.RemoveAll(patch => patch.Name != name);
        }
    }

    private void Later(TimeSpan delay, Action happens) => world.After(delay, () =>
    {
        if (node.PoweredOn && node.Kernel == this)
            happens();
    });
}
