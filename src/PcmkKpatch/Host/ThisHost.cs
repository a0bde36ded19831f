using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Host;

/// <summary>This machine, and what the agent and its people ask of the worker through files.</summary>
/// <param name="node">Gives this node's name in the cluster.</param>
internal sealed class ThisHost(Func<string> node) : IHost
{
    // PublicationOnly: a failure is not kept. At boot the worker is there before the cluster can tell the name.
    private readonly Lazy<string> _node = new(node, LazyThreadSafetyMode.PublicationOnly);
    private readonly Lazy<string> _bootId = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <inheritdoc/>
    public string BootId => _bootId.Value;

    /// <inheritdoc/>
    public string Node => _node.Value;

    /// <inheritdoc/>
    public string StartedBy => Environment.GetEnvironmentVariable(SystemdRun.StartedByVariable) is { Length: > 0 } by ? by : "a person, by hand";

    /// <inheritdoc/>
    public Policy? Wanted()
    {
        try
        {
            return Parameters.FromText(File.ReadAllText(Paths.Wanted), out var errors) ?? throw new ToolFailedException(Paths.Wanted, null, string.Join("; ", errors));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException e)
        {
            throw new ToolFailedException(Paths.Wanted, null, e.Message);
        }
    }

    /// <inheritdoc/>
    public bool AbortAsked() => File.Exists(Paths.Abort);

    /// <inheritdoc/>
    public void AbortDone() => Posix.Delete(Paths.Abort);

    /// <inheritdoc/>
    public string? AskGate(string command, string release, PatchModule? module) => OwnProgram.Ask(command, new Dictionary<string, string>
    {
        ["PCMK_KPATCH_NODE"] = Node,
        ["PCMK_KPATCH_KERNEL"] = release,
        ["PCMK_KPATCH_PATCH"] = module?.Name ?? "",
        ["PCMK_KPATCH_BUILD"] = module?.BuildId ?? "",
    });

    /// <inheritdoc/>
    public void Reboot() => Tool.Run("systemctl", ["--no-block", "reboot"]);

    /// <inheritdoc/>
    public string NewRunId() => Guid.NewGuid().ToString("N")[..12];

    /// <summary>Both clocks.</summary>
    public static Moment Now()
    {
        // The first number of /proc/uptime: time since boot, suspended time included, never set by anybody.
        var uptime = File.ReadAllText("/proc/uptime").Split(' ')[0];
        return new Moment(DateTimeOffset.UtcNow, TimeSpan.FromSeconds(double.Parse(uptime, System.Globalization.CultureInfo.InvariantCulture)));
    }
}

/// <summary>What is asked of any host.</summary>
internal static class Hosts
{
    /// <summary>This node's name for people; the machine's where the cluster does not tell it.</summary>
    public static string NameOfNode(this IHost host)
    {
        try
        {
            return host.Node;
        }
        catch (ToolFailedException)
        {
            return Environment.MachineName;
        }
    }
}
