using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// The scheduler's plans for copies of one CIB. Each is made once, however many forecasts of however many nodes want it; one that failed is not asked for again.
/// </summary>
internal sealed class Simulation : IDisposable
{
    private const string Name = "crm_simulate";
    private const string InjectedCib = "injected.xml";

    private readonly Scratch _scratch = new();
    private readonly Lazy<string> _cib;
    private readonly Dictionary<string, Lazy<IReadOnlyList<PlannedAction>>> _plans = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Node, DrainMode Mode), string> _drained = [];
    private int _copies;

    /// <summary>Nothing is asked yet.</summary>
    /// <param name="cib">Gives the CIB; it is read once.</param>
    public Simulation(Func<string> cib) => _cib = new Lazy<string>(cib);

    /// <summary>What would come of the node's drain in that way.</summary>
    public Forecast Drain(string node, DrainMode mode)
    {
        var drained = Drained(node, mode);
        return Forecast.OfDrain(node, AsItIs(node), drained);
    }

    /// <summary>What would come of the node's death, once it is fenced.</summary>
    public Forecast Loss(string node)
    {
        // Of all that is active there: what may be on an unhealthy node is lost too.
        var drained = Drained(node, DrainMode.Standby);
        return Forecast.OfLoss(node, AsItIs(node), drained, Plan($"lost {node}", () => Copy(path => CibCopy.Lost(_cib.Value, node, path))));
    }

    /// <summary>The resources whose stop on the node, if it failed in the drain, would have a node fenced; and which.</summary>
    public IReadOnlyList<Placed> FailedStop(string node, DrainMode mode)
    {
        // The name is a part of what crm_simulate calls an operation specification, and of an XPath.
        if (node.IndexOfAny(['=', '\'']) >= 0)
            throw new ToolFailedException(Name, null, $"it cannot be asked about a failed stop on a node of the name {node}");
        var drained = Drained(node, mode);
        var already = Fenced(drained);
        return [.. drained.Where(a => a is { Operation: "stop", IsOurs: false } && a.Node == node).Select(a => a.Resource).Distinct()
            .SelectMany(resource => Fenced(WithFailedStop(resource, node, mode)).Except(already).Select(fenced => new Placed(resource, fenced)))];
    }

    /// <summary>The copies go.</summary>
    public void Dispose() => _scratch.Dispose();

    // The same for every node. Asked after the node's drain: one that has no state in the CIB fails there, and spoils this for no other.
    private IReadOnlyList<PlannedAction> AsItIs(string node) => Plan("as it is", () => Copy(path => CibCopy.AsItIs(_cib.Value, node, path)));

    private IReadOnlyList<PlannedAction> Drained(string node, DrainMode mode) =>
        Plan($"drained by {mode} {node}", () => _drained[(node, mode)] = Copy(path => CibCopy.Drained(_cib.Value, node, mode, path)));

    private IReadOnlyList<PlannedAction> Plan(string of, Func<string> copy)
    {
        if (!_plans.TryGetValue(of, out var plan))
            _plans[of] = plan = new Lazy<IReadOnlyList<PlannedAction>>(() => Ask(copy()));
        return plan.Value;
    }

    private string Copy(Action<string> write)
    {
        var path = _scratch.At($"cib-{++_copies}.xml");
        write(path);
        return path;
    }

    private IReadOnlyList<PlannedAction> WithFailedStop(string resource, string node, DrainMode mode)
    {
        var injectedCib = _scratch.At(InjectedCib);
        var planned = Ask(_drained[(node, mode)], "--op-inject", $"{resource}_stop_0@{node}=1", "--save-input", injectedCib);
        // A resource that it does not find is passed over with exit code 0.
        var injected = false;
        var state = "";
        Read(injectedCib, file => XmlText.ForEachElement(Name, file, (element, _) =>
        {
            if (element.Name == "node_state")
                state = element.GetAttribute("uname");
            injected |= state == node && element.Name == "lrm_rsc_op" && element.GetAttribute("operation_key") == $"{resource}_stop_0" && element.GetAttribute("rc-code") == "1";
        }));
        return injected ? planned : throw new ToolFailedException(Name, 0, $"it did not take a failed stop of {resource} on {node}");
    }

    private IReadOnlyList<PlannedAction> Ask(string cib, params string[] more)
    {
        // What an earlier call has left must not be taken for the answer to this one.
        File.Delete(_scratch.At("graph.xml"));
        // Without an output of our own it would write the whole CIB into Pacemaker's folder, and leave it there where it is killed.
        Tool.Run(Name, ["--quiet", "--xml-file", cib, "--save-output", _scratch.At("output.xml"), "--save-graph", _scratch.At("graph.xml"), .. more]);
        IReadOnlyList<PlannedAction> planned = [];
        Read(_scratch.At("graph.xml"), file => planned = Graph.Read(file));
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
