using System.Globalization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Ocf;

/// <summary>One parameter of the agent.</summary>
/// <param name="Name">Its name in the CIB.</param>
/// <param name="Type">Its type in the metadata; string, integer and boolean are accepted by every validator.</param>
/// <param name="Default">Its default, as it would be written.</param>
/// <param name="Brief">One line for people.</param>
/// <param name="Full">All there is to say.</param>
public sealed record Parameter(string Name, string Type, string Default, string Brief, string Full);

/// <summary>The agent's parameters, declared once: the metadata, the check of what an administrator wrote, and the policy come from here.</summary>
public static class Parameters
{
    private const string Package = "package";

    // The kernel takes no longer path (PATH_MAX).
    private const int LongestPath = 4095;

    // How each choice is written, the default first. Not by asking the enum for its names: that alone took a tenth of what a monitor costs.
    private static readonly (Loader, string)[] s_loaders = [(Loader.Auto, "auto"), (Loader.Kpatch, "kpatch"), (Loader.Kernel, "kernel")];
    private static readonly (Rollback, string)[] s_rollbacks = [(Rollback.None, "none"), (Rollback.Reboot, "reboot"), (Rollback.Unload, "unload")];
    private static readonly (Persist, string)[] s_persists = [(Persist.Auto, "auto"), (Persist.Yes, "yes"), (Persist.No, "no")];
    private static readonly (QuarantineScope, string)[] s_scopes = [(QuarantineScope.Cluster, "cluster"), (QuarantineScope.Node, "node")];
    private static readonly (bool, string)[] s_booleans = [(false, "false"), (true, "true")];
    private static readonly (DrainMode, string)[] s_drains = [(DrainMode.Standby, "standby"), (DrainMode.None, "none"), (DrainMode.Health, "health")];

    private static readonly Lazy<Policy> s_defaults = new(() => Parse(_ => null, out _)!);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_longestInDays = TimeSpan.FromDays(365);

    private static readonly Parameter s_patch = new(
        "patch",
        "string",
        "installed",
        "which live patch to load",
        "Which live patch to load. \"installed\" is the newest live patch module for the running kernel in /usr/lib/kpatch/KERNEL and /var/lib/kpatch/KERNEL, "
        + "newest by version. \"package\" is the newest kpatch-patch package for the running kernel that dnf offers; it is fetched before, and installed, alone and without its "
        + "scriptlets, on the drained node. Or the absolute path of a module, in which %k stands for the running kernel's release and %% for a percent sign.");

    private static readonly Parameter s_loader = Choice("loader", s_loaders, "through what a patch is loaded",
        "Through what a patch is loaded. \"kpatch\": the kpatch utility, which waits for the patch transition itself and turns back one that does not end in about 75 seconds. "
        + "\"kernel\": insmod and the kernel's own interface, so that transition_timeout alone decides. \"auto\": kpatch where it is installed, kernel otherwise.");

    private static readonly Parameter s_drainTimeout = Time("drain_timeout", "10min", "how long a node may take to be drained",
        "How long a node may take until no resource is active on it any more. A node that takes longer comes home unpatched, gives the token back and tries again after retry_delay.");

    private static readonly Parameter s_transitionTimeout = Time("transition_timeout", "60s", "how long a patch transition may take",
        "How long the kernel's patch transition may take before it is turned back and the rollout halts. The kpatch utility, where it loads the patch, gives up by itself after about 75 seconds.");

    private static readonly Parameter s_soak = Time("soak", "60s", "how long the patched node is watched before it goes home",
        "How long the node is watched with the patch in force, before anything comes back to it: the kernel's taint, log and counters of warnings and oopses, systemd's failed units, corosync's pauses, and "
        + "health_check. 0 looks once.");

    private static readonly Parameter s_healthCheck = new(
        "health_check", "string", "", "a program of your own that says whether the node is well",
        "The absolute path of a program that is asked whether the node is well: before the load, after it, through the soak, and when the node is home again. Exit code 0 is well. "
        + "It is killed after 60 seconds, which is not well. Its last line is shown.");

    private static readonly Parameter s_rollback = Choice("rollback", s_rollbacks, "what is done about a node that is not well since the load",
        "What is done about a node that is not well since the load. What was drained is drained still. \"none\": it is parked for a person to look at, with all that can be seen there. \"reboot\": it is rebooted, "
        + "and comes home without the patch. \"unload\": the patch is taken out of the running kernel, which vendors do not support; where the kernel itself complained the node is parked all "
        + "the same. In each case the rollout halts.");

