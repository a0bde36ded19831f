using System.Buffers.Binary;
using System.Text;

namespace PcmkKpatch.Tests.Kernel;

/// <summary>Builds a kernel module's file by hand: header, a name table, .modinfo, the build id's note, and the section table.</summary>
internal sealed class ModuleFile
{
    private const int HeaderSize = 64;

    public string? Info { get; set; } = "name=kpatch_1_1\0livepatch=Y\0vermagic=5.14.0-1 SMP mod_unload\0";

    public byte[]? Note { get; set; } = BuildIdNote([0xAB, 0xCD]);

    public byte[] Bytes()
    {
        var sections = new List<(string Name, byte[] Content)> { ("", []) };
        if (Info is not null)
            sections.Add((".modinfo", Encoding.UTF8.GetBytes(Info)));
        if (Note is not null)
            sections.Add((".note.gnu.build-id", Note));
        sections.Add((".text", new byte[24]));

        var names = new List<byte>();
        var nameAt = new List<int>();
        foreach (var (name, _) in sections.Append((".shstrtab", [])))
        {
            nameAt.Add(names.Count);
            names.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
        }

        sections.Add((".shstrtab", [.. names]));
        var file = new List<byte>(new byte[HeaderSize]);
        var table = new List<byte>();
        for (var i = 0; i < sections.Count; i++)
        {
            table.AddRange(SectionHeader(nameAt[i], file.Count, sections[i].Content.Length));
            file.AddRange(sections[i].Content);
        }

        var bytes = file.Concat(table).ToArray();
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

    private static byte[] SectionHeader(int nameAt, int offset, int size)
    {
        var header = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(header, nameAt);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), offset);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), size);
        return header;
    }

    private static void WriteHeader(byte[] bytes, int tableAt, int sections)
    {
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), tableAt);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(58), 64);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(60), (short)sections);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(62), (short)(sections - 1));
    }
}
