using System.Text.RegularExpressions;
using NUnit.Framework;
using PcmkKpatch.Core.Notices;

namespace PcmkKpatch.Tests.Notices;

/// <summary>The table of events, held together with what explains it to people: the catalog and docs/notices.md.</summary>
public sealed partial class EventsTests
{
    [Test]
    public void every_event_is_declared_once() => Assert.That(Events.All.Select(entry => entry.Event), Is.EquivalentTo(Enum.GetValues<Event>()));

    [Test]
    public void no_id_and_no_name_is_used_twice()
    {
        Assert.That(Events.All.Select(entry => entry.Id), Is.Unique);
        Assert.That(Events.All.Select(entry => entry.Name), Is.Unique);
    }

    [Test]
    public void an_id_is_a_random_one_as_systemd_writes_it()
    {
        // Version 4 of RFC 9562, without dashes.
        Assert.That(Events.All.Select(entry => entry.Id), Has.All.Match("^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$"));
        Assert.That(Events.All.Select(entry => entry.Name), Has.All.Match("^[a-z]+(-[a-z]+)*$"));
    }

    [Test]
    public void the_catalog_has_an_entry_for_each_event_and_no_other()
    {
        var entries = Entry().Matches(Read("rpm/pcmk-kpatch.catalog")).Select(match => (match.Groups["id"].Value, match.Groups["name"].Value));

        Assert.That(entries, Is.EqualTo(Events.All.Select(entry => (entry.Id, entry.Name))));
    }

    [Test]
    public void the_catalog_takes_its_words_from_fields_that_a_notice_has()
    {
        var fields = Field().Matches(Read("rpm/pcmk-kpatch.catalog")).Select(match => match.Groups["name"].Value).Distinct();

        Assert.That(fields, Is.SubsetOf(NoticeTests.Full.Fields().Select(field => field.Name)));
    }

    [Test]
    public void each_event_is_in_the_documents()
    {
        var rows = Row().Matches(Read("docs/notices.md")).Select(match => (match.Groups["name"].Value, match.Groups["id"].Value, match.Groups["weight"].Value));

        Assert.That(rows, Is.EqualTo(Events.All.Select(entry => (entry.Name, entry.Id, entry.Weight.ToString().ToLowerInvariant()))));
    }

    [GeneratedRegex("^# (?<name>[a-z-]+)\n-- (?<id>[^\n]*)\nSubject: [^\n]+\nDefined-By: pcmk-kpatch\nDocumentation: man:pcmk-kpatch\\(8\\)\n\n[^\n]", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("@(PCMK_KPATCH_)?(?<name>[A-Z_]+)@")]
    private static partial Regex Field();

    [GeneratedRegex(@"^\| `(?<name>[a-z-]+)` \| .+ \| (?<weight>[a-z]+) \| `(?<id>[0-9a-f]{32})` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static string Read(string path)
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Directory.Build.props")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests do not run inside of their repository");
        return File.ReadAllText(Path.Combine(folder.FullName, path));
    }
}