    private static readonly Parameter s_confirmTimeout = Time("confirm_timeout", "10min", "how long the resources may take to be active again",
        "How long after the node left standby it may take until every resource that was active before is active again, and what was locked together with other nodes (GFS2, OCFS2, shared LVM) is so again. Longer "
        + "halts the rollout.");

    private static readonly Parameter s_persist = Choice("persist", s_persists, "whether the patch is loaded at boot from then on",
        "Whether a patch that was found good is put into /var/lib/kpatch, from where kpatch.service loads it at boot. \"auto\": where kpatch.service is installed. \"yes\": always; a node without "
        + "kpatch.service refuses to be patched. \"no\": never; after a boot a run loads it again.");

    private static readonly Parameter s_probation = Time("probation", "10min", "how long after a run a crash is held against the patch",
        "How long after a good run a crash of the node is still held against the patch: it is quarantined then, and not loaded at boot. An orderly shutdown or reboot ends this time. 0 ends it with the run.");

    private static readonly Parameter s_quarantineScope = Choice("quarantine_scope", s_scopes, "who refuses a patch that took a node down",
        "Who refuses a patch that took a node down, until a person types pcmk-kpatch quarantine --clear on that node: every node of the \"cluster\", or that \"node\" alone.");

    private static readonly Parameter s_retryDelay = Time("retry_delay", "15min", "how long to wait after a run that was refused",
        "How long a node waits before it tries again after a run that ended, kernel untouched, because a gate refused, the drain took too long, or a failure was tolerated (max_failures). "
        + "Twice as long after each one more in a row: four times as long at most where a gate refused, a day at most else. A good run, another patch and a changed parameter begin anew.");

    private static readonly Parameter s_window = new(
        "window", "string", "", "the weekly windows in which a run may begin",
        "The weekly windows in which a run may begin, such as \"Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00\" or \"daily 22:00-02:00\". A window that ends before it begins goes on over midnight. "
        + "A run begins only where it ends in time, by how long the last good one took on that node. Empty: always.");

    private static readonly Parameter s_blackout = new(
        "blackout", "string", "", "the days on which no run may begin",
        "The days on which no run may begin, whatever the windows say, such as \"2026-12-24..2027-01-02, 2026-11-27\"; without a year it is every year: \"12-24..12-26\".");

    private static readonly Parameter s_timeZone = new(
        "timezone", "string", "", "the time zone of window and blackout",
        "The time zone in which window and blackout are written, such as Europe/Berlin. Changes of the clocks are followed. Empty: each node's own.");

    private static readonly Parameter s_order = new(
        "order", "string", "", "which node goes first",
        "Which node goes first where several are due: names of nodes with commas between them, such as \"node3,node1\", or \"fewest\"; then, and after those that are named, the node on which the "
        + "fewest resources are active, and the DC last. A node that is first and does not begin is waited for no longer than a minute. Empty: whoever is first.");

    private static readonly Parameter s_fenceQuiet = Time("fence_quiet", "10min", "for how long after a fence no run begins",
        "For how long after any node was fenced, or was to be fenced in vain, no run begins. 0 does not look.");

    private static readonly Parameter s_allowStranded = new(
        "allow_stranded", "string", "", "the resources that may be without a home while a node is drained",
        "The ids of the resources that may stop, and run nowhere, while their node is drained, with commas between them; \"*\" is any. Without that a node is not drained where crm_simulate "
        + "foretells that one of its resources would have nowhere to run.");

    private static readonly Parameter s_gates = new(
        "gates", "string", "", "what single gates lead to: refuse, warn or off",
        "What single gates lead to, such as \"fencing.disabled=warn, drain.failcount=refuse\": refuse (no run begins), warn (it is told) or off. It can be set for "
        + string.Join(", ", GateLevels.Settable.Keys) + ". All others always refuse.");

    private static readonly Parameter s_gateCommand = new(
        "gate_command", "string", "", "a program of your own that says whether a run may begin",
        "The absolute path of a program that is asked whether a run may begin on this node: when the node has the token and every other gate is content, before anything is changed. Exit code 0 "
        + "lets it begin; any other, a signal, or no answer within 60 seconds refuses it, and it is asked again after retry_delay. Its last line is shown. pcmk-kpatch plan asks it too, so it must change "
        + "nothing. In its environment PCMK_KPATCH_NODE, PCMK_KPATCH_KERNEL, PCMK_KPATCH_PATCH and PCMK_KPATCH_BUILD say what it is asked about; in a rehearsal the latter two are empty.");

