using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>kpatch-dnf's settings, in the form that its own commands write and in others that Python's configparser takes.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class KpatchDnfTests
{
    [TestCase("[main]\nautoupdate = True\n", true)]
    [TestCase("[main]\nautoupdate=true\nautofilter = False\n", true)]
    [TestCase("# set by dnf kpatch\n[main]\n\nAutoUpdate: on\n", true)]
    [TestCase("[main]\nautoupdate = False\n", false)]
    [TestCase("[main]\nautofilter = True\n", false)]
    [TestCase("[main]\n# autoupdate = True\n", false)]
    [TestCase("[other]\nautoupdate = True\n", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void A_kpatch_dnf_that_is_set_to_auto_is_warned_of(string? settings, bool warns)
    {
        using var folder = new TempFolder();
        if (settings is not null)
            File.WriteAllText(folder.At("kpatch.conf"), settings);
        Assert.That(KpatchDnf.Warning(folder.At("kpatch.conf")), warns ? Does.Contain("dnf kpatch manual") : Is.Null);
    }
}
