namespace PcmkKpatch.ToolTests.Support;

/// <summary>A folder of a test's own, gone afterwards. Others may pass through it: nobody runs programs that lie in here.</summary>
internal sealed class TempFolder : IDisposable
{
    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public TempFolder()
    {
        Path = Directory.CreateTempSubdirectory("pcmk-kpatch-test-").FullName;
        File.SetUnixFileMode(Path, PassThrough);
    }

    public string Path { get; }

    /// <summary>The path of something in here.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The names of everything in here, in order.</summary>
    public string[] Names() => [.. Directory.EnumerateFileSystemEntries(Path).Select(p => System.IO.Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
