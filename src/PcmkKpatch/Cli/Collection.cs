using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>
/// An archive of texts for a support case, tar.gz, for root alone. Each part is asked for by itself: what cannot be had is noted in the MANIFEST, and keeps no other from being
/// there. Nothing goes in that was not looked through for secrets.
/// </summary>
internal sealed class Collection : IDisposable
{
    private const int LongestPart = 16 * 1024 * 1024;
    private const long MostOfAll = 96L * 1024 * 1024;
    private readonly string _path;
    private readonly string _folder;
    private readonly DateTimeOffset _begun;
    private readonly Secrets _secrets;
    private readonly TarWriter _tar;
    private readonly StringBuilder _manifest = new();
    private long _length;
    private readonly PosixSignalRegistration _onInterrupt;
    private bool _whole;

    /// <summary>Makes the file, which must not be there.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="begun">When that was.</param>
    /// <param name="secrets">What is not to go in.</param>
    /// <exception cref="ToolFailedException">It cannot be made.</exception>
    public Collection(string path, DateTimeOffset begun, Secrets secrets)
    {
        (_path, _begun, _secrets) = (path, begun, secrets);
        _folder = Path.GetFileName(path).Split('.')[0];
        var file = new SafeFileHandle(Posix.Open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL), ownsHandle: true);
        // The process ends as it would have.
        _onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => File.Delete(path));
        _tar = new TarWriter(new GZipStream(new FileStream(file, FileAccess.Write), CompressionLevel.Optimal), TarEntryFormat.Pax);
    }

    /// <summary>Puts a part in.</summary>
    /// <param name="name">Its name in the archive.</param>
    /// <param name="ask">Gives its text.</param>
    public void Add(string name, Func<string> ask)
    {
        try
        {
            var text = _secrets.Without(ask());
            var cut = text.Length > LongestPart;
            // The end of what goes on is what is of now.
            var bytes = Encoding.UTF8.GetBytes(cut ? text[^LongestPart..] : text);
            if (_length + bytes.Length > MostOfAll)
                throw new ToolFailedException(name, null, "left out: the archive is long enough");
            Write(name, bytes);
            _length += bytes.Length;
            Note(name, cut ? string.Create(CultureInfo.InvariantCulture, $"cut: the last {LongestPart} characters") : "there");
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException or RegexMatchTimeoutException)
        {
            Note(name, $"missing: {_secrets.Without(e.Message).ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Ends it: what is there and what is missing goes in last, and the file is whole.</summary>
    public void End(string about)
    {
        Write("MANIFEST", Encoding.UTF8.GetBytes($"{about}\n{_manifest}"));
        _whole = true;
    }

    /// <summary>Closes the file. One that is not whole is taken away again.</summary>
    public void Dispose()
    {
        try
        {
            _onInterrupt.Dispose();
            _tar.Dispose();
        }
        finally
        {
            if (!_whole)
                File.Delete(_path);
        }
    }

    private void Note(string name, string what) => _manifest.Append(CultureInfo.InvariantCulture, $"{name}: {what}\n");

    private void Write(string name, byte[] bytes) => _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"{_folder}/{name}")
    {
        DataStream = new MemoryStream(bytes),
        Mode = OurFile.ForRootAlone,
        ModificationTime = _begun,
    });
}
