using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What may be wrong with a shared file system although the cluster takes its resource for active.</summary>
public enum SharedTrouble
{
    None,

    /// <summary>It is not mounted.</summary>
    NotMounted,

    /// <summary>What is written to it fails.</summary>
    NotWritable,

    /// <summary>Who writes to it does not come back.</summary>
    StandsStill,
}

/// <summary>One machine: its power, its disk, its kernel, its place in the cluster, and the worker and agent on it.</summary>
internal sealed class SimNode
{
    private readonly World _world;
    /// <summary>Where the cluster mounts the file system that all nodes share.</summary>
    public const string SharedPoint = "/shared";

    private int _powerCut;
    private int _agentLife;

    public SimNode(World world, string name)
    {
        _world = world;
        Name = name;
        Kernel = new SimKernel(world, this);
        Worker = new SimWorker(world, this);
    }

    public string Name { get; }

    public bool PoweredOn { get; private set; } = true;

    public int BootCount { get; private set; } = 1;

    public string BootId => $"{Name}.boot{BootCount}";

    public TimeSpan BootedAt { get; private set; }

    /// <summary>How far this node's calendar is off: it may jump, for nothing may depend on it.</summary>
    public TimeSpan ClockError { get; set; }

    public SimDisk Disk { get; } = new();

    public SimKernel Kernel { get; private set; }

    public LoadOutcome NextLoad { get; set; }

    /// <summary>The package manager fails.</summary>
    public bool InstallFails { get; set; }

    /// <summary>What the administrator's health check complains of.</summary>
    public string? HealthCheckSays { get; set; }

    /// <summary>What the administrator's own gate says against a run.</summary>
    public string? GateCommandSays { get; set; }

    /// <summary>systemd takes the wish to reboot, and something keeps it from doing so.</summary>
    public bool RebootHangs { get; set; }

    /// <summary>A patch that is in force cannot be taken back: some task never leaves it.</summary>
    public bool NeverTurnsBack { get; set; }

    public SimWorker Worker { get; }

    // What is in /run: it is gone after a reboot.
    public Policy? Wanted { get; set; }

    public bool AbortAsked { get; set; }

    // Its place in the cluster, kept by SimCluster.

    /// <summary>The partition it is in; null where the cluster's stack is down here.</summary>
    public Partition? Partition { get; set; }

    /// <summary>It has finished joining.</summary>
    public bool Joined { get; set; }

    /// <summary>It saw every node since it booted: wait_for_all, which two_node implies.</summary>
    public bool SawAll { get; set; }

    /// <summary>The CIB as it was on disk when the stack went down here.</summary>
    public Cib? CibOnDisk { get; set; }

    /// <summary>While it joins others: its own old CIB, that all tools of this node see until the cluster gives it the true one.</summary>
    public Cib? CibBeforeJoin { get; set; }

    /// <summary>A stop failed here: the DC has to fence the node, member or not.</summary>
    public bool StopFailed { get; set; }

    /// <summary>What its worker and agent said last of their state, as they remember it in /run: the same is not said twice.</summary>
    public (string State, string? Rehearsed)? Said { get; set; }

    /// <summary>The node attribute with that; gone where the cluster's stack goes down here.</summary>
    public string? StateAttribute { get; set; }

    /// <summary>The node attribute with the patches in force; gone with the other.</summary>
    public string? PatchAttribute { get; set; }

    /// <summary>The node attribute with how the last rehearsal ended.</summary>
    public string? RehearsedAttribute { get; set; }

    /// <summary>The resources that run here, with their roles.</summary>
    public Dictionary<string, string> Running { get; } = [];

    /// <summary>The lockspaces of file systems that a person has mounted here, beside the cluster.</summary>
    public List<string> MountedByHand { get; } = [];

    /// <summary>What is wrong with the file system that all nodes share, on this node.</summary>
    public SharedTrouble SharedTrouble { get; set; }

    /// <summary>True where the administrator keeps the cluster's stack down here.</summary>
    public bool ClusterDisabled { get; set; }

    public override string ToString() => Name;

    /// <summary>Loses its power, or panics: to the cluster that is the same.</summary>
    public void PowerOff(string why)
    {
        if (!PoweredOn)
            return;
        _world.Trace.Note(_world.Now, Name, "goes down:", why);
        _world.Laws.WentDown(this);
        PoweredOn = false;
        _powerCut++;
        BootLater(Timing.SomebodyResetsIt); // Unless it is fenced before.
        _agentLife++;
        Worker.Die();
        Wanted = null;
        AbortAsked = false;
        Said = null;
        _world.Cluster.Lost(this);
    }

    /// <summary>An orderly reboot: the cluster's stack leaves first, and a probation ends.</summary>
    public void Reboot()
    {
        if (Disk.Mark is { ProvedAt: not null } && Disk.Mark.Boot == BootId)
            _world.Laws.OnProbation(this, _world.Now);
        Disk.Proved(BootId);
        _world.Cluster.Membership.StopStack(this);
        PowerOff("reboots");
        BootLater(Timing.Reboot);
    }

    /// <summary>dnf installs the package that was fetched before.</summary>
    public string? InstallPackage()
    {
        if (InstallFails)
            return "dnf: the lock is held";
        if (Disk.Installed is not { } fetched)
            return "dnf: the fetched file is gone";
        Disk.Installed = fetched with { Package = null };
        return null;
    }

