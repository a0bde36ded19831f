
namespace PcmkKpatch.Host;

/// <summary>
/// Starts the worker as a transient systemd unit. Its fixed name makes it one per node; it lives outside of Pacemaker's process tree,
/// so that neither the standby it sets nor a timeout of the agent kills it; and systemd starts it again, without ever giving up,
/// until it ends by itself.
/// </summary>
internal static class SystemdRun
{
    /// <summary>The unit's name.</summary>
    public const string Unit = "pcmk-kpatch-run.service";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    /// <summary>Starts the worker. One that is there already is as good.</summary>
    public static void StartWorker()
    {
        string[] arguments =
        [
            "--quiet", "--no-block", "--collect", $"--unit={Unit}", "--description=Live patch run of this cluster node",
            "--property=Restart=on-failure", "--property=RestartSec=1", "--property=StartLimitIntervalSec=0",
            // The tools it started finish by themselves: a loader is never killed half-way because the worker is stopped.
            "--property=KillMode=mixed", "--property=TimeoutStopSec=330",
            Environment.ProcessPath!, "run",
        ];
        var answer = Tool.Ask("systemd-run", arguments, s_deadline);
        // "Unit … already exists" (older: "… was already loaded"): another start was faster.
        if (answer.ExitCode != 0 && !answer.Errors.Contains("already", StringComparison.Ordinal))
            throw Tool.Failed("systemd-run", arguments, answer);
    }
}
