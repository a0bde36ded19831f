using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>What the nodes tell of their last runs, in a CIB with the real cibadmin.</summary>
internal sealed class HistoryTests
{
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile();

    [TearDown]
    public void End() => _cib.Dispose();

    private static string Text(string node, params Verdict[] verdicts) =>
        NodeHistory.Text(node, verdicts.Select((verdict, i) => Runs.Full with { Id = $"{node}-{i}", Node = node, Verdict = verdict, Ended = Runs.Full.Started.AddMinutes(i) }));

    [Test]
    public void Where_nothing_was_told_there_is_none()
    {
        Assert.That(CibHistory.See(), Is.Empty);
        new CibToken().Create();
        Assert.That(CibHistory.See(), Is.Empty);
    }

    [Test]
    public void Before_the_first_run_there_is_no_place_for_it()
    {
        Assert.That(CibAdmin.PutHistory(CibHistory.IdOf("n1"), Text("n1", Verdict.Patched)), Is.False);
        Assert.That(_cib.Text, Does.Not.Contain("history v1"));
    }

    [Test]
    public void What_several_nodes_told_is_seen_and_each_replaces_its_own()
    {
        new CibToken().Create();
        foreach (var node in (string[])["n1", "n2.example", "Knoten & Söhne's"])
            Assert.That(CibAdmin.PutHistory(CibHistory.IdOf(node), Text(node, Verdict.Refused)), Is.True, node);
        Assert.That(CibAdmin.PutHistory(CibHistory.IdOf("n1"), Text("n1", Verdict.Patched, Verdict.Refused)), Is.True);

        var seen = CibHistory.See();
        Assert.That(seen.Select(history => history.Node), Is.EquivalentTo((string[])["n1", "n2.example", "Knoten & Söhne's"]));
        Assert.That(seen.Single(history => history.Node == "n1").Runs.Select(run => run.Verdict), Is.EqualTo((string[])["patched", "refused"]));
        Assert.That(new CibToken().Read(), Is.EqualTo(Token.Free), "the token beside it is as it was");
        var verify = Shell.Run("crm_verify", ["--xml-file", _cib.Path]);
        Assert.That(verify.ExitCode, Is.Zero, verify.Errors);
    }

    [Test]
    public void A_later_form_is_left_out_and_left_alone()
    {
        new CibToken().Create();
        Assert.That(CibAdmin.PutHistory(CibHistory.IdOf("n2"), "history v2 all=new"), Is.True);
        Assert.That(CibHistory.See(), Is.Empty);
    }

    [Test]
    public void A_token_that_somebody_deleted_is_created_again_beside_it()
    {
        new CibToken().Create();
        CibAdmin.PutHistory(CibHistory.IdOf("n1"), Text("n1", Verdict.Patched));
        Shell.Run("cibadmin", ["--delete", "--xml-text", "<nvpair id=\"pcmk-kpatch-token\"/>"]);
        Assert.That(new CibToken().Read(), Is.Null);

        new CibToken().Create();

        Assert.That((new CibToken().Read(), CibHistory.See().Count), Is.EqualTo((Token.Free, 1)));
    }
}
