namespace PcmkKpatch.ToolTests.Support;

/// <summary>A file system of very few kilobytes, in a folder of its own, that can be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public SmallDisk(int kilobytes) => Must(Shell.Run("mount", ["-t", "tmpfs", "-o", $"size={kilobytes}k", "small-disk", Path]));

    public string Path => _folder.Path;

    public string At(string name) => _folder.At(name);

    public string[] Names() => [.. _folder.Names().Where(name => name != "ballast")];

    /// <summary>Nothing more goes onto it.</summary>
    public SmallDisk Fill()
    {
        // That it ends with "no space left" is what is wanted.
        Shell.Script("cat /dev/zero >\"$1\"", At("ballast"));
        Assert.That(() => File.WriteAllBytes(At("probe"), new byte[1]), Throws.InstanceOf<IOException>(), "the disk of the test is not full");
        File.Delete(At("probe"));
        return this;
    }

    public void Empty() => File.Delete(At("ballast"));

    public void MakeReadOnly() => Must(Shell.Run("mount", ["-o", "remount,ro", Path]));

    public void Dispose()
    {
        Must(Shell.Run("umount", [Path]));
        _folder.Dispose();
    }

    private static void Must(Answer answer) => Assert.That(answer.ExitCode, Is.Zero, $"the tests must run as root and may mount: {answer}");
}
