using System.Xml.Linq;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>"resume", and "abort" on a node without a run, of the published binary, with the real cibadmin on a CIB file.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TokenVerbTests : IDisposable
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();

    // It answers from a live cluster only.
    public TokenVerbTests() => _box.Tool("crm_node", "echo n1");

    private string Cib => _folder.At("cib.xml");

    public void Dispose()
    {
        _box.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void A_rollout_that_never_began_is_not_halted() => AssertResumes(null, "not halted", after: null);

    [Test]
    public void A_free_token_is_not_halted() => AssertResumes("free", "not halted", after: "free");

    [Test]
    public void A_halted_rollout_goes_on_and_what_was_the_matter_is_told() =>
        AssertResumes(Token.Halted("n1", "run-1", "boot", s_night, "the kernel <complained>").Text, "goes on. It was halted since 2026-01-31T22:15:00Z: the kernel <complained>", after: "free");

    [Test]
    public void Failures_that_were_tolerated_are_counted_anew_and_told() =>
        AssertResumes(Token.FreeAfter(Failures.None.With("n1", "b01d").With("n3", "b01d")).Text, "No longer counted as failed: n1 once (build b01d), n3 once (build b01d)", after: "free");

    [Test]
    public void A_halted_rollout_goes_on_without_the_failures() =>
        AssertResumes(Token.Halted("n1", "run-1", "boot", s_night, "oops", Failures.None.With("n1", "b01d")).Text, "goes on. It was halted since", after: "free");

    [Test]
    public void A_held_token_is_left_alone() => AssertRefuses(Token.Held("n1", "run-1", "boot", s_night).Text, "n1 has the token since 2026-01-31T22:15:00Z");

    [Test]
    public void A_parked_node_is_left_alone_and_the_way_home_is_told() =>
        AssertRefuses(Token.Parked("n1", "run-1", "boot", s_night, "oops (D)").Text, "n1 is parked: oops .*pcmk-kpatch abort");

    [TestCase("held by a later version")]
    [TestCase("")]
    [TestCase("halted")]
    [TestCase("halted node=n1 run=r boot=b since=s why=it's")]
    [TestCase("halted node=n1 run=r boot=b since=s why='or'a'='a")]
    public void A_token_that_this_version_did_not_write_is_left_alone(string text) => AssertRefuses(text, ".");

    [Test]
    public void Where_the_token_names_a_run_of_this_node_that_has_ended_abort_has_the_worker_say_its_end_again()
    {
        foreach (var token in (Token[])[Token.Held("n1", "run-1", "boot", s_night), Token.Parked("n1", "run-1", "boot", s_night, "oops")])
        {
            var answer = Verb("abort", token.Text);
            Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
            Assert.That(_box.Started().Split('\n'), Does.Contain("run"), "the worker is started");
            Assert.That(TokenInFile(), Is.EqualTo(token.Text), "which is the worker's to change");
            Assert.That(_box.Left(), Has.None.Contains("abort"), "no wish is left for a run to come");
        }
    }

    [Test]
    public void Without_a_run_and_a_token_that_names_this_node_there_is_nothing_to_abort_and_no_worker_is_asked()
    {
        foreach (var token in (string?[])[null, "free", Token.Held("n2", "run-1", "boot", s_night).Text, Token.Halted("n1", "run-1", "boot", s_night, "oops").Text, "held by a later version"])
        {
            var answer = Verb("abort", token);
            Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
            Assert.That(answer.Errors, Does.Match("^pcmk-kpatch: this node has no run to abort[^\n]*\n$"));
            Assert.That((_box.Left(), _box.Started(), TokenInFile()), Is.EqualTo((Array.Empty<string>(), "", token)));
        }
    }

    private void AssertResumes(string? token, string says, string? after)
    {
        var answer = Verb("resume", token);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.Contain(says));
        Assert.That(TokenInFile(), Is.EqualTo(after));
        Assert.That(_box.Left(), Is.Empty, "it writes no file");
    }

    private void AssertRefuses(string token, string says)
    {
        var answer = Verb("resume", token);
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: .*{says}"));
        Assert.That(TokenInFile(), Is.EqualTo(token));
    }

    private Answer Verb(string verb, string? token)
    {
        var document = XDocument.Load(Path.Combine(TestContext.CurrentContext.TestDirectory, "Cibs", "three-nodes.xml"));
        if (token is not null)
        {
            document.Descendants("crm_config").Single().Add(new XElement("cluster_property_set", new XAttribute("id", "pcmk-kpatch"),
                new XElement("nvpair", new XAttribute("id", "pcmk-kpatch-token"), new XAttribute("name", "pcmk-kpatch-token"), new XAttribute("value", token))));
        }

        document.Save(Cib);
        return _box.Run([_box.Program, verb], ("CIB_file", Cib));
    }

    private string? TokenInFile() => (string?)XDocument.Load(Cib).Descendants("nvpair").SingleOrDefault(e => (string?)e.Attribute("id") == "pcmk-kpatch-token")?.Attribute("value");
}
