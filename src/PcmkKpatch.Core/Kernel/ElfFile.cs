using System.Buffers.Binary;

namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// The sections of an ELF object of 64 bits, little end first. Its section table is read and checked whole, as the kernel does before
/// it loads a module: so a file that ends early is known wherever it ends. A section's bytes are read when they are asked for, and
/// no size that the file claims is believed before it was compared with the file's own. Layout: elf(5).
/// </summary>
internal sealed class ElfFile
{
    /// <summary>The length of the file's header.</summary>
    public const int HeaderSize = 64;

    private const int SectionHeaderSize = 64;
    private const long LargestSection = 1 << 20;
    private const uint NoSection = 0;
    private const uint SectionWithoutBytes = 8;

    private readonly Stream _file;
    private readonly byte[] _table;
    private readonly byte[] _names;

    private ElfFile(Stream file, byte[] table, int namesIndex, long end)
    {
        _file = file;
        _table = table;
        End = end;
        _names = Content(namesIndex);
    }

    /// <summary>Where the last of its parts ends: what follows is not the object's.</summary>
    public long End { get; }

    private int Count => _table.Length / SectionHeaderSize;

    /// <summary>Reads the section table.</summary>
    /// <exception cref="InvalidDataException">It makes no sense, or part of the object lies outside of the file.</exception>
    public static ElfFile Open(Stream file, long length, ReadOnlySpan<byte> header)
    {
        var tableAt = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(header[58..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[60..]);
        int namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(header[62..]);
        if (entrySize != SectionHeaderSize || count == 0 || namesIndex >= count)
            throw new InvalidDataException("its section table makes no sense");
        if (tableAt < HeaderSize || tableAt > length - (count * SectionHeaderSize))
            throw new InvalidDataException("its section table is cut off");

        var table = At(file, tableAt, count * SectionHeaderSize);
        var end = tableAt + table.Length;
        for (var i = 0; i < count; i++)
        {
            var entry = table.AsSpan(i * SectionHeaderSize, SectionHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]) is NoSection or SectionWithoutBytes)
                continue;
            var (offset, size) = Extent(entry);
            if (offset < 0 || size < 0 || size > length || offset > length - size)
                throw new InvalidDataException("one of its sections is cut off");
            end = Math.Max(end, offset + size);
        }

        return new ElfFile(file, table, namesIndex, end);
    }

    /// <summary>The bytes of the first section of that name, or null where there is none.</summary>
    /// <exception cref="InvalidDataException">Larger than any that is asked for here, or the table of names makes no sense.</exception>
    public byte[]? Section(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Count; i++)
        {
            var nameAt = BinaryPrimitives.ReadUInt32LittleEndian(_table.AsSpan(i * SectionHeaderSize));
            if (nameAt >= _names.Length)
                throw new InvalidDataException("a section's name lies outside of the table of names");
            var rest = _names.AsSpan((int)nameAt);
            if (rest.StartsWith(name) && (rest.Length == name.Length || rest[name.Length] == 0))
                return Content(i);
        }

        return null;
    }

    /// <summary>Reads a part of the file that lies inside of it.</summary>
    public static byte[] At(Stream file, long offset, int size)
    {
        var bytes = new byte[size];
        file.Seek(offset, SeekOrigin.Begin);
        file.ReadExactly(bytes);
        return bytes;
    }

    private static (long Offset, long Size) Extent(ReadOnlySpan<byte> entry) =>
        (BinaryPrimitives.ReadInt64LittleEndian(entry[24..]), BinaryPrimitives.ReadInt64LittleEndian(entry[32..]));

    private byte[] Content(int index)
    {
        var entry = _table.AsSpan(index * SectionHeaderSize, SectionHeaderSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]) is NoSection or SectionWithoutBytes)
            throw new InvalidDataException("a section that is needed is empty");
        var (offset, size) = Extent(entry);
        return size <= LargestSection ? At(_file, offset, (int)size) : throw new InvalidDataException("one of its sections is too large");
    }
}
