using System.Buffers.Binary;
using System.Text;

namespace PcmkKpatch.Tests.Kernel;

/// <summary>Builds a kernel module's file by hand: header, a name table, .modinfo, the build id's note, the section table, and what follows.</summary>
internal sealed class ModuleFile
{
    public const int SectionHeaderSize = 64;

    private const int HeaderSize = 64;
    private const int NoSection = 0, Program = 1, StringTable = 3, Note = 7, NoBytes = 8;

    public string? Info { get; set; } = "name=kpatch_1_1\0livepatch=Y\0vermagic=5.14.0-1 SMP mod_unload\0";

    public byte[]? Notes { get; set; } = BuildIdNote([0xAB, 0xCD]);

    /// <summary>What follows after the module: its signature.</summary>
    public byte[] Behind { get; set; } = [];

    /// <summary>More sections, before the table of names.</summary>
    public int EmptySections { get; set; }

    /// <summary>Sections of other names.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> More { get; set; } = [];

    public byte[] Bytes()
    {
        var sections = new List<(string Name, int Type, byte[] Content)> { ("", NoSection, []) };
        if (Info is not null)
            sections.Add((".modinfo", Program, Encoding.UTF8.GetBytes(Info)));
        if (Notes is not null)
            sections.Add((".note.gnu.build-id", Note, Notes));
        sections.AddRange(More.Select(section => (section.Name, Program, section.Content)));
        sections.Add((".text", Program, new byte[24]));
        sections.Add((".bss", NoBytes, []));
        for (var i = 0; i < EmptySections; i++)
            sections.Add((".data", Program, []));

        var names = new List<byte>();
        var nameAt = new List<int>();
        foreach (var (name, _, _) in sections.Append((".shstrtab", StringTable, [])))
        {
            nameAt.Add(names.Count);
            names.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
        }

        sections.Add((".shstrtab", StringTable, [.. names]));
        var file = new List<byte>(new byte[HeaderSize]);
        var table = new List<byte>();
        for (var i = 0; i < sections.Count; i++)
        {
            // What takes no bytes in the file may be larger than all of it.
            table.AddRange(SectionHeader(nameAt[i], sections[i].Type, file.Count, sections[i].Type == NoBytes ? int.MaxValue : sections[i].Content.Length));
            file.AddRange(sections[i].Content);
        }

        byte[] bytes = [.. file, .. table, .. Behind];
        WriteHeader(bytes, file.Count, sections.Count);
        return bytes;
    }

    public static byte[] BuildIdNote(byte[] id) => NoteOf("GNU\0", 3, id);

    public static byte[] NoteOf(string name, uint type, byte[] value)
    {
        var note = new byte[12 + ((name.Length + 3) & ~3) + ((value.Length + 3) & ~3)];
        BinaryPrimitives.WriteInt32LittleEndian(note, name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), value.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), type);
        Encoding.ASCII.GetBytes(name).CopyTo(note, 12);
        value.CopyTo(note, 12 + ((name.Length + 3) & ~3));
        return note;
    }

    private static byte[] SectionHeader(int nameAt, int type, int offset, int size)
    {
        var header = new byte[SectionHeaderSize];
        BinaryPrimitives.WriteInt32LittleEndian(header, nameAt);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), type);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), offset);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), size);
        return header;
    }

    private static void WriteHeader(byte[] bytes, int tableAt, int sections)
    {
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), tableAt);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(58), SectionHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(60), (ushort)sections);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(62), (ushort)(sections - 1));
    }
}
