using PcmkKpatch.Core;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>The resources that use lockspaces, as the real cibadmin tells of them.</summary>
internal sealed class LockUsersTests
{
    private const string FileSystem = "class=\"ocf\" provider=\"heartbeat\" type=\"Filesystem\"";
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("forecast");

    [TearDown]
    public void End() => _cib.Dispose();

    private static string[] Seen => [.. new PacemakerForesight().LockUsers().Select(user => $"{user.Id} {user.Kind} {string.Join(",", user.Names)}")];

    [Test]
    public void Where_there_are_none_there_are_none() => Assert.That(Seen, Is.Empty);

    [Test]
    public void They_are_found_in_clones_and_groups_with_what_they_use()
    {
        Add($"<clone id=\"c\"><primitive id=\"fs\" {FileSystem}>{Values("fs", ("device", "/dev/vg/data"), ("directory", "/data"), ("fstype", "gfs2"))}</primitive></clone>");
        Add($"<clone id=\"l\"><group id=\"locking\"><primitive id=\"dlm\" class=\"ocf\" provider=\"pacemaker\" type=\"controld\"/><primitive id=\"lvmlockd\" class=\"ocf\" provider=\"heartbeat\" type=\"lvmlockd\"/></group></clone>");
        Add(Group("vg", "lvmlockd"));
        Add(Group("tagged", "tagging"));
        Assert.That(Seen, Is.EqualTo((string[])["fs FileSystem /data", "lvmlockd LockDaemon ", "vg VolumeGroup shared"]));
        Assert.That(_cib.Verify().ExitCode, Is.Zero, _cib.Verify().ToString());
    }

    [Test]
    public void Every_value_that_it_may_come_to_counts_of_a_template_too()
    {
        Add($"<template id=\"t\" {FileSystem}>{Values("t", ("directory", "/from-template"))}</template>");
        Add($"<primitive id=\"fs\" template=\"t\"><instance_attributes id=\"fs-1\" score=\"2\"><rule id=\"r\" score=\"0\"><expression id=\"e\" attribute=\"#uname\" operation=\"eq\" value=\"n1\"/></rule><nvpair id=\"fs-1-d\" name=\"directory\" value=\"/on-n1\"/></instance_attributes>"
            + $"{Values("fs", ("directory", "/elsewhere"))}</primitive>");
        Assert.That(Seen, Is.EqualTo((string[])["fs FileSystem /on-n1,/elsewhere,/from-template"]));
        Assert.That(_cib.Verify().ExitCode, Is.Zero, _cib.Verify().ToString());
    }

    [Test]
    public void What_is_written_for_an_operation_or_by_reference_is_not_its_own()
    {
        Add($"<primitive id=\"other\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\">{Values("other", ("directory", "/of-the-other"))}</primitive>");
        Add($"<primitive id=\"fs\" {FileSystem}><instance_attributes id-ref=\"other-i\"/><operations><op id=\"every-9s\" name=\"monitor\" interval=\"9s\">{Values("every-9s", ("directory", "/of-the-operation"))}</op></operations></primitive>");
        Assert.That(Seen, Is.EqualTo((string[])["fs FileSystem "]));
    }

    [Test]
    public void The_same_is_seen_by_who_plans_for_all_nodes()
    {
        Add($"<primitive id=\"fs\" {FileSystem}>{Values("fs", ("directory", "/data"))}</primitive>");
        using var snapshot = new Snapshot();
        Assert.That(snapshot.LockUsers().Single().MountsAt("/data"));
    }

    [Test]
    public void Half_a_CIB_says_nothing_of_them()
    {
        Add($"<primitive id=\"fs\" {FileSystem}>{Values("fs", ("directory", "/data"))}</primitive>");
        var whole = _cib.Text.TrimEnd();
        for (var length = 0; length < whole.Length; length += 97)
            Assert.That(() => LockUsers.Read(new StringReader(whole[..length])), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
        Assert.That(() => LockUsers.Read(new StringReader("<cib/>")), Throws.TypeOf<ToolFailedException>());
    }

    private void Add(string resource) => _cib.Add("configuration/resources", resource);

    private static string Group(string id, string mode) =>
        $"<primitive id=\"{id}\" class=\"ocf\" provider=\"heartbeat\" type=\"LVM-activate\">{Values(id, ("vgname", "shared"), ("vg_access_mode", mode), ("directory", "/nowhere"))}</primitive>";

    private static string Values(string id, params (string Name, string Value)[] values) =>
        $"<instance_attributes id=\"{id}-i\">{string.Concat(values.Select(v => $"<nvpair id=\"{id}-{v.Name}\" name=\"{v.Name}\" value=\"{v.Value}\"/>"))}</instance_attributes>";
}
