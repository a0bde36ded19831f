using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class HostReadinessTests
{
    private static readonly HostView s_well = new()
    {
        Rooms = [new("/var/lib/pcmk-kpatch", Fact.Known(1L << 40))],
        SelinuxEnforces = Fact.Known<bool?>(null),
        Updaters = Fact.Known<IReadOnlyList<string>>([]),
    };

    [Test]
    public void where_all_is_well_nothing_is_said() => Assert.That(HostReadiness.Judge(s_well), Is.Empty);

    [TestCase(64, null)]
    [TestCase(63, "warning disk.space")]
    [TestCase(4, "warning disk.space")]
    [TestCase(3, "error disk.space")]
    [TestCase(0, "error disk.space")]
    public void a_disk_that_is_full_is_told(int mebibytes, string? said) =>
        Assert.That(HostReadiness.Judge(s_well with { Rooms = [new("/var/lib/kpatch", Fact.Known((long)mebibytes << 20))] }).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [TestCase(true, "note selinux.enforcing")]
    [TestCase(false, null)]
    [TestCase(null, null)]
    public void selinux_is_told_where_it_enforces(bool? enforces, string? said) =>
        Assert.That(HostReadiness.Judge(s_well with { SelinuxEnforces = Fact.Known(enforces) }).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [Test]
    public void each_updater_is_told_with_the_command_that_stops_it()
    {
        var findings = HostReadiness.Judge(s_well with { Updaters = Fact.Known<IReadOnlyList<string>>(["dnf-automatic.timer", "unattended-upgrades.service"]) }).ToList();

        Assert.That(findings.Ids(), Is.EqualTo((string[])["warning updater.enabled", "warning updater.enabled"]));
        Assert.That(findings.Select(f => f.Command), Is.EqualTo((string[])["systemctl disable --now dnf-automatic.timer", "systemctl disable --now unattended-upgrades.service"]));
    }

    [Test]
    public void what_cannot_be_read_is_unknown()
    {
        var nothing = new HostView { Rooms = [new("/var", Fact.Unknown<long>("oops"))], SelinuxEnforces = Fact.Unknown<bool?>("oops"), Updaters = Fact.Unknown<IReadOnlyList<string>>("oops") };

        Assert.That(HostReadiness.Judge(nothing).Ids(), Is.EqualTo((string[])["warning disk.unknown", "warning selinux.unknown", "warning updater.unknown"]));
    }
}
