using System.Buffers.Binary;
using System.Text;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Core.Kernel;

/// <summary>What a module's file says of itself, whether it can be used or not.</summary>
/// <param name="Info">Of its .modinfo what matters for a patch: of each name the first value, as the kernel takes it.</param>
/// <param name="BuildId">Its build id in hexadecimal, or null.</param>
/// <param name="Signature">Its signature, or null.</param>
public sealed record ModuleContent(IReadOnlyDictionary<string, string> Info, string? BuildId, ModuleSignature? Signature);

/// <summary>
/// Reads from a kernel module what decides whether to load it: .modinfo, the build id and the signature. Only the section headers,
/// those two sections and what follows after them are read, so that a look costs the same for a large module. The kernel's
/// /sys/module/NAME/notes holds the same bytes as the file.
/// </summary>
public static class ModuleReader
{
    private const uint BuildIdNote = 3;
    private const int LongestBuildId = 32;
    private const int LongestName = 55;
    private const int LongestValue = 256;
    private static readonly string[] s_known = ["name", "vermagic", "livepatch", "depends", "description", "license", "version", "srcversion", "intree"];

    /// <summary>Reads a module file. The stream must be seekable.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">Its path: the name of the file is the name of the module, with - as _.</param>
    public static PatchChoice Read(Stream file, string path) => Read(file, path, out _);

    /// <summary>Reads a module file, and gives what it says of itself even where it cannot be used.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">Its path.</param>
    /// <param name="content">What is in it; null where it is no whole module.</param>
    public static PatchChoice Read(Stream file, string path, out ModuleContent? content)
    {
        content = null;
        try
        {
            var length = file.Length;
            var header = ElfFile.At(file, 0, (int)Math.Min(length, ElfFile.HeaderSize));
            if (Foreign(header, path) is { } foreign)
                return foreign;
            content = Content(file, length, header);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            return Unusable("patch.damaged", $"{path} is damaged: {e.Message}", "install the patch again");
        }

        return content is null ? Unusable("patch.not-module", $"{path} has no .modinfo: it is no kernel module", "name a kernel module (.ko)") : Judge(content, path);
    }

    /// <summary>The build id in a section or file of ELF notes, in hexadecimal, or null.</summary>
    public static string? BuildIdIn(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= 12)
        {
            var nameSize = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            var valueSize = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            var valueAt = 12 + Padded(nameSize);
            var next = valueAt + Padded(valueSize);
            if (nameSize > notes.Length || valueSize > notes.Length || valueAt + valueSize > notes.Length)
                return null;
            if (type == BuildIdNote && nameSize == 4 && notes.Slice(12, 4).SequenceEqual("GNU\0"u8) && valueSize is > 0 and <= LongestBuildId)
                return Convert.ToHexStringLower(notes.Slice((int)valueAt, (int)valueSize));
            if (next >= notes.Length)
                return null;
            notes = notes[(int)next..];
        }

        return null;
    }

    private static long Padded(uint size) => ((long)size + 3) & ~3L;

    // What it is where it is not a module of this kind of machine.
    private static PatchChoice.Unusable? Foreign(byte[] header, string path)
    {
        if (header.Length < 6)
            throw new InvalidDataException("shorter than any module");
        if (CompressionOf(header) is { } compression)
            return Unusable("patch.compressed", $"{path} is compressed ({compression})", "unpack it: neither kpatch nor the kernel's loader is relied on to do so");
        if (!header.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F']))
            return Unusable("patch.not-elf", $"{path} is no kernel module", "name a kernel module (.ko)");
        if (header[4] != 2 || header[5] != 1)
            return Unusable("patch.not-elf", $"{path} is for another kind of machine", "install the patch for this machine");
        return header.Length == ElfFile.HeaderSize ? null : throw new InvalidDataException("shorter than its header");
    }

    private static ModuleContent? Content(Stream file, long length, byte[] header)
    {
        var elf = ElfFile.Open(file, length, header);
        return elf.Section(".modinfo"u8) is { } info
            ? new ModuleContent(ModInfo(info), BuildIdIn(elf.Section(".note.gnu.build-id"u8)), ModuleSignature.Read(file, length, elf.End))
            : null;
    }

    private static PatchChoice Judge(ModuleContent content, string path)
    {
        if (!content.Info.TryGetValue("vermagic", out var vermagic) || vermagic.Split(' ')[0] is not { Length: > 0 } release)
            return Unusable("patch.no-vermagic", $"{path} does not say which kernel it is for", "install the patch again");
        if (content.BuildId is not { } buildId)
            return Unusable("patch.no-build-id", $"{path} has no build id, so that what is loaded could not be told from another build", "build it with --build-id");

        var name = Path.GetFileNameWithoutExtension(path).Replace('-', '_');
        if (content.Info.TryGetValue("name", out var inside) && inside.Replace('-', '_') != name)
            return Unusable("patch.name", $"{path} holds a module named {inside}", $"name the file {inside}.ko");
        if (name.Length is 0 or > LongestName || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.'))
            return Unusable("patch.name", $"{path} is no name that a module can have", "give the file the name that the patch was built with");
        return new PatchChoice.Found(new PatchModule(path, name, buildId, release, content.Info.GetValueOrDefault("livepatch") == "Y") { Signer = content.Signature?.Signer });
    }

    private static string? CompressionOf(ReadOnlySpan<byte> magic) =>
        magic.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? "xz"
        : magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? "gzip"
        : magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? "zstd"
        : null;

    private static Dictionary<string, string> ModInfo(ReadOnlySpan<byte> section)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var range in section.Split((byte)0))
        {
            var entry = section[range];
            if (entry.IndexOf((byte)'=') is > 0 and var at && Known(entry[..at]) is { } name && !values.ContainsKey(name))
            {
                // Cut before it becomes text: no value that is of use here is longer.
                var value = entry[(at + 1)..];
                values.Add(name, PlainText.Of(Encoding.UTF8.GetString(value[..Math.Min(value.Length, 4 * LongestValue)]), LongestValue));
            }
        }

        return values;
    }

    private static string? Known(ReadOnlySpan<byte> name)
    {
        foreach (var known in s_known)
        {
            if (Ascii.Equals(name, known))
                return known;
        }

        return null;
    }

    private static PatchChoice.Unusable Unusable(string id, string why, string remedy) => new(new Refusal(id, why, remedy));
}