    /// <summary>Boots after a while, unless its power is cut once more before that.</summary>
    public void BootLater(TimeSpan delay)
    {
        var cut = _powerCut;
        _world.After(delay, () =>
        {
            if (cut == _powerCut)
                Boot();
        });
    }

    public void Boot()
    {
        if (PoweredOn)
            return;
        PoweredOn = true;
        BootCount++;
        BootedAt = _world.Now;
        Kernel = new SimKernel(_world, this);
        Running.Clear();
        MountedByHand.Clear();
        SharedTrouble = SharedTrouble.None;
        SawAll = false;
        _world.Trace.Note(_world.Now, Name, "boots:", BootId);
        _world.Laws.Boots(this);
        LoadAtBoot();
        OfThisBoot(Timing.BootUnit, Worker.Start); // The boot's unit looks each time, for a journal may be what was lost.
        OfThisBoot(Timing.ClusterStart, () =>
        {
            if (!ClusterDisabled)
                _world.Cluster.Join(this);
        });
    }

    /// <summary>Runs something later, unless the node goes down before.</summary>
    public void OfThisBoot(TimeSpan delay, Action happens)
    {
        var cut = _powerCut;
        _world.After(delay, () =>
        {
            if (cut == _powerCut && PoweredOn)
                happens();
        });
    }

    /// <summary>The cluster started our clone's instance here.</summary>
    public void AgentStarted()
    {
        _agentLife++;
        Wanted = _world.Policy;
        // The cluster may have been restarted meanwhile, and its attributes be gone.
        Said = null;
        SayStateUnlessAtWork();
        // Once at each start, whether a patch is due or not: whatever an earlier life left behind is put in order.
        Worker.Start();
        Monitor(_agentLife);
    }

    /// <summary>The cluster stopped our clone's instance here, as standby does.</summary>
    public void AgentStopped()
    {
        _agentLife++;
        Wanted = null;
        if (Worker.Runs)
            return;
        (Said, StateAttribute, PatchAttribute) = (null, null, null);
        _world.Cluster.AttributesChanged(this);
    }

    /// <summary>The patch of this node's disk is not in force and not newer than what is.</summary>
    public bool PatchIsDue() => Disk.Installed is { } module
        && PatchStates.Judge(new PatchChoice.Found(module), Kernel.View()) == PatchState.Due;

    /// <summary>The file system that all nodes share is mounted here.</summary>
    public bool HasShared => Running.ContainsKey(SimResources.FileSystem) && SharedTrouble != SharedTrouble.NotMounted;

    /// <summary>Writes to the file system that all nodes share.</summary>
    public string? WriteToShared()
    {
        // A tool that hangs is waited for until its deadline.
        if (SharedTrouble == SharedTrouble.StandsStill && _world.Depth < 2)
            _world.RunDuringCall(Timing.WriteDeadline);
        return SharedTrouble switch
        {
            SharedTrouble.StandsStill => "dd: no answer in 10 s, and it cannot be killed",
            SharedTrouble.NotWritable => "dd: no space left on device",
            _ => null,
        };
    }

    /// <summary>What its kernel locks together with others.</summary>
    public LocksView Locks()
    {
        const string OfShared = "shared";
        // In its umount the lockspace is there for longer than the mount.
        var isUnmounting = Partition is { } partition && !SimResources.MayStay(partition.Cib, this, SimResources.FileSystem);
        SharedMount[] mounts =
        [
            .. HasShared && !isUnmounting ? [new("gfs2", "/dev/shared", "253:0", SharedPoint, OfShared)] : (SharedMount[])[],
            .. MountedByHand.Select(name => new SharedMount("gfs2", $"/dev/{name}", name, $"/mnt/{name}", name)),
        ];
        return new LocksView { Lockspaces = [.. mounts.Select(mount => mount.Lockspace!), .. HasShared && isUnmounting ? [OfShared] : (string[])[]], Mounts = mounts };
    }

    // kpatch.service, with its drop-in.
    private void LoadAtBoot()
    {
        if (!Disk.Boot.Enabled || Disk.Mark is not null || Disk.Quarantined.Count > 0)
            return;
        foreach (var module in Disk.Boot.Modules)
        {
            _world.Laws.LoadedAtBoot(this, module);
            Kernel.LoadAtBoot(module);
        }
    }

    private void Monitor(int life)
    {
        if (life != _agentLife || !PoweredOn)
            return;
        Wanted = _world.Policy;
        SayStateUnlessAtWork();
        if (PatchIsDue() || Disk.Journal is not null || Disk.Damaged || IsTokenLeftBehind() || IsRehearsalWished())
            Worker.Start();
        OfThisBoot(Timing.Monitor, () => Monitor(life));
    }

    private void SayStateUnlessAtWork()
    {
        if (!Worker.Runs)
            _world.Cluster.Publish(this, PatchIsDue() ? StateWords.Due : StateWords.Idle);
    }

    // By the CIB on its own disk, as the agent looks.
    private bool IsTokenLeftBehind() => CibSeenOnDisk?.TokenRead.IsHeldOn(Name) == true;

    private bool IsRehearsalWished() => CibSeenOnDisk?.WishRead is { } wish && RehearsalNotes.Wants(wish, Name, Disk.Rehearsed, _world.MomentOn(this).Wall);

    private Cib? CibSeenOnDisk => CibBeforeJoin ?? Partition?.Cib ?? CibOnDisk;
}
