using NUnit.Framework;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Documents;

/// <summary>docs/reference.md against the code that it is made from. PCMK_KPATCH_REFRESH=1, or make reference, writes it anew.</summary>
public sealed class ReferenceTests
{
    private static readonly string s_page = Sources.Path("docs", "reference.md");

    [Test]
    public void it_is_what_the_code_says()
    {
        var page = Reference.Page();
        if (Sources.Refresh)
            File.WriteAllText(s_page, page);

        Assert.That(page, Is.EqualTo(File.ReadAllText(s_page)), "where the change is meant: make reference, and commit docs/reference.md");
    }

    [Test]
    public void it_has_every_gate_that_can_be_set() =>
        Assert.That(GateLevels.Settable.Keys, Is.SubsetOf(SaidInCode.All().Where(c => c.Kind == Kind.Refusal).Select(c => c.Id)));

    [Test]
    public void no_id_in_the_code_is_overlooked()
    {
        var ids = SaidInCode.All().Select(c => c.Id).ToHashSet();

        Assert.That(ids, Has.Count.GreaterThan(100));
        Assert.That(SaidInCode.Candidates([.. ids.Select(id => id.Split('.')[0])]).Where(text => !ids.Contains(text) && !ids.Contains($"{text}.unknown")), Is.Empty,
            "Documents/SaidInCode.cs does not follow the way in which these are written");
    }

    [Test]
    public void every_complaint_has_words()
    {
        var silent = SaidInCode.All().GroupBy(c => c.Id).Where(same => same.All(c => c.Why.Trim('…').Length == 0)).Select(same => same.Key);

        // These say what a person, or a program of the administrator's, has written, or what is told elsewhere.
        Assert.That(silent, Is.SubsetOf(new[] { "survivable.quorum", "patch.changeable", "plan.unknown", "kernel.kprobes-unknown", "agent.parameter", "patch.package" }));
    }

    [Test]
    public void its_commands_are_those_that_the_program_takes() =>
        Assert.That(Reference.Usage(), Has.Some.StartsWith("  pcmk-kpatch status").And.Some.StartsWith("  pcmk-kpatch --version"));
}
