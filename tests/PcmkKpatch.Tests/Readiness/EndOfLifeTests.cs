using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class EndOfLifeTests
{
    private const string Table =
        """
        end-of-life 1
        # from the vendor's page
        kernel 5.14.0-1 2027-05-31
        patch kpatch-1-1 2027-03-15  # the first
        """;

    private static readonly ClusterView s_view = Views.Cluster with
    {
        Nodes =
        [
            Views.Node("a") with { Attributes = new Dictionary<string, string> { ["kpatch-kernel"] = "5.14.0-1", ["kpatch-patch"] = "kpatch_0_9 kpatch_1_1" } },
            Views.Node("b") with { Attributes = new Dictionary<string, string> { ["kpatch-kernel"] = "5.14.0-2", ["kpatch-patch"] = "none" } },
            Views.Node("c"),
        ],
    };

    [TestCase("2027-02-12", new string[0])]
    [TestCase("2027-02-13", new[] { "note patch.end-of-life" })]
    [TestCase("2027-03-15", new[] { "note patch.end-of-life" })]
    [TestCase("2027-03-16", new[] { "warning patch.end-of-life" })]
    [TestCase("2027-05-31", new[] { "note kernel.end-of-life", "warning patch.end-of-life" })]
    [TestCase("2027-06-01", new[] { "warning kernel.end-of-life", "warning patch.end-of-life" })]
    public void what_is_not_kept_up_any_more_is_told_of_every_node(string today, string[] said)
    {
        var findings = Judge(Table, today);

        Assert.That(findings.Ids(), Is.EqualTo(said));
        Assert.That(findings.Select(f => f.Node), Is.All.EqualTo("a"));
    }

    [Test]
    public void without_a_table_nothing_is_said() => Assert.That(EndOfLife.Judge(Fact.Known(EndOfLife.Empty), s_view, DateOnly.MaxValue), Is.Empty);

    [Test]
    public void a_table_that_cannot_be_read_is_unknown() =>
        Assert.That(EndOfLife.Judge(Fact.Unknown<EndOfLife>("line 1: oops"), s_view, DateOnly.MaxValue).Ids(), Is.EqualTo((string[])["warning end-of-life.unknown"]));

    [TestCase("", "it is empty; its first line must be: end-of-life 1")]
    [TestCase("# nothing\n", "it is empty; its first line must be: end-of-life 1")]
    [TestCase("end-of-life 2\n", "line 1: its form is not known to this version; its first line must be: end-of-life 1")]
    [TestCase("kernel 5.14.0-1 2027-05-31\n", "line 1: its form is not known to this version")]
    [TestCase("end-of-life 1\nkernel 5.14.0-1\n", "line 2: write kernel or patch, its release or its module's name, and a date")]
    [TestCase("end-of-life 1\nmodule x 2027-05-31\n", "line 2: write kernel or patch")]
    [TestCase("end-of-life 1\n\nkernel 5.14.0-1 31.5.2027\n", "line 3: \"31.5.2027\" is no date; write for example 2027-05-31")]
    [TestCase("end-of-life 1\nkernel x 2027-02-30\n", "line 2: \"2027-02-30\" is no date")]
    [TestCase("end-of-life 1\npatch a-b 2027-02-03\npatch a_b 2027-02-04\n", "line 3: \"a_b\" is written twice")]
    public void a_table_of_another_form_is_refused_whole(string text, string why)
    {
        Assert.That(EndOfLife.Parse(text, out var error), Is.Null);
        Assert.That(error, Does.StartWith(why));
    }

    [Test]
    public void a_table_without_end_is_refused()
    {
        Assert.That(EndOfLife.Parse(new string('#', 70_000), out var error), Is.Null);
        Assert.That(error, Is.EqualTo("it is longer than 65536 characters"));
    }

    private static List<Finding> Judge(string table, string today)
    {
        var read = EndOfLife.Parse(table, out var error);
        Assert.That(error, Is.Null);
        return [.. EndOfLife.Judge(Fact.Known(read!), s_view, DateOnly.Parse(today, null))];
    }
}
