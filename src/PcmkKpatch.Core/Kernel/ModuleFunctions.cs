using System.Buffers.Binary;
using System.Text;

namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// The functions that a live patch replaces, read from its file. Modules of kpatch-build, as vendors' are, list them in a section .kpatch.funcs: of each function its
/// new code, its name and its object are relocations, in that order and the last two at the entry's end; names lie in .kpatch.strings (kpatch-patch.h and
/// create-diff-object.c of kpatch). Other modules keep theirs in data of the compiler's, which only the kernel can follow.
/// </summary>
public static class ModuleFunctions
{
    private const int RelocationSize = 24;
    private const int RelocationsOfOne = 3;
    private const int NameFromEnd = 16;

    /// <summary>Reads a module's file, which <see cref="ModuleReader"/> has taken for one.</summary>
    public static Fact<IReadOnlyList<string>> Read(Stream file)
    {
        try
        {
            var elf = ElfFile.Open(file, file.Length, ElfFile.At(file, 0, ElfFile.HeaderSize));
            return elf.Section(".kpatch.funcs"u8) is { } functions && elf.Section(".rela.kpatch.funcs"u8) is { } relocations && elf.Section(".kpatch.strings"u8) is { } strings
                ? Fact.Known(Names(functions.Length, relocations, strings))
                : Fact.Unknown<IReadOnlyList<string>>("it was not built by kpatch-build");
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            return Fact.Unknown<IReadOnlyList<string>>($"its list of functions cannot be read: {e.Message}");
        }
    }

    private static IReadOnlyList<string> Names(int size, byte[] relocations, byte[] strings)
    {
        var count = relocations.Length / RelocationSize / RelocationsOfOne;
        if (count == 0 || relocations.Length != count * RelocationsOfOne * RelocationSize || size % count != 0)
            throw new InvalidDataException("its relocations do not fit its entries");
        var entry = size / count;
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < relocations.Length; at += RelocationSize)
        {
            var offset = BinaryPrimitives.ReadInt64LittleEndian(relocations.AsSpan(at));
            if (offset < 0 || offset >= size)
                throw new InvalidDataException("one of its relocations lies outside of its entries");
            if (offset % entry == entry - NameFromEnd)
                names.Add(Name(strings, BinaryPrimitives.ReadInt64LittleEndian(relocations.AsSpan(at + 16))));
        }

        return names.Count > 0 ? [.. names] : throw new InvalidDataException("it names none");
    }

    private static string Name(byte[] strings, long at)
    {
        if (at < 0 || at >= strings.Length)
            throw new InvalidDataException("a name lies outside of its strings");
        var rest = strings.AsSpan((int)at);
        var end = rest.IndexOf((byte)0);
        return end > 0 ? Encoding.ASCII.GetString(rest[..end]) : throw new InvalidDataException("a name does not end, or is empty");
    }
}
