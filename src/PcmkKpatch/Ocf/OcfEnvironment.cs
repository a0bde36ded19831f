using System.Globalization;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Ocf;

/// <summary>What Pacemaker tells an agent through its environment.</summary>
internal static class OcfEnvironment
{
    /// <summary>Called by a person's crm_resource --force-…, that is pcs resource debug-…, and not by the executor.</summary>
    public static bool IsByHand => Environment.GetEnvironmentVariable("PCMK_service") == "crm_resource";

    /// <summary>Called by the executor of a remote or guest node. It has this name in Pacemaker 2.0 to 3.0.</summary>
    public static bool IsByRemoteExecutor => Environment.GetEnvironmentVariable("PCMK_service") == "pacemaker-remoted";

    /// <summary>The cluster looks for the first time whether the agent is started: when it starts, and when it has lost its memory of the node.</summary>
    public static bool IsProbe => Environment.GetEnvironmentVariable("OCF_RESKEY_CRM_meta_interval") == "0";

    /// <summary>The name by which the cluster knows this node.</summary>
    public static string Node => Environment.GetEnvironmentVariable("OCF_RESKEY_CRM_meta_on_node") ?? Environment.MachineName;

    /// <summary>How long the operation may take, or null where it does not say.</summary>
    public static TimeSpan? Timeout =>
        int.TryParse(Environment.GetEnvironmentVariable("OCF_RESKEY_CRM_meta_timeout"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

    /// <summary>The parameters as a policy; null, with what is wrong, where they are none.</summary>
    public static Policy? ReadPolicy(out IReadOnlyList<string> errors) =>
        Parameters.Parse(name => Environment.GetEnvironmentVariable("OCF_RESKEY_" + name), out errors);
}
