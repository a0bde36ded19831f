using NUnit.Framework;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Ocf;

/// <summary>The parameters that name files: the patch, and programs of the administrator's.</summary>
public sealed class PathParametersTests
{
    [TestCase("/usr/local/sbin/well")]
    [TestCase("/opt/with space/well")]
    public void a_health_check_is_a_path(string text) => Assert.That(With("health_check", text)?.HealthCheck, Is.EqualTo(text));

    [TestCase("/usr/local/sbin/may-i")]
    [TestCase("/opt/with space/may-i")]
    public void a_gate_command_is_a_path(string text) => Assert.That(With("gate_command", text)?.GateCommand, Is.EqualTo(text));

    [TestCase("/usr/local/sbin/tell")]
    [TestCase("/opt/with space/tell")]
    public void a_program_that_is_told_what_happens_is_a_path(string text) => Assert.That(With("notify", text)?.Notify, Is.EqualTo(text));

    [TestCase("health_check")]
    [TestCase("gate_command")]
    [TestCase("notify")]
    public void a_program_that_is_no_path_is_said(string parameter)
    {
        Parameters.Parse(name => name == parameter ? "sbin/well" : null, out var errors);

        Assert.That(errors, Is.EqualTo((string[])[$"{parameter}=sbin/well: write the absolute path of a program"]));
    }

    [TestCase("well")]
    [TestCase("./well")]
    [TestCase("/opt/a\nb")]
    public void a_health_check_that_is_no_path_is_refused(string text) => Assert.That(With("health_check", text), Is.Null);

    [TestCase("installed", null)]
    [TestCase("package", null)]
    [TestCase("/srv/patch.ko", "/srv/patch.ko")]
    [TestCase("/srv/%k/patch.ko", "/srv/5.14/patch.ko")]
    [TestCase("/srv/%k/%k.ko", "/srv/5.14/5.14.ko")]
    [TestCase("/srv/100%%.ko", "/srv/100%.ko")]
    [TestCase("/srv/%%k.ko", "/srv/%k.ko")]
    [TestCase("/srv/%%%k.ko", "/srv/%5.14.ko")]
    [TestCase("/srv/with space.ko", "/srv/with space.ko")]
    public void a_patch_is_installed_or_a_path(string text, string? path)
    {
        var policy = With("patch", text);

        Assert.That(policy?.Patch, Is.EqualTo(text));
        Assert.That(Parameters.PatchPath(text, "5.14"), Is.EqualTo(path));
    }

    [TestCase("patch.ko")]
    [TestCase("./patch.ko")]
    [TestCase("Installed")]
    [TestCase("/srv/%n.ko")]
    [TestCase("/srv/100%.ko")]
    [TestCase("/srv/patch.ko%")]
    [TestCase("/srv/%%%.ko")]
    [TestCase("/srv/a\nb.ko")]
    [TestCase("/srv/a\0b.ko")]
    [TestCase(" ")]
    public void a_patch_that_is_neither_is_said(string text)
    {
        var policy = Parameters.Parse(name => name == "patch" ? text : null, out var errors);

        Assert.That(policy, Is.Null);
        Assert.That(errors.Single(), Does.StartWith($"patch={text}: "));
    }

    [TestCase("/srv/patch.ko")]
    [TestCase("/srv/100%.ko")]
    [TestCase("/srv/%k.ko")]
    [TestCase("/srv/%%.ko")]
    public void a_path_written_as_a_parameter_means_that_very_file(string path) =>
        Assert.That(Parameters.PatchPath(Parameters.PatchOf(path), "5.14"), Is.EqualTo(path));

    private static Policy? With(string parameter, string text) => Parameters.Parse(name => name == parameter ? text : null, out _);
}
