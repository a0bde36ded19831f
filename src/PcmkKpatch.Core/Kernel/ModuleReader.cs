using System.Buffers.Binary;
using System.Text;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// Reads from a kernel module what decides whether to load it: .modinfo and the build id. Only the section headers and those two
/// sections are read, so that a look costs the same for a large module. Layout: elf(5); notes: the kernel's
/// /sys/module/NAME/notes holds the same bytes.
/// </summary>
public static class ModuleReader
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int MostSections = 4096;
    private const long LargestSection = 1 << 20;
    private const uint BuildIdNote = 3;

    /// <summary>Reads a module file. The stream must be seekable.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">Its path: the name of the file is the name of the module, with - as _.</param>
    public static PatchChoice Read(Stream file, string path)
    {
        try
        {
            return ReadSections(file, path);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            return Unusable("patch.damaged", $"{path} is damaged: {e.Message}", "install the patch again");
        }
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
            if (type == BuildIdNote && nameSize == 4 && notes.Slice(12, 4).SequenceEqual("GNU\0"u8) && valueSize > 0)
                return Convert.ToHexStringLower(notes.Slice((int)valueAt, (int)valueSize));
            if (next >= notes.Length)
                return null;
            notes = notes[(int)next..];
        }

        return null;
    }

    private static long Padded(uint size) => ((long)size + 3) & ~3L;

    private static PatchChoice ReadSections(Stream file, string path)
    {
        var magic = At(file, 0, 6, "shorter than any module");
        if (CompressionOf(magic) is { } compression)
            return Unusable("patch.compressed", $"{path} is compressed ({compression})", "unpack it: neither kpatch nor the kernel's loader is relied on to do so");
        if (!magic.AsSpan(0, 4).SequenceEqual((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F']))
            return Unusable("patch.not-elf", $"{path} is no kernel module", "name a kernel module (.ko)");
        if (magic[4] != 2 || magic[5] != 1)
            return Unusable("patch.not-elf", $"{path} is for another kind of machine", "install the patch for this machine");

        var header = At(file, 0, HeaderSize, "shorter than its header");
        var tableAt = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40));
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(58));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(60));
        int namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(62));
        if (entrySize != SectionHeaderSize || count is 0 or > MostSections || namesIndex >= count)
            throw new InvalidDataException("its section table makes no sense");

        var table = At(file, tableAt, count * SectionHeaderSize, "its section table is cut off");
        var names = Section(file, table, namesIndex);
        byte[]? info = null, notes = null;
        for (var i = 0; i < count; i++)
        {
            var name = ZeroEnded(names, BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(i * SectionHeaderSize)));
            if (name.SequenceEqual(".modinfo"u8))
                info = Section(file, table, i);
            else if (name.SequenceEqual(".note.gnu.build-id"u8))
                notes = Section(file, table, i);
        }

        if (info is null)
            return Unusable("patch.not-module", $"{path} has no .modinfo: it is no kernel module", "name a kernel module (.ko)");
        var values = ModInfo(info);
        if (!values.TryGetValue("vermagic", out var vermagic) || vermagic.Split(' ')[0] is not { Length: > 0 } release)
            return Unusable("patch.no-vermagic", $"{path} does not say which kernel it is for", "install the patch again");
        if (BuildIdIn(notes) is not { } buildId)
            return Unusable("patch.no-build-id", $"{path} has no build id, so that what is loaded could not be told from another build", "build it with --build-id");

        var fileName = Path.GetFileNameWithoutExtension(path).Replace('-', '_');
        if (values.TryGetValue("name", out var inside) && inside.Replace('-', '_') != fileName)
            return Unusable("patch.name", $"{path} holds a module named {inside}", $"name the file {inside}.ko");
        return new PatchChoice.Found(new PatchModule(path, fileName, buildId, release, values.GetValueOrDefault("livepatch") == "Y"));
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
            var entry = Encoding.UTF8.GetString(section[range]);
            if (entry.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                values.TryAdd(entry[..at], entry[(at + 1)..]);
        }

        return values;
    }

    private static byte[] Section(Stream file, byte[] table, int index)
    {
        var entry = table.AsSpan(index * SectionHeaderSize, SectionHeaderSize);
        var size = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
        if (size is < 0 or > LargestSection)
            throw new InvalidDataException("one of its sections is too large");
        return At(file, BinaryPrimitives.ReadInt64LittleEndian(entry[24..]), (int)size, "one of its sections is cut off");
    }

    private static ReadOnlySpan<byte> ZeroEnded(ReadOnlySpan<byte> bytes, uint start)
    {
        if (start >= bytes.Length)
            throw new InvalidDataException("a section's name lies outside of the name table");
        var rest = bytes[(int)start..];
        return rest.IndexOf((byte)0) is >= 0 and var end ? rest[..end] : rest;
    }

    private static byte[] At(Stream file, long offset, int size, string otherwise)
    {
        if (offset < 0 || offset > file.Length - size)
            throw new InvalidDataException(otherwise);
        var bytes = new byte[size];
        file.Seek(offset, SeekOrigin.Begin);
        file.ReadExactly(bytes);
        return bytes;
    }

    private static PatchChoice.Unusable Unusable(string id, string why, string remedy) => new(new Refusal(id, why, remedy));
}