    private static readonly Parameter s_notify = new(
        "notify", "string", "", "a program of your own that is told what happens",
        "The absolute path of a program that is run once for each event that a person must know of, such as a run that begins, a node that is patched, a rollout that is halted: docs/notices.md has them "
        + "all. It runs beside the work, as a systemd unit of its own; the run does not wait for it, and goes on whatever becomes of it. It is killed after 30 seconds. In its environment PCMK_KPATCH_EVENT "
        + "says what happened, PCMK_KPATCH_NODE where, PCMK_KPATCH_WHY the rest in a sentence, PCMK_KPATCH_WHEN when; where it is about a run, PCMK_KPATCH_RUN, PCMK_KPATCH_PHASE, PCMK_KPATCH_VERDICT and "
        + "PCMK_KPATCH_PATCH which one; where a person did it, PCMK_KPATCH_BY who.");

    private static readonly Parameter s_pause = Time("pause", "0", "how long to wait between two nodes",
        "How long a patched node keeps the token when it is home, so that it is seen with its workload before the next node begins. It is watched as in the soak; what is not well there halts the "
        + "rollout. Only then is the patch loaded at boot. The pause may lie outside of the window. 0 waits for nothing.");

    private static readonly Parameter s_maxFailures = new(
        "max_failures", "integer", "0", "how many failed loads do not halt the rollout",
        "How many failed loads of a patch, on all nodes together, do not halt the rollout. Tolerated is only what left the kernel as it was and the node home: a package that was not installed, a load "
        + "that was refused, a patch transition that was turned back. The failed node tries again after retry_delay, twice as long each time. Failures of that patch are counted until a person types "
        + "pcmk-kpatch resume. 0: the first one halts.");

    private static readonly Parameter s_maxSkew = Time("max_skew", "0", "for how long the nodes may differ in kernel, patch or version",
        "For how long the nodes may run different kernels, patches or versions of the cluster's software, such as 7d: vendors support that for a limited time only. What lasts longer is told at the gate, by "
        + "plan and by status. It only warns, for to refuse a patch makes the difference last longer; gates sets that. 0: for ever.");

    private static readonly Parameter s_drain = Choice("drain", s_drains, "how a node is drained before its load",
        "How a node is drained before its load. \"standby\": by a transient standby; everything stops or moves away, this agent too. \"health\": by the node attribute "
        + DrainMarks.HealthAttribute + "; what has the meta attribute allow-unhealthy-nodes=true stays, and this agent must have it. That wants Pacemaker 2.1.3 or later, and the cluster property "
        + "node-health-strategy as migrate-on-red or only-green. \"none\": not at all, no resource moves; a kernel that panics or hangs in the load takes down what is active on the node.");

    private static readonly Parameter s_writeProbe = new(
        "write_probe", "boolean", "false", "whether a file is written to each shared file system before the next node begins",
        "Whether a small file is written to each GFS2 and OCFS2 that is mounted again when the node is home, synced and removed, before the next node may begin: " + LocksBack.FilePrefix + "NODE in the "
        + "root of the mount. A write that fails, or has not come back in time, is tried again until confirm_timeout, and then halts the rollout. true or false.");

    /// <summary>Every parameter, in the order of the metadata.</summary>
    public static IReadOnlyList<Parameter> All { get; } =
    [
        s_patch, s_loader, s_drainTimeout, s_transitionTimeout, s_soak, s_healthCheck, s_rollback, s_confirmTimeout, s_persist, s_probation, s_quarantineScope, s_retryDelay,
        s_window, s_blackout, s_timeZone, s_order, s_fenceQuiet, s_allowStranded, s_gates,
        s_gateCommand, s_notify, s_pause, s_maxFailures, s_maxSkew, s_drain, s_writeProbe,
    ];

    /// <summary>The policy where nothing is set.</summary>
    public static Policy Defaults => s_defaults.Value;

