using System.Globalization;
using PcmkKpatch.Core.Rollout;

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
    private static readonly Parameter s_patch = new(
        "patch",
        "string",
        "installed",
        "which live patch to load",
        "Which live patch to load. \"installed\" is the newest live patch module for the running kernel in /usr/lib/kpatch/KERNEL and /var/lib/kpatch/KERNEL, "
        + "newest by version. Or the absolute path of a module, in which %k stands for the running kernel's release and %% for a percent sign.");

    private static readonly Parameter s_drainTimeout = Time("drain_timeout", "10min", "how long a node may take to be drained",
        "How long a node may take until no resource is active on it any more. A node that takes longer comes home unpatched, gives the token back and tries again after retry_delay.");

    private static readonly Parameter s_transitionTimeout = Time("transition_timeout", "60s", "how long a patch transition may take",
        "How long the kernel's patch transition may take before it is turned back and the rollout halts. The kpatch utility, where it loads the patch, gives up by itself after about 75 seconds.");

    private static readonly Parameter s_confirmTimeout = Time("confirm_timeout", "10min", "how long the resources may take to be active again",
        "How long after the node left standby it may take until every resource that was active before is active again. Longer halts the rollout.");

    private static readonly Parameter s_retryDelay = Time("retry_delay", "15min", "how long to wait after a run that was refused",
        "How long a node waits before it tries again after a run that ended, kernel untouched, because a gate refused or the drain took too long.");

    /// <summary>Every parameter, in the order of the metadata.</summary>
    public static IReadOnlyList<Parameter> All { get; } = [s_patch, s_drainTimeout, s_transitionTimeout, s_confirmTimeout, s_retryDelay];

    /// <summary>The policy where nothing is set.</summary>
    public static Policy Defaults { get; } = Parse(_ => null, out _)!;

    /// <summary>Reads the parameters.</summary>
    /// <param name="value">Gives what the administrator wrote for a parameter, or null.</param>
    /// <param name="errors">What is wrong, a sentence each; empty where the policy is given.</param>
    /// <returns>The policy, or null where anything is wrong.</returns>
    public static Policy? Parse(Func<string, string?> value, out IReadOnlyList<string> errors)
    {
        var wrong = new List<string>();
        string Text(Parameter parameter) => value(parameter.Name) is { Length: > 0 } text ? text : parameter.Default;
        TimeSpan Duration(Parameter parameter)
        {
            var text = Text(parameter);
            if (ParseDuration(text) is { } time)
                return time;
            wrong.Add($"{parameter.Name}={text}: write a time from 1s to 24h, such as 90s or 10min");
            return TimeSpan.Zero;
        }

        var patch = Text(s_patch);
        if (PatchProblem(patch) is { } problem)
            wrong.Add($"patch={patch}: {problem}");
        var policy = new Policy
        {
            Patch = patch,
            DrainTimeout = Duration(s_drainTimeout),
            TransitionTimeout = Duration(s_transitionTimeout),
            ConfirmTimeout = Duration(s_confirmTimeout),
            RetryDelay = Duration(s_retryDelay),
        };
        errors = wrong;
        return wrong.Count == 0 ? policy : null;
    }

    /// <summary>The policy as a line for each parameter, in a form that <see cref="FromText"/> reads.</summary>
    public static string Text(Policy policy)
    {
        static string Line(Parameter parameter, TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{parameter.Name}={time.TotalSeconds}s\n");
        return $"{s_patch.Name}={policy.Patch}\n{Line(s_drainTimeout, policy.DrainTimeout)}{Line(s_transitionTimeout, policy.TransitionTimeout)}"
            + $"{Line(s_confirmTimeout, policy.ConfirmTimeout)}{Line(s_retryDelay, policy.RetryDelay)}";
    }

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    public static Policy? FromText(string text, out IReadOnlyList<string> errors)
    {
        var values = text.Split('\n').Select(line => line.Split('=', 2)).Where(words => words.Length == 2).ToDictionary(words => words[0], words => words[1]);
        return Parse(values.GetValueOrDefault, out errors);
    }

    /// <summary>The file that a patch parameter means for that kernel; null for "installed".</summary>
    public static string? PatchPath(string patch, string release) =>
        patch == s_patch.Default ? null : string.Join('%', patch.Split("%%").Select(part => part.Replace("%k", release, StringComparison.Ordinal)));

    /// <summary>The value of the parameter "patch" that means that very file.</summary>
    public static string PatchOf(string path) => path.Replace("%", "%%", StringComparison.Ordinal);

    private static string? PatchProblem(string patch)
    {
        if (patch == s_patch.Default)
            return null;
        if (patch[0] != '/' || patch.Any(char.IsControl))
            return "write \"installed\" or an absolute path";
        var rest = patch.Replace("%%", "", StringComparison.Ordinal).Replace("%k", "", StringComparison.Ordinal);
        return rest.Contains('%', StringComparison.Ordinal) ? "after % only k (the kernel's release) or % may follow" : null;
    }

    // The units that Pacemaker itself takes; a number alone is seconds.
    private static TimeSpan? ParseDuration(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (digits is 0 or > 9)
            return null;
        var number = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        TimeSpan? unit = text[digits..] switch
        {
            "" or "s" or "sec" => TimeSpan.FromSeconds(1),
            "m" or "min" => TimeSpan.FromMinutes(1),
            "h" or "hr" => TimeSpan.FromHours(1),
            _ => null,
        };
        return unit is { } one && number * one.TotalSeconds is >= 1 and <= 86400 ? number * one : null;
    }

    private static Parameter Time(string name, string byDefault, string brief, string full) => new(name, "string", byDefault, brief, full);
}
