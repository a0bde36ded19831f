using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>The administrator's own check, as a program. The rest of a node's health is read on the nodes of the labs.</summary>
public sealed class HealthReaderTests
{
    [Test]
    public void a_check_that_is_content_says_nothing() => Assert.That(Ask("echo all well; exit 0"), Is.Null);

    [Test]
    public void a_check_that_is_not_content_is_quoted() => Assert.That(Ask("echo looking; echo 'the database is slow' >&2; exit 3"), Is.EqualTo("exit code 3: the database is slow"));

    [Test]
    public void a_check_that_says_nothing_is_told_by_its_exit_code() => Assert.That(Ask("exit 9"), Is.EqualTo("exit code 9"));

    [Test]
    public void a_check_that_is_killed_is_not_content() => Assert.That(Ask("kill -SEGV $$"), Does.Contain("signal 11"));

    [Test]
    public void a_check_that_is_not_there_is_not_content() => Assert.That(new HealthReader().Ask("/nowhere/check"), Does.Contain("/nowhere/check"));

    [Test]
    public void a_check_that_asks_a_question_is_answered_with_silence() => Assert.That(Ask("read -r answer && exit 0; echo nobody there; exit 1"), Is.EqualTo("exit code 1: nobody there"));

    private static string? Ask(string script)
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "check");
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new HealthReader().Ask(file);
    }
}
