using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// ocf-tester of the resource agents against the published binary. It needs no cluster: it calls the agent by its path. It does look
/// at meta-data as nobody and against the DTD, at validate-all, and at start, monitor and stop in every order. What it cannot see
/// here: the worker at work (systemd-run is a stand-in) and attributes in a cluster (attrd_updater finds none); both are in the node lab.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OcfTesterTests : IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Test]
    public void It_passes_with_the_defaults()
    {
        var answer = Try();
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Contain("passed all tests"));
        // What begins with a star is a complaint, but for the optional actions that there are none of.
        Assert.That(answer.Output.Split('\n').Where(line => line.StartsWith('*') && !line.Contains("(optional)")), Is.Empty);
    }

    [Test]
    public void It_passes_with_every_parameter_set() =>
        Assert.That(Try("-o", "patch=/usr/lib/kpatch/%k/x.ko", "-o", "drain_timeout=90s", "-o", "transition_timeout=5min", "-o", "confirm_timeout=1h", "-o", "retry_delay=10").ExitCode, Is.Zero);

    [Test]
    public void It_sees_a_bad_parameter() => Assert.That(Try("-o", "drain_timeout=soon").ExitCode, Is.Not.Zero);

    // ocf-tester is a script in the real /usr/sbin, and reads the agents' common functions.
    private Answer Try(params string[] options)
    {
        var script = Shell.Installed("ocf-tester");
        var box = Path.GetDirectoryName(Path.GetDirectoryName(_box.Agent))!;
        return _box.Run(["sh", $"{box}/real/{Path.GetFileName(script)}", "-v", "-n", "kpatch", .. options, _box.Agent], ("PATH", "/usr/sbin:/usr/bin"), ("HOME", "/"));
    }
}
