using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Suites;

// Ports that pass everything on. A planted mistake overrides what it gets wrong.

internal class ForwardingCluster(ICluster inner) : ICluster
{
    public virtual ClusterView See() => inner.See();

    public virtual Standby SeeStandby() => inner.SeeStandby();

    public virtual void SetStandby() => inner.SetStandby();

    public virtual void ClearStandby() => inner.ClearStandby();
}

internal class ForwardingToken(IToken inner) : IToken
{
    public virtual Token? Read() => inner.Read();

    public virtual void Create() => inner.Create();

    public virtual bool Swap(Token from, Token to) => inner.Swap(from, to);
}

internal class ForwardingKernel(IKernel inner) : IKernel
{
    public virtual KernelView See() => inner.See();

    public virtual PatchChoice Choose(string patch, KernelView kernel) => inner.Choose(patch, kernel);

    public virtual LoadAnswer Load(PatchModule module) => inner.Load(module);

    public virtual void Reverse(string name) => inner.Reverse(name);

    public virtual void Remove(string name) => inner.Remove(name);
}

internal class ForwardingAttempts(IAttempts inner) : IAttempts
{
    public virtual Attempt? Read() => inner.Read();

    public virtual void Mark(Attempt attempt) => inner.Mark(attempt);

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
}

internal class ForwardingHost(IHost inner) : IHost
{
    public virtual string BootId => inner.BootId;

    public virtual string Node => inner.Node;

    public virtual Policy? Wanted() => inner.Wanted();

    public virtual bool AbortAsked() => inner.AbortAsked();

    public virtual void AbortDone() => inner.AbortDone();

    public virtual string NewRunId() => inner.NewRunId();
}
