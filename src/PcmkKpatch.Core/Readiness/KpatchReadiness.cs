using System.Globalization;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Readiness;

/// <summary>A unit of systemd's.</summary>
/// <param name="Installed">There is one of that name, and nobody has masked it.</param>
/// <param name="Masked">An administrator has masked it: it shall not be started.</param>
/// <param name="Enabled">systemd starts it at boot.</param>
/// <param name="DropIns">The files that add to it, as far as systemd has read them.</param>
/// <param name="Stale">Its files were changed since systemd has read them.</param>
public sealed record UnitView(bool Installed, bool Masked, bool Enabled, IReadOnlyList<string> DropIns, bool Stale);

/// <summary>What loads live patches on this node.</summary>
public sealed record KpatchView
{
    /// <summary>The version of the kpatch utility; null in it where it is not installed.</summary>
    public required Fact<string?> Utility { get; init; }

    /// <summary>kpatch.service, which loads patches at boot.</summary>
    public required Fact<UnitView> Service { get; init; }

    /// <summary>kpatch-dnf installs and loads patches by itself.</summary>
    public required Fact<bool> DnfIsAutomatic { get; init; }
}

/// <summary>Is what loads live patches there, and set up as a rollout needs it?</summary>
public static class KpatchReadiness
{
    private const string DropIn = "/kpatch.service.d/pcmk-kpatch.conf";

    // The utility is a script; these are the versions whose words and waits were read.
    private const int FirstKnown = 7;
    private const int LastKnown = 11;

    /// <summary>What is to be said of it.</summary>
    public static IEnumerable<Finding> Judge(KpatchView view, Policy policy) => [.. JudgeUtility(view.Utility, policy.Loader), .. JudgeService(view.Service, policy.Persist), .. JudgeDnf(view.DnfIsAutomatic)];

    private static IEnumerable<Finding> JudgeUtility(Fact<string?> utility, Loader loader)
    {
        if (loader == Loader.Kernel)
            yield break;
        if (!utility.IsKnown(out var version, out var unknown))
            yield return Finding.NotKnown("kpatch", "the version of the kpatch utility", unknown, "see what kpatch version says");
        else if (version is null)
            yield return loader == Loader.Kpatch ? Finding.Error("kpatch.missing", "loader=kpatch, and the kpatch utility is not installed here", "dnf install kpatch")
                : Finding.Note("kpatch.missing", "the kpatch utility is not installed here: patches are loaded by insmod, and not at boot", "dnf install kpatch");
        else if (!IsKnownVersion(version))
            yield return Finding.Warning("kpatch.version", string.Create(CultureInfo.InvariantCulture, $"kpatch {version} is installed here; this product knows 0.9.{FirstKnown} to 0.9.{LastKnown}"),
                remedy: "try it with a test patch first, or load by the kernel's own interface: loader=kernel");
    }

    private static bool IsKnownVersion(string version) =>
        version.Split('.', '-') is ["0", "9", var last, ..] && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= FirstKnown and <= LastKnown;

    private static IEnumerable<Finding> JudgeService(Fact<UnitView> service, Persist persist)
    {
        if (!service.IsKnown(out var unit, out var unknown))
        {
            yield return Finding.NotKnown("kpatch.service", "how kpatch.service stands", unknown, "see systemctl status kpatch.service");
            yield break;
        }

        if (unit is { Installed: false, Masked: false } && persist == Persist.Yes)
            yield return Finding.Error("kpatch.service-missing", "persist=yes, and there is no kpatch.service here that would load a patch at boot", "dnf install kpatch");
        if (unit.Masked && persist != Persist.No)
            yield return new Finding("kpatch.service-masked", persist == Persist.Yes ? Severity.Error : Severity.Note, "kpatch.service is masked here: no patch is loaded at boot") { Command = "systemctl unmask kpatch.service" };
        if (!unit.Installed)
            yield break;
        if (!unit.Enabled && persist != Persist.No)
            yield return Finding.Note("kpatch.service-disabled", "kpatch.service is not enabled here: no patch is loaded at boot before the next good run, which enables it", "systemctl enable kpatch.service");
        if (unit.Stale)
            yield return Finding.Warning("kpatch.service-stale", "files of kpatch.service were changed, and systemd has not read them yet", "systemctl daemon-reload");
        else if (!unit.DropIns.Any(file => file.EndsWith(DropIn, StringComparison.Ordinal)))
            yield return Finding.Error("kpatch.drop-in", $"the drop-in {DropIn[1..]} is not in effect: at boot kpatch.service would load a patch that took this node down", "dnf reinstall pcmk-kpatch && systemctl daemon-reload");
    }

    private static IEnumerable<Finding> JudgeDnf(Fact<bool> isAutomatic)
    {
        if (!isAutomatic.IsKnown(out var automatic, out var unknown))
            yield return Finding.NotKnown("kpatch.dnf", "whether kpatch-dnf loads patches by itself", unknown, "see dnf kpatch status");
        else if (automatic)
            yield return Finding.Error("kpatch.dnf-auto", "kpatch-dnf is set to auto: dnf installs and loads live patches by itself, on a node that is not drained", "dnf kpatch manual");
    }
}
