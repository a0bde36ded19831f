namespace PcmkKpatch.Host;

/// <summary>Files of our own that need not outlive a crash, for root alone like all of them. One that must is <see cref="Posix.Replace"/>'s.</summary>
internal static class OurFile
{
    /// <summary>What root alone may read and write.</summary>
    public const UnixFileMode ForRootAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the file anew.</summary>
    public static void Write(string path, string text) => Put(path, FileMode.Create, text);

    /// <summary>Adds to the file's end.</summary>
    public static void Append(string path, string text) => Put(path, FileMode.Append, text);

    private static void Put(string path, FileMode mode, string text)
    {
        using var writer = new StreamWriter(path, new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = ForRootAlone });
        writer.Write(text);
    }
}
