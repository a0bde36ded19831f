using System.Globalization;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Core.Readiness;

/// <summary>Do the agent's operations recur as they should, may they take as long as its metadata asks for, and does their failure do no harm?</summary>
internal static class OperationReadiness
{
    private const string Monitor = "monitor";

    // Pacemaker's own, where nothing is written.
    private static readonly TimeSpan s_usualTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_limit = TimeSpan.FromDays(30);
    private static readonly string[] s_judged = ["start", "stop", Monitor];
    private static readonly string[] s_harmful = ["fence", "standby", "block", "stop"];

    /// <summary>What is to be said of them.</summary>
    public static IEnumerable<Finding> Judge(AgentDefinition agent, IReadOnlyDictionary<string, string> defaults) => s_judged.SelectMany(name =>
    {
        var configured = agent.Operations.Where(o => o.Name == name).ToList();
        return (configured.Count > 0 ? configured : [new OperationDefinition { Name = name }]).SelectMany(operation =>
        {
            var command = Mending(agent, operation, defaults);
            return (IEnumerable<Finding>)[.. name == Monitor ? JudgeInterval(agent, operation, defaults, command) : [], .. JudgeTimeout(agent, operation, defaults, command), .. JudgeFailure(agent, operation, defaults, command)];
        });
    });

    // pcs puts what is typed in the place of all that was written of the operation: so the command says all of it, and is the same whatever is wrong.
    private static string Mending(AgentDefinition agent, OperationDefinition operation, IReadOnlyDictionary<string, string> defaults)
    {
        var (name, asked) = (operation.Name, Metadata.Timeout(operation.Name));
        if (name == Monitor && !agent.Operations.Any(o => o.Name == name))
            return $"pcs resource op add {agent.Id} monitor interval={Text(Metadata.Interval)} timeout={Text(asked)}";
        var interval = name != Monitor ? "" : $" interval={(IsSound(Time(operation.Interval)) ? operation.Interval : Text(Metadata.Interval))}";
        var timeout = $" timeout={(Time(operation.Timeout) >= asked ? operation.Timeout : Text(asked))}";
        var follows = operation.OnFail.Length > 0 && !IsHarmful(name, operation.OnFail) ? $" on-fail={operation.OnFail}" : IsHarmful(name, defaults.GetValueOrDefault("on-fail", "")) ? " on-fail=restart" : "";
        return $"pcs resource update {agent.Id} op {name}{interval}{timeout}{follows}{(IsFalse(defaults.GetValueOrDefault("enabled")) ? " enabled=true" : "")}";
    }

    private static IEnumerable<Finding> JudgeInterval(AgentDefinition agent, OperationDefinition operation, IReadOnlyDictionary<string, string> defaults, string command)
    {
        var time = Time(operation.Interval);
        if (!operation.Enabled || IsFalse(defaults.GetValueOrDefault("enabled")))
            yield return Finding.Error("agent.no-monitor", $"the monitor of {agent.Id} is switched off: no patch is noticed", command);
        else if (time is null)
            yield return Finding.NotKnown("agent", "how often the agent is asked", $"its monitor's interval={operation.Interval} is not understood", command);
        else if (time == TimeSpan.Zero)
            yield return Finding.Error("agent.no-monitor", $"{agent.Id} has no monitor that recurs: no patch is noticed", command);
        else if (time > s_longest)
            yield return Finding.Warning("agent.interval", $"the monitor of {agent.Id} is called every {Text(time.Value)} only: for so long nobody notices a new patch, or a worker that hangs", command);
        else if (!IsSound(time))
            yield return Finding.Warning("agent.interval", $"the monitor of {agent.Id} is called every {Text(time.Value)}: more often than is of use", command);
    }

    private static IEnumerable<Finding> JudgeTimeout(AgentDefinition agent, OperationDefinition operation, IReadOnlyDictionary<string, string> defaults, string command)
    {
        var text = operation.Timeout.Length > 0 ? operation.Timeout : defaults.GetValueOrDefault("timeout", "");
        var (time, asked) = (text.Length > 0 ? Time(text) : s_usualTimeout, Metadata.Timeout(operation.Name));
        // A monitor that is not there is told as that.
        if (operation is { Name: Monitor, Interval: "" })
            yield break;
        if (time is null)
            yield return Finding.NotKnown("agent", $"how long {operation.Name} of the agent may take", $"timeout={text} is not understood", command);
        else if (time < asked)
            yield return Finding.Warning("agent.timeout", $"{operation.Name} of {agent.Id} may take {Text(time.Value)}, and the agent asks for {Text(asked)}", command);
    }

    private static IEnumerable<Finding> JudgeFailure(AgentDefinition agent, OperationDefinition operation, IReadOnlyDictionary<string, string> defaults, string command)
    {
        var follows = operation.OnFail.Length > 0 ? operation.OnFail : defaults.GetValueOrDefault("on-fail", "");
        if (IsHarmful(operation.Name, follows))
            yield return Finding.Error("agent.on-fail", $"where {operation.Name} of {agent.Id} fails, {follows} follows: for a look that was too slow", command);
    }

    // What follows a stop that fails is fencing by itself; this agent's never fails.
    private static bool IsHarmful(string operation, string follows) => operation != "stop" && s_harmful.Contains(follows);

    private static bool IsSound(TimeSpan? interval) => interval >= s_shortest && interval <= s_longest;

    private static bool IsFalse(string? text) => text is "false" or "off" or "no" or "n" or "0";

    private static TimeSpan? Time(string text) => text.Length == 0 ? TimeSpan.Zero : DurationText.Parse(text, s_limit);

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##}s");
}
