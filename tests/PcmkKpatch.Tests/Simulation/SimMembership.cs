namespace PcmkKpatch.Tests.Simulation;

/// <summary>
/// Who hears whom, and what that does to quorum, to the CIB's idea of the nodes, and to fencing. What is known lags behind what is:
/// a loss is noticed after the token timeout, or by the first write; a side that lost its DC elects one before its CIB tells of it.
/// </summary>
internal sealed class SimMembership(World world, SimCluster cluster)
{
    private readonly Dictionary<SimNode, int> _sides = [];

    public bool IsSplit => _sides.Count > 0;

    /// <summary>The fence device does not work: what it is asked for is asked for again later.</summary>
    public bool FencingFails { get; set; }

    /// <summary>The world begins with a whole cluster.</summary>
    public void FormAtOnce()
    {
        var whole = new Partition(new Cib()) { Dc = world.Nodes[0], QuorumByMembership = true, QuorumByCib = true };
        foreach (var node in world.Nodes)
        {
            whole.Members.Add(node);
            whole.Beliefs[node] = Belief.Online;
            node.Partition = whole;
            node.Joined = node.SawAll = true;
        }

        cluster.Resources.StartAll(whole);
        cluster.Changed(whole);
    }

    /// <summary>The node starts its stack.</summary>
    public void Join(SimNode node)
    {
        if (node.Partition is not null)
            return;
        var mine = node.CibOnDisk ?? new Cib();
        var partition = cluster.Partitions.FirstOrDefault(p => SameSide(p.Members[0], node)) ?? new Partition(mine);
        // The highest epoch wins, whoever has it.
        if (mine.Epoch > partition.Cib.Epoch)
            partition.Cib = mine.WithStatusOf(partition.Cib);
        if (!world.Options.PurgeLost)
            partition.Cib.TakeTransient(node.Name, null);
        partition.Members.Add(node);
        partition.Failed.Clear();
        node.Partition = partition;
        node.Joined = false;
        node.CibBeforeJoin = partition.Members.Count > 1 ? mine.OnDisk() : null;
        FinishJoinLater(node);
        Notice(partition);
    }

    /// <summary>The DC gives up its office, as where its controller is started again: its side elects another one.</summary>
    public void DropDc(Partition partition)
    {
        world.Trace.Note(world.Now, "cluster", "has no DC any more:", partition.Dc);
        partition.Dc = null;
        Notice(partition);
    }

    /// <summary>A stop failed on that node: whoever is DC has to fence it before anything of it is started elsewhere.</summary>
    public void StopFailed(Partition partition, SimNode node)
    {
        node.StopFailed = true;
        if (partition.Dc is not null)
            TellCib(partition);
    }

    /// <summary>The node went down, and nobody has noticed yet.</summary>
    public void Lost(SimNode node)
    {
        if (node.Partition is not { } partition)
            return;
        Leave(node, partition);
        NoticeLater(partition);
    }

    /// <summary>The administrator stops the cluster's stack on that node: it leaves in good order.</summary>
    public void StopStack(SimNode node)
    {
        if (node.Partition is not { } partition)
            return;
        world.Trace.Note(world.Now, node.Name, "cluster stopped");
        node.Running.Clear();
        node.MountedByHand.Clear(); // A person takes away first what would keep it from stopping.
        node.AgentStopped();
        Leave(node, partition);
        if (partition.Gone)
            return;
        partition.Beliefs[node] = Belief.Down;
        partition.Cib.TakeTransient(node.Name, null);
        Notice(partition);
    }

    /// <summary>The network splits: those nodes on one side, all others on the other.</summary>
    public void Split(IReadOnlyCollection<SimNode> side)
    {
        if (IsSplit || side.Count == 0 || side.Count == world.Nodes.Count)
            return;
        world.Trace.Note(world.Now, "network", "splits:", string.Join(",", side));
        foreach (var node in world.Nodes)
            _sides[node] = side.Contains(node) ? 1 : 0;
        foreach (var partition in cluster.Partitions.ToList())
        {
            var leaving = partition.Members.Where(side.Contains).ToList();
            if (leaving.Count == 0 || leaving.Count == partition.Members.Count)
                continue;
            var other = new Partition(partition.Cib.Clone())
            {
                Dc = partition.Dc,
                QuorumByCib = partition.QuorumByCib,
                QuorumByMembership = partition.QuorumByMembership,
            };
            foreach (var (node, belief) in partition.Beliefs)
                other.Beliefs[node] = belief;
            foreach (var node in leaving)
            {
                partition.Members.Remove(node);
                other.Members.Add(node);
                node.Partition = other;
            }

            NoticeLater(partition);
            NoticeLater(other);
        }
    }

