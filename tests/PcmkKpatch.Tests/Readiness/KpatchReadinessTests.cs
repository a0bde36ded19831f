using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Readiness;

public sealed class KpatchReadinessTests
{
    private static readonly UnitView s_unit = new(Installed: true, Masked: false, Enabled: true, ["/usr/lib/systemd/system/kpatch.service.d/pcmk-kpatch.conf"], Stale: false);

    private static readonly KpatchView s_well = new() { Utility = Fact.Known<string?>("0.9.10"), Service = Fact.Known(s_unit), DnfIsAutomatic = Fact.Known(false) };

    [Test]
    public void where_all_is_well_nothing_is_said() => Assert.That(Judge(s_well).Ids(), Is.Empty);

    [TestCase("0.9.7", true)]
    [TestCase("0.9.11", true)]
    [TestCase("0.9.9-3", true)]
    [TestCase("0.9.6", false)]
    [TestCase("0.9.12", false)]
    [TestCase("0.9", false)]
    [TestCase("1.9.9", false)]
    [TestCase("whatever", false)]
    public void a_version_that_was_not_tried_is_told(string version, bool known) =>
        Assert.That(Judge(s_well with { Utility = Fact.Known<string?>(version) }).Ids(), Is.EqualTo(known ? [] : (string[])["warning kpatch.version"]));

    [TestCase(Loader.Kpatch, "error kpatch.missing")]
    [TestCase(Loader.Auto, "note kpatch.missing")]
    [TestCase(Loader.Kernel, null)]
    public void without_the_utility_it_is_the_loader_that_counts(Loader loader, string? said)
    {
        var findings = Judge(s_well with { Utility = Fact.Known<string?>(null) }, Parameters.Defaults with { Loader = loader });

        Assert.That(findings.Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));
        Assert.That(findings.Select(f => f.Command), Is.All.EqualTo("dnf install kpatch"));
    }

    [TestCase(Persist.Yes, "error kpatch.service-missing")]
    [TestCase(Persist.Auto, null)]
    [TestCase(Persist.No, null)]
    public void without_the_service_it_is_persist_that_counts(Persist persist, string? said) =>
        Assert.That(Judge(With(s_unit with { Installed = false, Enabled = false, DropIns = [] }), Parameters.Defaults with { Persist = persist }).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [TestCase(Persist.Yes, "error kpatch.service-masked")]
    [TestCase(Persist.Auto, "note kpatch.service-masked")]
    [TestCase(Persist.No, null)]
    public void a_service_that_is_masked_loads_nothing(Persist persist, string? said) =>
        Assert.That(Judge(With(s_unit with { Installed = false, Masked = true }), Parameters.Defaults with { Persist = persist }).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [TestCase(Persist.Auto, "note kpatch.service-disabled")]
    [TestCase(Persist.No, null)]
    public void a_service_that_is_not_enabled_is_told_where_it_is_wanted(Persist persist, string? said) =>
        Assert.That(Judge(With(s_unit with { Enabled = false }), Parameters.Defaults with { Persist = persist }).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [Test]
    public void without_our_drop_in_a_bad_patch_would_be_loaded_again_at_boot()
    {
        var finding = Judge(With(s_unit with { DropIns = ["/etc/systemd/system/kpatch.service.d/own.conf"] })).Single();

        Assert.That((finding.Id, finding.Severity, finding.Command), Is.EqualTo(("kpatch.drop-in", Severity.Error, "dnf reinstall pcmk-kpatch && systemctl daemon-reload")));
    }

    [Test]
    public void what_systemd_has_not_read_yet_is_not_in_effect() =>
        Assert.That(Judge(With(s_unit with { Stale = true, DropIns = [] })).Single().Command, Is.EqualTo("systemctl daemon-reload"));

    [Test]
    public void a_kpatch_dnf_that_acts_by_itself_is_an_error() =>
        Assert.That(Judge(s_well with { DnfIsAutomatic = Fact.Known(true) }).Single().Command, Is.EqualTo("dnf kpatch manual"));

    [Test]
    public void what_cannot_be_read_is_unknown()
    {
        var nothing = new KpatchView { Utility = Fact.Unknown<string?>("oops"), Service = Fact.Unknown<UnitView>("oops"), DnfIsAutomatic = Fact.Unknown<bool>("oops") };

        Assert.That(Judge(nothing).Ids(), Is.EqualTo((string[])["warning kpatch.unknown", "warning kpatch.service.unknown", "warning kpatch.dnf.unknown"]));
        Assert.That(Judge(nothing).Select(f => f.Why), Is.All.Contains("oops"));
    }

    private static KpatchView With(UnitView unit) => s_well with { Service = Fact.Known(unit) };

    private static List<Finding> Judge(KpatchView view, Policy? policy = null) => [.. KpatchReadiness.Judge(view, policy ?? Parameters.Defaults)];
}
