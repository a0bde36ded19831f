using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Suites;

// Ports that pass everything on. A planted mistake overrides what it gets wrong.

internal class ForwardingCluster(ICluster inner) : ICluster
{
    public virtual ClusterView See() => inner.See();

    public virtual DrainMarks SeeMarks() => inner.SeeMarks();

    public virtual void SetMark(DrainMode kind) => inner.SetMark(kind);

    public virtual void ClearMark(DrainMode kind) => inner.ClearMark(kind);
}

internal class ForwardingToken(IToken inner) : IToken
{
    public virtual Token? Read() => inner.Read();

    public virtual void Create() => inner.Create();

    public virtual bool Swap(Token from, Token to) => inner.Swap(from, to);
}

internal class ForwardingRehearsals(IRehearsals inner) : IRehearsals
{
    public virtual RehearsalWish? Read() => inner.Read();
}

internal class ForwardingLockspaces(ILockspaces inner) : ILockspaces
{
    public virtual LocksView See() => inner.See();

    public virtual string? Write(SharedMount mount, string node) => inner.Write(mount, node);
}

internal class ForwardingKernel(IKernel inner) : IKernel
{
    public virtual KernelView See() => inner.See();

    public virtual PatchChoice Choose(string patch, KernelView kernel) => inner.Choose(patch, kernel);

    public virtual PatchTransition SeeTransition() => inner.SeeTransition();

    public virtual Fact<IReadOnlyList<string>> Functions(PatchModule module) => inner.Functions(module);

    public virtual LoadAnswer Load(PatchModule module, Loader loader) => inner.Load(module, loader);

    public virtual void Disable(string name) => inner.Disable(name);

    public virtual void Remove(string name) => inner.Remove(name);
}

internal class ForwardingHealth(IHealth inner) : IHealth
{
    public virtual HealthMark Mark() => inner.Mark();

    public virtual HealthView Since(HealthMark mark) => inner.Since(mark);

    public virtual string? Ask(string command) => inner.Ask(command);
}

internal class ForwardingBootStore(IBootStore inner) : IBootStore
{
    public virtual BootView See(PatchModule module) => inner.See(module);

    public virtual string? Stage(PatchModule module) => inner.Stage(module);

    public virtual string? Remove(string path) => inner.Remove(path);

    public virtual string? Commit(PatchModule module) => inner.Commit(module);

    public virtual string? Enable() => inner.Enable();
}

internal class ForwardingAttempts(IAttempts inner) : IAttempts
{
    public virtual Attempt? Read() => inner.Read();

    public virtual void Mark(Attempt attempt) => inner.Mark(attempt);

    public virtual void Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime) => inner.Probation(attempt, lasts, uptime);

    public virtual void Clear() => inner.Clear();

    public virtual void Quarantine(Attempt attempt) => inner.Quarantine(attempt);

    public virtual IReadOnlyCollection<string> Quarantined() => inner.Quarantined();
}

internal class ForwardingJournal(IJournal inner) : IJournal
{
    public virtual JournalEntry Read() => inner.Read();

    public virtual void Write(Run run) => inner.Write(run);

    public virtual void Close(Run? run) => inner.Close(run);

    public virtual Run? Last() => inner.Last();

    public virtual IReadOnlyList<Run> Rehearsed() => inner.Rehearsed();

    public virtual string? Unknown() => inner.Unknown();
}

internal class ForwardingHost(IHost inner) : IHost
{
    public virtual string BootId => inner.BootId;

    public virtual string StartedBy => inner.StartedBy;

    public virtual string Node => inner.Node;

    public virtual Policy? Wanted() => inner.Wanted();

    public virtual bool AbortAsked() => inner.AbortAsked();

    public virtual void AbortDone() => inner.AbortDone();

    public virtual string? AskGate(string command, string release, PatchModule? module) => inner.AskGate(command, release, module);

    public virtual void Reboot() => inner.Reboot();

    public virtual string NewRunId() => inner.NewRunId();
}