    /// <summary>The network is whole again: the partitions become one, with the configuration of the highest epoch.</summary>
    public void Heal()
    {
        if (!IsSplit)
            return;
        _sides.Clear();
        var partitions = cluster.Partitions.OrderByDescending(p => p.Cib.Epoch).ThenByDescending(p => p.Members.Count).ToList();
        world.Trace.Note(world.Now, "network", "heals:", string.Join(" | ", partitions.Select(p => $"{p.Cib.Epoch} {p.Cib.Token}")));
        if (partitions.Count < 2)
            return;
        var winner = partitions[0];
        if (partitions.Exists(p => p.Cib.Token != winner.Cib.Token))
            world.Laws.Mark("token lost where partitions met");
        foreach (var loser in partitions.Skip(1))
        {
            foreach (var node in loser.Members.ToList())
            {
                // Each node's attribute daemon knows its own node's attributes best.
                winner.Cib.TakeTransient(node.Name, loser.Cib);
                node.CibBeforeJoin = null;
                winner.Members.Add(node);
                node.Partition = winner;
                node.Joined = false;
                FinishJoinLater(node);
            }

            foreach (var node in world.Nodes.Where(n => loser.BeliefOf(n) == Belief.Down && winner.BeliefOf(n) == Belief.Unclean))
                winner.Beliefs[node] = Belief.Down;
            loser.Gone = true;
        }

        Notice(winner);
    }

    /// <summary>A write makes the membership notice at once what it has not noticed yet.</summary>
    public void NoticeNow(Partition partition)
    {
        if (partition.NoticePending)
            Notice(partition);
    }

    private void NoticeLater(Partition partition)
    {
        if (partition.Gone)
            return;
        partition.NoticePending = true;
        var membership = ++partition.Membership;
        world.After(Timing.TokenTimeout, () =>
        {
            if (!partition.Gone && partition.Membership == membership && partition.NoticePending)
                Notice(partition);
        });
    }

    private void Notice(Partition partition)
    {
        partition.NoticePending = false;
        if (partition.Members.Count == world.Nodes.Count)
            partition.Members.ForEach(n => n.SawAll = true);
        partition.QuorumByMembership = IsQuorate(partition);
        partition.InquorateSince = partition.QuorumByMembership ? null : partition.InquorateSince ?? world.Now;
        var membership = ++partition.Membership;
        if (partition.Dc is { } dc && partition.Members.Contains(dc))
        {
            TellCib(partition);
            return;
        }

        partition.WithoutDcSince ??= world.Now;
        cluster.Changed(partition);
        world.After(Timing.Election, () =>
        {
            if (!partition.Gone && partition.Membership == membership)
                TellCib(partition);
        });
    }

    // The DC writes to the CIB what the membership has become, and has fenced whom it must.
    private void TellCib(Partition partition)
    {
        if (partition.Dc is null || !partition.Members.Contains(partition.Dc))
            partition.Dc = partition.Members.FindLast(n => n.Joined) ?? partition.Members[0];
        partition.QuorumByCib = partition.QuorumByMembership;
        partition.WithoutDcSince = null;
        partition.NotWholeSince = partition.Members.Count == world.Nodes.Count ? null : partition.NotWholeSince ?? world.Now;
        foreach (var node in world.Nodes)
        {
            if (partition.Members.Contains(node))
            {
                partition.Beliefs[node] = node.StopFailed ? Belief.Unclean : node.Joined ? Belief.Online : Belief.Pending;
                if (node.StopFailed && partition.QuorumByCib)
                    FenceLater(partition, node);
            }
            else if (partition.BeliefOf(node) != Belief.Down)
            {
                partition.Beliefs[node] = Belief.Unclean;
                if (!world.Options.PurgeLost)
                    partition.Cib.TakeTransient(node.Name, null);
                if (partition.QuorumByCib)
                    FenceLater(partition, node);
            }
        }

        cluster.Changed(partition);
    }

    private void FenceLater(Partition partition, SimNode target) => world.After(Timing.Fencing, () =>
    {
        if (partition.Gone || !partition.QuorumByCib || partition.BeliefOf(target) != Belief.Unclean || (partition.Members.Contains(target) && !target.StopFailed))
            return;
        if (FencingFails)
        {
            world.Trace.Note(world.Now, target.Name, "is not fenced: the device fails");
            FenceLater(partition, target);
            return;
        }

        world.Trace.Note(world.Now, target.Name, "is fenced by", partition.Dc);
        target.PowerOff("fenced");
        target.BootLater(Timing.Reboot);
        partition.Beliefs[target] = Belief.Down;
        target.Running.Clear();
        cluster.Changed(partition);
    });

    // Whichever partition it is in by then.
    private void FinishJoinLater(SimNode node) => node.OfThisBoot(Timing.Join, () =>
    {
        if (node.Partition is not { } partition || node.Joined)
            return;
        node.Joined = true;
        node.CibBeforeJoin = null;
        Notice(partition);
    });

    private void Leave(SimNode node, Partition partition)
    {
        node.CibOnDisk = partition.Cib.OnDisk();
        node.Partition = null;
        node.Joined = false;
        node.CibBeforeJoin = null;
        node.StopFailed = false;
        node.StateAttribute = node.PatchAttribute = node.RehearsedAttribute = null;
        partition.Members.Remove(node);
        partition.Gone = partition.Members.Count == 0;
    }

    private bool IsQuorate(Partition partition) =>
        partition.Members.Count * 2 > world.Nodes.Count || (world.Nodes.Count == 2 && partition.Members.Exists(n => n.SawAll));

    private bool SameSide(SimNode left, SimNode right) => _sides.GetValueOrDefault(left) == _sides.GetValueOrDefault(right);
}
