using PcmkKpatch.Core;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// What pcs writes of the agent, as it is read. The CIBs were made by pcs 0.11.5; pcs-mended is pcs-misdefined after the commands that the findings have, as they are told.
/// </summary>
internal sealed class AgentConfigTests
{
    [TestCase("pcs-clone")]
    [TestCase("pcs-mended")]
    [TestCase("pcs-primitive", "agent.not-cloned")]
    [TestCase("pcs-group", "agent.in-group")]
    [TestCase("pcs-two", "agent.several")]
    [TestCase("pcs-no-monitor", "agent.no-monitor")]
    [TestCase("pcs-unmanaged", "agent.unmanaged")]
    [TestCase("empty", "agent.none")]
    [TestCase(
        "pcs-misdefined", "agent.clone-max", "agent.globally-unique", "agent.interval", "agent.kept-away", "agent.migration-threshold", "agent.on-fail", "agent.parameter",
        "agent.parameter-unknown", "agent.timeout", "agent.disabled")]
    public void What_pcs_has_made_is_judged(string name, params string[] ids)
    {
        using var cib = new CibFile(name);
        var findings = AgentReadiness.Judge(Looked(cib.Text), null).ToList();
        Assert.That(findings.Select(f => f.Id), Is.EquivalentTo(ids));
        Assert.That(findings.Select(f => f.Command), Has.All.Not.Null);
    }

    // What was typed to make pcs-mended.
    [Test]
    public void The_commands_of_the_findings_are_those_that_mended_it()
    {
        using var cib = new CibFile("pcs-misdefined");
        Assert.That(AgentReadiness.Judge(Looked(cib.Text), null).Select(f => f.Command).Distinct(), Is.EquivalentTo((string[])[
            "pcs resource update kpatch op monitor interval=30s timeout=60s", "pcs resource meta kpatch-clone globally-unique=", "pcs resource meta kpatch-clone clone-max=",
            "pcs constraint delete location-kpatch-clone-n2--INFINITY", "pcs resource update kpatch soak=", "pcs resource update kpatch no-such=",
            "pcs resource meta kpatch failure-timeout=10min", "pcs resource enable kpatch-clone"]));
    }

    [Test]
    public void Whose_a_meta_attribute_is_follows_from_where_it_stands()
    {
        using var cib = new CibFile("pcs-misdefined");
        var agent = AgentConfig.Parse(new StringReader(cib.Text)).Agents.Single();
        Assert.That((agent.Id, agent.Wrapper, agent.Wrapping), Is.EqualTo(("kpatch", "kpatch-clone", Wrapping.Clone)));
        Assert.That((agent.Meta["globally-unique"], agent.Meta["migration-threshold"]), Is.EqualTo((new Meta("true", "kpatch-clone"), new Meta("1", "kpatch"))));
    }

    [Test]
    public void The_resources_own_attributes_count_before_the_clones_and_those_before_the_defaults()
    {
        using var cib = new CibFile("pcs-misdefined");
        cib.Add("configuration", "<rsc_defaults><meta_attributes id=\"d\"><nvpair id=\"d-g\" name=\"globally-unique\" value=\"false\"/><nvpair id=\"d-t\" name=\"failure-timeout\" value=\"1h\"/></meta_attributes></rsc_defaults>");
        var meta = AgentConfig.Parse(new StringReader(cib.Text)).Agents.Single().Meta;
        Assert.That((meta["globally-unique"].Value, meta["failure-timeout"]), Is.EqualTo(("true", new Meta("1h", ""))));
    }

    [TestCase("<rule id=\"r\" score=\"1\"><date_expression id=\"e\" operation=\"gt\" start=\"2026-01-01\"/></rule>")]
    [TestCase("<nvpair id-ref=\"elsewhere\"/>")]
    public void A_rule_or_a_reference_is_told_as_not_followed(string inside)
    {
        using var cib = new CibFile("pcs-clone");
        cib.Replace("<meta_attributes id=\"kpatch-clone-meta_attributes\">", $"<meta_attributes id=\"kpatch-clone-meta_attributes\">{inside}");
        Assert.That(AgentReadiness.Judge(Looked(cib.Text), null).Select(f => f.Id), Is.EqualTo((string[])["agent.unknown"]));
    }

    [Test]
    public void A_template_is_told_as_not_followed()
    {
        using var cib = new CibFile("pcs-clone");
        cib.Replace("<primitive id=\"kpatch\"", "<primitive template=\"t\" id=\"kpatch\"");
        Assert.That(AgentConfig.Parse(new StringReader(cib.Text)).NotFollowed, Is.EqualTo((string[])["the template of kpatch"]));
    }

    // As Red Hat's documentation has it made: a group of both daemons in a clone, and the file system in another one.
    [Test]
    public void The_shared_storage_is_read_through_a_group_to_its_clone()
    {
        using var cib = new CibFile("pcs-clone");
        cib.Add("configuration/resources", """
            <clone id="locking-clone"><meta_attributes id="l-m"><nvpair id="l-m-i" name="interleave" value="true"/></meta_attributes>
              <group id="locking">
                <primitive id="dlm" class="ocf" provider="pacemaker" type="controld"><operations><op id="d-m" name="monitor" interval="30s" on-fail="fence"/><op id="d-s" name="stop" interval="0s" timeout="100s"/></operations></primitive>
                <primitive id="lvmlockd" class="ocf" provider="heartbeat" type="lvmlockd"/>
              </group>
            </clone>
            """);
        cib.Add("configuration/resources", """
            <clone id="fs-clone"><primitive id="fs" class="ocf" provider="heartbeat" type="Filesystem"><instance_attributes id="f-a"><nvpair id="f-t" name="fstype" value="gfs2"/></instance_attributes></primitive></clone>
            """);
        cib.Add("configuration/resources", """
            <primitive id="local" class="ocf" provider="heartbeat" type="Filesystem"><instance_attributes id="x-a"><nvpair id="x-t" name="fstype" value="xfs"/></instance_attributes></primitive>
            """);
        var storage = AgentConfig.Parse(new StringReader(cib.Text)).Storage;
        Assert.That(
            storage.Select(s => (s.Id, s.Agent, s.CloneId, s.Interleaved, s.IsGfs2, s.Operations.Count)),
            Is.EquivalentTo(((string, string, string, bool, bool, int)[])[
                ("dlm", StorageReadiness.Daemon, "locking-clone", true, false, 2), ("lvmlockd", StorageReadiness.LockDaemon, "locking-clone", true, false, 0), ("fs", StorageReadiness.FileSystem, "fs-clone", false, true, 0)]));
    }

    [TestCase("")]
    [TestCase("<cib>")]
    [TestCase("<cib><configuration/></cib>")]
    [TestCase("<cib><configuration><resources/></configuration></cib>")]
    [TestCase("<!DOCTYPE x [<!ENTITY a \"b\">]><cib><configuration><resources/></configuration><status/></cib>")]
    public void What_is_no_whole_CIB_is_a_failure(string text) => Assert.That(() => AgentConfig.Parse(new StringReader(text)), Throws.InstanceOf<ToolFailedException>());

    private static Fact<ClusterConfig> Looked(string cib) => Fact.Known(AgentConfig.Parse(new StringReader(cib)));
}