    /// <summary>Reads the parameters.</summary>
    /// <param name="value">Gives what the administrator wrote for a parameter, or null.</param>
    /// <param name="errors">What is wrong, a sentence each; empty where the policy is given.</param>
    /// <returns>The policy, or null where anything is wrong.</returns>
    public static Policy? Parse(Func<string, string?> value, out IReadOnlyList<string> errors)
    {
        var wrong = new List<string>();
        string Text(Parameter parameter) => value(parameter.Name) is { Length: > 0 } text ? text : parameter.Default;
        TimeSpan Duration(Parameter parameter, int least = 1)
        {
            var text = Text(parameter);
            if (DurationText.Parse(text, s_longest) is { } time && time.TotalSeconds >= least)
                return time;
            wrong.Add($"{parameter.Name}={text}: write a time from {least}s to 24h, such as 90s or 10min");
            return TimeSpan.Zero;
        }

        TimeSpan Days(Parameter parameter)
        {
            var text = Text(parameter);
            if (DurationText.Parse(text, s_longestInDays, days: true) is { } time)
                return time;
            wrong.Add($"{parameter.Name}={text}: write a time from 0s to {s_longestInDays.TotalDays:0}d, such as 12h or 7d");
            return TimeSpan.Zero;
        }

        int Number(Parameter parameter, int most)
        {
            var text = Text(parameter);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
                return number;
            wrong.Add($"{parameter.Name}={Shown(text)}: write a whole number from 0 to {most}");
            return 0;
        }

        T OneOf<T>(Parameter parameter, (T Choice, string Word)[] words)
            where T : struct
        {
            var text = Text(parameter);
            foreach (var (choice, word) in words)
            {
                if (word == text)
                    return choice;
            }

            wrong.Add($"{parameter.Name}={text}: write one of {string.Join(", ", words.Select(w => w.Word))}");
            return default;
        }

        string Checked(Parameter parameter, Func<string, string?> problem)
        {
            var text = Text(parameter);
            if (text.Length > 0 && problem(text) is { } why)
                wrong.Add($"{parameter.Name}={Shown(text)}: {why}");
            return text;
        }

        var patch = Text(s_patch);
        if (PatchProblem(patch) is { } problem)
            wrong.Add($"patch={Shown(patch)}: {problem}");
        string? Program(Parameter parameter)
        {
            var path = Checked(parameter, text => IsPath(text) ? null : "write the absolute path of a program");
            return path.Length > 0 ? path : null;
        }

        var policy = new Policy
        {
            Patch = patch,
            Loader = OneOf(s_loader, s_loaders),
            DrainTimeout = Duration(s_drainTimeout),
            TransitionTimeout = Duration(s_transitionTimeout),
            Soak = Duration(s_soak, least: 0),
            HealthCheck = Program(s_healthCheck),
            Rollback = OneOf(s_rollback, s_rollbacks),
            ConfirmTimeout = Duration(s_confirmTimeout),
            Persist = OneOf(s_persist, s_persists),
            Probation = Duration(s_probation, least: 0),
            QuarantineScope = OneOf(s_quarantineScope, s_scopes),
            RetryDelay = Duration(s_retryDelay),
            Window = Checked(s_window, text => Windows.Parse(text, out var why) is null ? why : null),
            Blackout = Checked(s_blackout, text => Blackout.Parse(text, out var why) is null ? why : null),
            TimeZone = Checked(s_timeZone, TimeZoneProblem),
            Order = Checked(s_order, text => Order.Parse(text, out var why) is null ? why : null),
            FenceQuiet = Duration(s_fenceQuiet, least: 0),
            AllowStranded = Checked(s_allowStranded, StrandedProblem),
            Gates = Checked(s_gates, text => GateLevels.Parse(text, out var why) is null ? why : null),
            GateCommand = Program(s_gateCommand),
            Notify = Program(s_notify),
            Pause = Duration(s_pause, least: 0),
            MaxFailures = Number(s_maxFailures, most: 9999),
            MaxSkew = Days(s_maxSkew),
            Drain = OneOf(s_drain, s_drains),
            WriteProbe = OneOf(s_writeProbe, s_booleans),
        };
        errors = wrong;
        return wrong.Count == 0 ? policy : null;
    }

