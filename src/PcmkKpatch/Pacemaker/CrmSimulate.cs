using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// crm_simulate: what the scheduler would do, asked on a copy of the live CIB. A drain costs three processes, a loss four, of some tens of milliseconds each.
/// Every method throws <see cref="ToolFailedException"/> where an answer is missing, late or not understood.
/// </summary>
internal static class CrmSimulate
{
    private const string Name = "crm_simulate";
    private const string InjectedCib = "injected.xml";

    /// <summary>What would come of the node's drain.</summary>
    public static Forecast Drain(string node)
    {
        using var scratch = new Scratch();
        var cib = CibAdmin.Query();
        return Forecast.OfDrain(node, AsItIs(scratch, cib, node), Drained(scratch, cib, node));
    }

    /// <summary>What would come of the node's death, once it is fenced. Whether quorum stays is another question: the copy keeps what the CIB says.</summary>
    public static Forecast Loss(string node)
    {
        using var scratch = new Scratch();
        var cib = CibAdmin.Query();
        CibCopy.Lost(cib, node, scratch.At("lost.xml"));
        return Forecast.OfLoss(node, AsItIs(scratch, cib, node), Drained(scratch, cib, node), Plan(scratch, "lost.xml"));
    }

    /// <summary>The resources whose stop on the node, if it failed in the drain, would have a node fenced; and which. A process for each resource that stops there.</summary>
    public static IReadOnlyList<Placed> FailedStop(string node)
    {
        // The name is a part of what crm_simulate calls an operation specification, and of an XPath.
        if (node.IndexOfAny(['=', '\'']) >= 0)
            throw new ToolFailedException(Name, null, $"it cannot be asked about a failed stop on a node of the name {node}");
        using var scratch = new Scratch();
        var drained = Drained(scratch, CibAdmin.Query(), node);
        var already = Fenced(drained);
        return [.. drained.Where(a => a.Operation == "stop" && a.Node == node).Select(a => a.Resource).Distinct()
            .SelectMany(resource => Fenced(PlanWithFailedStop(scratch, resource, node)).Except(already).Select(fenced => new Placed(resource, fenced)))];
    }

    private static IReadOnlyList<PlannedAction> AsItIs(Scratch scratch, string cib, string node)
    {
        CibCopy.AsItIs(cib, node, scratch.At("cib.xml"));
        return Plan(scratch, "cib.xml");
    }

    private static IReadOnlyList<PlannedAction> Drained(Scratch scratch, string cib, string node)
    {
        CibCopy.Drained(cib, node, scratch.At("drained.xml"));
        return Plan(scratch, "drained.xml");
    }

    private static IReadOnlyList<PlannedAction> PlanWithFailedStop(Scratch scratch, string resource, string node)
    {
        var planned = Plan(scratch, "drained.xml", "--op-inject", $"{resource}_stop_0@{node}=1", "--save-input", scratch.At(InjectedCib));
        // A resource that it does not find is passed over with exit code 0.
        var injected = false;
        var state = "";
        Read(scratch.At(InjectedCib), file => XmlText.ForEachElement(Name, file, (element, _) =>
        {
            if (element.Name == "node_state")
                state = element.GetAttribute("uname");
            injected |= state == node && element.Name == "lrm_rsc_op" && element.GetAttribute("operation_key") == $"{resource}_stop_0" && element.GetAttribute("rc-code") == "1";
        }));
        return injected ? planned : throw new ToolFailedException(Name, 0, $"it did not take a failed stop of {resource} on {node}");
    }

    private static IReadOnlyList<PlannedAction> Plan(Scratch scratch, string cib, params string[] more)
    {
        // What an earlier call has left must not be taken for the answer to this one.
        File.Delete(scratch.At("graph.xml"));
        // Without an output of our own it would write the whole CIB into Pacemaker's folder, and leave it there where it is killed.
        Tool.Run(Name, ["--quiet", "--xml-file", scratch.At(cib), "--save-output", scratch.At("output.xml"), "--save-graph", scratch.At("graph.xml"), .. more]);
        IReadOnlyList<PlannedAction> planned = [];
        Read(scratch.At("graph.xml"), file => planned = Graph.Read(file));
        return planned;
    }

    private static void Read(string path, Action<TextReader> read)
    {
        try
        {
            using var file = File.OpenText(path);
            read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(Name, 0, $"it said that all is well, and what it was to write cannot be read: {e.Message}");
        }
    }

    private static IEnumerable<string> Fenced(IReadOnlyList<PlannedAction> planned) => planned.Where(a => a.Operation == PlannedAction.Fence).Select(a => a.Node).Distinct();
}
