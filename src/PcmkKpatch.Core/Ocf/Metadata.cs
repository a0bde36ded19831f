using System.Security;
using System.Text;

namespace PcmkKpatch.Core.Ocf;

/// <summary>
/// The agent's metadata. It keeps to what pcs's schema, the OCF specification's and both of resource-agents' accept: no reload-agent,
/// no "reloadable", no "select" (facts found by running all four).
/// </summary>
public static class Metadata
{
    private static readonly (string Name, int TimeoutSeconds, int? IntervalSeconds)[] s_actions =
        [("start", 60, null), ("stop", 60, null), ("monitor", 60, 30), ("meta-data", 30, null), ("validate-all", 30, null)];

    /// <summary>How often the agent asks its monitor to be called.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(s_actions.First(action => action.IntervalSeconds is not null).IntervalSeconds!.Value);

    /// <summary>How long the agent asks for an action to be allowed to take.</summary>
    public static TimeSpan Timeout(string name) => TimeSpan.FromSeconds(s_actions.First(action => action.Name == name).TimeoutSeconds);

    /// <summary>The metadata of that version of the agent.</summary>
    public static string Of(string version)
    {
        var xml = new StringBuilder();
        xml.Append("<?xml version=\"1.0\"?>\n<!DOCTYPE resource-agent SYSTEM \"ra-api-1.dtd\">\n");
        xml.Append($"<resource-agent name=\"kpatch\" version=\"{version}\">\n  <version>1.1</version>\n");
        xml.Append("  <longdesc lang=\"en\">\n").Append(SecurityElement.Escape(LongDescription)).Append("\n  </longdesc>\n");
        xml.Append("  <shortdesc lang=\"en\">Rolls a kernel live patch through the cluster, one node at a time</shortdesc>\n  <parameters>\n");
        foreach (var parameter in Parameters.All)
        {
            xml.Append($"    <parameter name=\"{parameter.Name}\" unique=\"0\" required=\"0\">\n");
            xml.Append($"      <longdesc lang=\"en\">{SecurityElement.Escape(parameter.Full)}</longdesc>\n");
            xml.Append($"      <shortdesc lang=\"en\">{SecurityElement.Escape(parameter.Brief)}</shortdesc>\n");
            xml.Append($"      <content type=\"{parameter.Type}\" default=\"{parameter.Default}\"/>\n    </parameter>\n");
        }

        xml.Append("  </parameters>\n  <actions>\n");
        foreach (var (name, timeout, interval) in s_actions)
            xml.Append($"    <action name=\"{name}\" timeout=\"{timeout}s\"{(interval is null ? "" : $" interval=\"{interval}s\" depth=\"0\"")}/>\n");
        xml.Append("  </actions>\n</resource-agent>\n");
        return xml.ToString();
    }

    private const string LongDescription =
        """
        Where a kernel live patch (kpatch) is installed on a node and not yet in force there, this agent takes the cluster's one rollout
        token, drains the node by a transient standby, loads the patch, verifies it, takes the node out of standby, waits until every
        resource is active again, and gives the token back, so that the next node may begin. The first failure halts the rollout until
        a person resumes it.

        Make it an anonymous clone, so that one instance runs on every node:

            pcs resource create kpatch ocf:pcmk:kpatch clone interleave=true

        The work itself is done by a systemd unit outside of Pacemaker's control; the agent's operations answer at once, and its stop
        never fails. See pcmk-kpatch(8) for the commands status, resume, abort and quarantine.
        """;
}
