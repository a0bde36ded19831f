using System.Globalization;
using PcmkKpatch.Core;

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

    /// <summary>
    /// What the worker, and so all that it starts, may not do. systemd 239 (RHEL 8) knows each of them as a property of a transient unit: one that it
    /// does not know would keep the worker from being started at all. None gives the unit mounts of its own: a file system that stayed mounted
    /// in there would fail its resource's stop, and a failed stop fences. pcmk-kpatch-resume.service has the same; docs/security.md says why these.
    /// </summary>
    public static readonly IReadOnlyList<string> Confinement =
    [
        "NoNewPrivileges=yes", "RestrictRealtime=yes", "LockPersonality=yes", "SystemCallArchitectures=native",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "CapabilityBoundingSet=~CAP_SYS_TIME CAP_WAKE_ALARM CAP_SYS_PACCT CAP_SYS_TTY_CONFIG CAP_LEASE CAP_BLOCK_SUSPEND",
    ];

    /// <summary>The variable in which the worker is told who had it started.</summary>
    public const string StartedByVariable = "PCMK_KPATCH_STARTED_BY";

    private const string NotifierUnit = "pcmk-kpatch-notify-";
    private const string ProbationUnit = "pcmk-kpatch-probation.service";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    // Not waited for as long as for what the run needs.
    private static readonly TimeSpan s_notifierDeadline = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Ends the probation of a patch after a time, or at an orderly shutdown: in both cases systemd runs what comes after the sleep. A node
    /// that crashes runs nothing any more.
    /// </summary>
    public static void EndProbationAfter(TimeSpan time)
    {
        // That of an earlier patch would end this one too soon. One that is not there is as good.
        _ = Tool.Ask("systemctl", ["stop", ProbationUnit], s_deadline);
        Start(
        [
            $"--unit={ProbationUnit}", "--description=Probation of a live patch",
            $"--property=ExecStopPost={Environment.ProcessPath} proved",
            Tool.Find("sleep") ?? throw new ToolFailedException("sleep", null, "not installed on this node"),
            time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
        ]);
    }

    /// <summary>Starts the worker. One that is there already is as good.</summary>
    /// <param name="by">Who has it started, for people.</param>
    public static void StartWorker(string by) => Start(
    [
        $"--setenv={StartedByVariable}={by}", $"--unit={Unit}", "--description=Live patch run of this cluster node",
        "--property=Restart=on-failure", "--property=RestartSec=1", "--property=StartLimitIntervalSec=0",
        // The tools it started finish by themselves: a loader is never killed half-way because the worker is stopped.
        "--property=KillMode=mixed", "--property=TimeoutStopSec=330",
        Environment.ProcessPath!, "run",
    ]);

    /// <summary>Starts the administrator's own program for what happens, with nothing in its environment but these and what every tool has.</summary>
    /// <exception cref="ToolFailedException">systemd did not take it.</exception>
    public static void StartNotifier(string program, IReadOnlyDictionary<string, string> about) => Start(
    [
        $"--unit={NotifierUnit}{Guid.NewGuid().ToString("N")[..8]}.service", "--description=A notice of a live patch run",
        // With all that it has started. One that does not end when it is asked to is killed.
        "--property=RuntimeMaxSec=30", "--property=TimeoutStopSec=5",
        .. Tool.EnvironmentOf(about).Select(variable => $"--setenv={variable.Key}={variable.Value}"),
        program,
    ], s_notifierDeadline);

    private static void Start(IReadOnlyList<string> what, TimeSpan? deadline = null)
    {
        string[] arguments = ["--quiet", "--no-block", "--collect", .. Confinement.Select(property => $"--property={property}"), .. what];
        var answer = Tool.Ask("systemd-run", arguments, deadline ?? s_deadline);
        // "Unit … already exists" (older: "… was already loaded"): another start was faster.
        if (answer.ExitCode != 0 && !answer.Errors.Contains("already", StringComparison.Ordinal))
            throw Tool.Failed("systemd-run", arguments, answer);
    }
}
