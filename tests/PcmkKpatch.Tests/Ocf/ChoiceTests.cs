using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Ocf;

/// <summary>The words of the parameters that are a choice are written in a table of their own, which must be whole.</summary>
public sealed class ChoiceTests
{
    [Test]
    public void every_choice_there_is_has_its_word_and_the_first_is_the_default()
    {
        var policies = Enum.GetValues<Loader>().Select(one => Parameters.Defaults with { Loader = one })
            .Concat(Enum.GetValues<Rollback>().Select(one => Parameters.Defaults with { Rollback = one }))
            .Concat(Enum.GetValues<Persist>().Select(one => Parameters.Defaults with { Persist = one }))
            .Concat(Enum.GetValues<QuarantineScope>().Select(one => Parameters.Defaults with { QuarantineScope = one }))
            .Concat(Enum.GetValues<DrainMode>().Select(one => Parameters.Defaults with { Drain = one })).ToList();
        foreach (var policy in policies)
            Assert.That(Parameters.FromText(Parameters.Text(policy), out _), Is.EqualTo(policy));
        Assert.That(policies.Select(Parameters.Text).Distinct().Count(), Is.EqualTo(policies.Count - 4), "no two choices have the same word; the defaults are the same policy five times");
        Assert.That(() => Parameters.Text(Parameters.Defaults with { Loader = (Loader)99 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