    /// <summary>The policy as a line for each parameter, in a form that <see cref="FromText"/> reads.</summary>
    public static string Text(Policy policy)
    {
        static string Time(Parameter parameter, TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{parameter.Name}={time.TotalSeconds}s\n");
        static string Line(Parameter parameter, string text) => $"{parameter.Name}={text}\n";
        return Line(s_patch, policy.Patch) + Line(s_loader, Word(policy.Loader, s_loaders)) + Time(s_drainTimeout, policy.DrainTimeout) + Time(s_transitionTimeout, policy.TransitionTimeout)
            + Time(s_soak, policy.Soak) + Line(s_healthCheck, policy.HealthCheck ?? "") + Line(s_rollback, Word(policy.Rollback, s_rollbacks)) + Time(s_confirmTimeout, policy.ConfirmTimeout)
            + Line(s_persist, Word(policy.Persist, s_persists)) + Time(s_probation, policy.Probation) + Line(s_quarantineScope, Word(policy.QuarantineScope, s_scopes)) + Time(s_retryDelay, policy.RetryDelay)
            + Line(s_window, policy.Window) + Line(s_blackout, policy.Blackout) + Line(s_timeZone, policy.TimeZone) + Line(s_order, policy.Order) + Time(s_fenceQuiet, policy.FenceQuiet)
            + Line(s_allowStranded, policy.AllowStranded) + Line(s_gates, policy.Gates)
            + Line(s_gateCommand, policy.GateCommand ?? "") + Line(s_notify, policy.Notify ?? "") + Time(s_pause, policy.Pause) + Line(s_maxFailures, policy.MaxFailures.ToString(CultureInfo.InvariantCulture)) + Time(s_maxSkew, policy.MaxSkew)
            + Line(s_drain, Word(policy.Drain, s_drains)) + Line(s_writeProbe, Word(policy.WriteProbe, s_booleans));
    }

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    public static Policy? FromText(string text, out IReadOnlyList<string> errors)
    {
        var values = text.Split('\n').Select(line => line.Split('=', 2)).Where(words => words.Length == 2).ToLookup(words => words[0], words => words[1]);
        if (values.FirstOrDefault(v => v.Count() > 1) is { } twice)
        {
            errors = [$"{twice.Key} is written twice"];
            return null;
        }

        return Parse(name => values[name].FirstOrDefault(), out errors);
    }

    /// <summary>The parameter asks for a package.</summary>
    public static bool IsPackage(string patch) => patch == Package;

    /// <summary>The file that a patch parameter means for that kernel; null for "installed" and "package".</summary>
    public static string? PatchPath(string patch, string release) =>
        patch == s_patch.Default || patch == Package ? null : string.Join('%', patch.Split("%%").Select(part => part.Replace("%k", release, StringComparison.Ordinal)));

    /// <summary>The value of the parameter "patch" that means that very file.</summary>
    public static string PatchOf(string path) => path.Replace("%", "%%", StringComparison.Ordinal);

    private static string? PatchProblem(string patch)
    {
        if (patch == s_patch.Default || patch == Package)
            return null;
        if (!IsPath(patch))
            return "write \"installed\", \"package\" or an absolute path";
        var rest = patch.Replace("%%", "", StringComparison.Ordinal).Replace("%k", "", StringComparison.Ordinal);
        return rest.Contains('%', StringComparison.Ordinal) ? "after % only k (the kernel's release) or % may follow" : null;
    }

    private static string? TimeZoneProblem(string name) =>
        name.Length < 100 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _) ? null : "this node knows no such time zone; write its IANA name, such as Europe/Berlin, and see timedatectl list-timezones";

    private static string? StrandedProblem(string text) =>
        ListText.Problem(text, ',', "\"report,mail\" or \"*\"", id => id.Any(char.IsWhiteSpace) ? $"{ListText.Quote(id)} is no id of a resource: commas stand between ids" : null);

    private static bool IsPath(string text) => text[0] == '/' && text.Length <= LongestPath && !text.Any(char.IsControl);

    private static string Shown(string text) => text.Length <= LongestPath ? text : text[..100] + "…";

    private static string Word<T>(T choice, (T Choice, string Word)[] words)
        where T : struct
    {
        foreach (var (one, word) in words)
        {
            if (EqualityComparer<T>.Default.Equals(one, choice))
                return word;
        }

        throw new ArgumentOutOfRangeException(nameof(choice), choice, "no choice of a parameter");
    }

    private static Parameter Choice<T>(string name, (T Choice, string Word)[] words, string brief, string full) => new(name, "string", words[0].Word, brief, full);

    private static Parameter Time(string name, string byDefault, string brief, string full) => new(name, "string", byDefault, brief, full);
}
