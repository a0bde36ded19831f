using PcmkKpatch.Report;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Report;

/// <summary>The page of a report in headless Chromium, as people will have it: on screens of three widths, by day and by night, and on paper.</summary>
internal sealed class PageTests
{
    private static readonly int[] s_widths = [1280, 800, 360];
    private Browser _browser = null!;
    private TempFolder _folder = null!;

    [OneTimeSetUp]
    public void Begin() => _browser = new Browser();

    [OneTimeTearDown]
    public void End() => _browser.Dispose();

    [SetUp]
    public void Open() => _folder = new TempFolder();

    [TearDown]
    public void Close() => _folder.Dispose();

    private static IEnumerable<TestCaseData> Cases() =>
    [
        new TestCaseData(Reports.Of(1, 1)).SetName("One node"),
        new TestCaseData(Reports.Of(3, 4)).SetName("Three nodes, one that failed, and one that was put off"),
        new TestCaseData(Reports.Of(16, 20)).SetName("Sixteen nodes and twenty runs"),
        new TestCaseData(Reports.Of(20, 21, pause: TimeSpan.FromMinutes(1))).SetName("Twenty nodes in two pictures"),
        new TestCaseData(Reports.Of(5, 20, pause: TimeSpan.FromDays(1.5))).SetName("Twenty runs over a month"),
        new TestCaseData(Reports.Of(Reports.Hostile.Length - 1, 20, i => Reports.Hostile[i])).SetName("Names as only an enemy gives them"),
        new TestCaseData(Reports.Of(3, 4) with { Rollouts = [.. Reports.Of(1, 1).Rollouts, .. Reports.Of(2, 5).Rollouts, .. Reports.Of(3, 3).Rollouts] }).SetName("Three rollouts"),
    ];

    [TestCaseSource(nameof(Cases))]
    public void Nothing_is_wrong_with_it(RolloutReport report)
    {
        var file = Write(ReportPage.Of(report));
        foreach (var width in s_widths)
        {
            foreach (var dark in (bool[])[false, true])
            {
                var problems = PageLook.Problems(_browser, file, width, dark);
                Keep($"{TestContext.CurrentContext.Test.Name}-{width}{(dark ? "-dark" : "")}");
                Assert.That(problems, Is.Empty, $"{width} pixels wide, {(dark ? "by night" : "by day")}");
            }
        }

        Assert.That(PageLook.Problems(_browser, file, 680, paper: true), Is.Empty, "as on paper");
    }

    [TestCaseSource(nameof(Cases))]
    public void On_paper_it_is_all_there(RolloutReport report)
    {
        var (pages, text, problems) = PageLook.Paper(_browser, Write(ReportPage.Of(report)), _folder);
        Assert.That(pages, Is.Positive);
        Assert.That(problems, Is.Empty);
        string Dense(string of) => string.Concat(of.Where(c => !char.IsWhiteSpace(c)));
        var dense = Dense(text);
        foreach (var run in report.Rollouts.SelectMany(rollout => rollout.Runs))
            Assert.That(dense, Does.Contain(run.Id).And.Contain(Dense($"{run.Began:yyyy-MM-dd HH:mm:ss} UTC")));
        foreach (var node in report.Rollouts.SelectMany(rollout => rollout.Nodes).Where(node => node.Name.All(char.IsAsciiLetterOrDigit)))
            Assert.That(dense, Does.Contain(node.Name));
        Assert.That(dense, Does.Contain("CVE-2026-10029"));
    }

    // Each look finds what it is there to find.
    [TestCase("</main>", "<script>console.log('hello')</script></main>", "something that is no text")]
    [TestCase("</main>", "<img src=\"http://127.0.0.1:9/x.png\"></main>", "the console has .*Content Security Policy")]
    [TestCase("default-src 'none'; style-src 'unsafe-inline'", "", "it asks for http://127.0.0.1:9/", "</main>", "<img src=\"http://127.0.0.1:9/x.png\"></main>")]
    [TestCase("</main>", "<p style=\"width: 2000px\">wide</p></main>", "the page is wider than the window")]
    [TestCase("</main>", "<div style=\"overflow: hidden; width: 100px\"><p style=\"width: 200px\">cut</p></div></main>", "cut off: DIV")]
    [TestCase("</main>", "<p style=\"color: #999\">pale</p></main>", "2\\.\\d\\d: .*: pale")]
    [TestCase("--load: #7dbcf3", "--load: #222222", "on rgb\\(34, 34, 34\\): L")]
    [TestCase("<line class=\"row\"", "<text x=\"0\" y=\"18\">planted</text><line class=\"row\"", "one over the other: .* and planted")]
    [TestCase("<line class=\"row\"", "<text x=\"99%\" y=\"18\">planted</text><line class=\"row\"", "over the edge: planted")]
    [TestCase("<caption>", "<caption hidden>", "hears what a table")]
    [TestCase("<th scope=\"col\">Node</th>", "<th>Node</th>", "a head without a scope")]
    [TestCase("<h3>Runs</h3>", "<h6>Runs</h6>", "a heading of level 6")]
    [TestCase("role=\"img\"", "role=\"presentation\"", "nobody hears of the picture")]
    [TestCase("id=\"p-load\"", "id=\"p-lost\"", "filled with nothing")]
    public void A_fault_that_is_planted_is_found(string old, string with, string problem, string? also = null, string? alsoWith = null)
    {
        var page = ReportPage.Of(Reports.Of(3, 4));
        Assert.That(page, Does.Contain(old));
        page = page.Replace(old, with, StringComparison.Ordinal);
        if (also is not null)
            page = page.Replace(also, alsoWith, StringComparison.Ordinal);
        Assert.That(PageLook.Problems(_browser, Write(page), 1280), Has.Some.Matches(problem));
    }

    [Test]
    public void A_fault_on_paper_is_found()
    {
        var page = ReportPage.Of(Reports.Of(3, 4)).Replace("</main>", "<p style=\"position: absolute; left: 19cm; white-space: nowrap\">overtheedge overtheedge overtheedge</p></main>", StringComparison.Ordinal);
        Assert.That(PageLook.Paper(_browser, Write(page), _folder).Problems, Is.Not.Empty);
    }

    private string Write(string page)
    {
        File.WriteAllText(_folder.At("report.html"), page);
        return _folder.At("report.html");
    }

    // To be looked at by a person: PCMK_KPATCH_PICTURES=FOLDER.
    private void Keep(string name)
    {
        if (Environment.GetEnvironmentVariable("PCMK_KPATCH_PICTURES") is { Length: > 0 } folder)
            _browser.Picture(Path.Combine(folder, $"{name.Replace(' ', '_')}.png"));
    }
}
