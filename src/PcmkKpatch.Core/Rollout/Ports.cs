using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Rollout;

/// <summary>Everything that a run sees and changes goes through these.</summary>
public sealed record Ports(
    ICluster Cluster, IToken Tokens, IHolds Holds, IForesight Foresight, IKernel Kernel, IHealth Health, IPackages Packages, IBootStore Boot, IAttempts Attempts, IJournal Journal, IHost Host,
    IRehearsals Rehearsals, ILockspaces Lockspaces);
