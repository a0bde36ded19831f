using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>No law: notes what a world came through, so that a suite can say (and demand) what it has really tried.</summary>
internal sealed class Seen(World world) : Law(world)
{
    private readonly Dictionary<string, int> _marks = [];

    public IReadOnlyDictionary<string, int> Marks => _marks;

    public void Mark(string mark) => _marks[mark] = _marks.GetValueOrDefault(mark) + 1;

    public override void Loading(SimNode node, PatchModule module)
    {
        Mark("load");
        Mark($"load, drained by {node.Disk.Journal?.Drain}");
    }

    public override void Journalled(SimNode node, Run run)
    {
        if (node.Disk.Journal?.Phase != run.Phase)
            Mark($"phase {run.Phase}");
    }

    public override void Closing(SimNode node, Run? run)
    {
        if (run is not null)
            Mark($"verdict {run.Verdict}");
    }

    public override void TokenBroken(Token token) => Mark(token.State == TokenState.Halted ? "resumed" : "token broken");

    public override void TokenOverwritten(Token token) => Mark("token overwritten");

    public override void WentDown(SimNode node) => Mark(node.Disk.Journal is { } run ? $"down in {run.Phase}" : "down without a run");
}
