using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class ModuleReaderTests
{
    private const string Path = "/var/lib/kpatch/5.14.0-1/kpatch-1-1.ko";

    [Test]
    public void a_live_patch_is_known_without_loading_it() => Assert.That(
        Read(new ModuleFile().Bytes()),
        Is.EqualTo(new PatchChoice.Found(new PatchModule(Path, "kpatch_1_1", "abcd", "5.14.0-1", IsLivePatch: true))));

    [TestCase("vermagic=5.14.0-1 SMP\0", false, TestName = "livepatch is not said")]
    [TestCase("livepatch=N\0vermagic=5.14.0-1\0", false, TestName = "livepatch=N")]
    [TestCase("livepatch=y\0vermagic=5.14.0-1\0", false, TestName = "livepatch=y, which the kernel does not write")]
    [TestCase("vermagic=5.14.0-1\0livepatch=Y\0livepatch=N\0", true, TestName = "the first livepatch counts")]
    public void a_module_that_is_no_live_patch_is_told_from_one(string info, bool livePatch) =>
        Assert.That(Module(Read(new ModuleFile { Info = info }.Bytes())).IsLivePatch, Is.EqualTo(livePatch));

    [Test]
    public void a_module_without_its_name_inside_takes_it_from_the_file() =>
        Assert.That(Module(Read(new ModuleFile { Info = "vermagic=5.14.0-1\0" }.Bytes())).Name, Is.EqualTo("kpatch_1_1"));

    [TestCase("name=other\0vermagic=5.14.0-1\0", "patch.name")]
    [TestCase("name=kpatch_1_1\0", "patch.no-vermagic")]
    [TestCase("vermagic=\0", "patch.no-vermagic")]
    [TestCase("vermagic= SMP\0", "patch.no-vermagic")]
    [TestCase("", "patch.no-vermagic")]
    [TestCase("=\0===\0vermagic\0", "patch.no-vermagic")]
    public void what_its_modinfo_lacks_is_said(string info, string id) => Expect(id, new ModuleFile { Info = info }.Bytes());

    [Test]
    public void a_file_without_modinfo_is_no_module() => Expect("patch.not-module", new ModuleFile { Info = null }.Bytes());

    [Test]
    public void a_module_without_a_build_id_is_not_loaded() => Expect("patch.no-build-id", new ModuleFile { Notes = null }.Bytes());

    [Test]
    public void notes_that_hold_no_build_id_are_as_none()
    {
        Expect("patch.no-build-id", new ModuleFile { Notes = ModuleFile.NoteOf("GNU\0", 4, [1]) }.Bytes());
        Expect("patch.no-build-id", new ModuleFile { Notes = ModuleFile.NoteOf("Xen\0", 3, [1]) }.Bytes());
        Expect("patch.no-build-id", new ModuleFile { Notes = ModuleFile.NoteOf("GNU\0", 3, []) }.Bytes());
        Expect("patch.no-build-id", new ModuleFile { Notes = ModuleFile.BuildIdNote([1, 2, 3, 4])[..^1] }.Bytes());
    }

    [Test]
    public void a_build_id_behind_other_notes_is_found()
    {
        byte[] notes = [.. ModuleFile.NoteOf("Linux\0", 1, [9, 9, 9]), .. ModuleFile.NoteOf("", 7, []), .. ModuleFile.BuildIdNote([0x01, 0xFE])];

        Assert.That(ModuleReader.BuildIdIn(notes), Is.EqualTo("01fe"));
    }

    [TestCase(new byte[] { 0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0 }, "xz")]
    [TestCase(new byte[] { 0x1F, 0x8B, 8, 0, 0, 0 }, "gzip")]
    [TestCase(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0, 0 }, "zstd")]
    public void a_compressed_module_is_told_from_a_damaged_one(byte[] magic, string by) =>
        Assert.That(Expect("patch.compressed", [.. magic, .. new byte[100]]), Does.Contain(by));

    [TestCase(4, 1, TestName = "a module of 32 bits")]
    [TestCase(5, 2, TestName = "a module of the other byte order")]
    public void a_module_for_another_kind_of_machine_is_refused(int at, byte value)
    {
        var bytes = new ModuleFile().Bytes();
        bytes[at] = value;
        Expect("patch.not-elf", bytes);
    }

    [Test]
    public void what_is_no_module_at_all_is_refused()
    {
        Expect("patch.not-elf", Encoding.ASCII.GetBytes("#!/bin/sh\necho\n"));
        Expect("patch.damaged", []);
        Expect("patch.damaged", [0x7F]);
        Expect("patch.not-elf", new byte[100]);
    }

    [Test]
    public void a_module_cut_off_at_any_byte_is_refused()
    {
        var bytes = new ModuleFile().Bytes();
        for (var length = 0; length < bytes.Length; length++)
            Assert.That(Read(bytes[..length]), Is.InstanceOf<PatchChoice.Unusable>(), $"cut off after {length} bytes");
    }

    // Offset and size in the section table's first real entry (.modinfo), and the fields of the header.
    [TestCase(40, long.MaxValue)]
    [TestCase(40, long.MinValue)]
    [TestCase(40, -1L)]
    [TestCase(40, int.MaxValue)]
    public void a_table_that_lies_elsewhere_is_refused(int at, long value)
    {
        var bytes = new ModuleFile().Bytes();
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        Expect("patch.damaged", bytes);
    }

    [TestCase(24, long.MaxValue)]
    [TestCase(24, -8L)]
    [TestCase(32, long.MaxValue)]
    [TestCase(32, -1L)]
    [TestCase(32, (1L << 20) + 1)]
    [TestCase(32, 1L << 20)]
    public void a_section_of_a_hostile_size_or_place_is_refused(int field, long value)
    {
        var bytes = new ModuleFile().Bytes();
        var table = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(table + 64 + field), value);
        Expect("patch.damaged", bytes);
    }

    [TestCase(58, (ushort)63, TestName = "entries of another size")]
    [TestCase(60, (ushort)0, TestName = "no sections")]
    [TestCase(60, ushort.MaxValue, TestName = "more sections than any module has")]
    [TestCase(62, (ushort)99, TestName = "a name table that is not there")]
    public void a_section_table_that_makes_no_sense_is_refused(int at, ushort value)
    {
        var bytes = new ModuleFile().Bytes();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);
        Expect("patch.damaged", bytes);
    }

    [Test]
    public void a_section_name_outside_of_the_name_table_is_refused()
    {
        var bytes = new ModuleFile().Bytes();
        var table = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(table + 64), uint.MaxValue);
        Expect("patch.damaged", bytes);
    }

    [Test]
    public void no_notes_make_it_throw()
    {
        var random = new Random(2);
        for (var i = 0; i < 30_000; i++)
        {
            var notes = new byte[random.Next(40)];
            random.NextBytes(notes);
            // Sizes that are small enough to matter, and now and then one that is not.
            for (var at = 0; at + 4 <= notes.Length; at += 4)
            {
                if (random.Next(8) != 0)
                    BinaryPrimitives.WriteInt32LittleEndian(notes.AsSpan(at), random.Next(-2, 20));
            }

            Assert.That(() => ModuleReader.BuildIdIn(notes), Throws.Nothing, () => Convert.ToHexString(notes));
        }
    }

    private static PatchChoice Read(byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        return ModuleReader.Read(file, Path);
    }

    private static PatchModule Module(PatchChoice choice) => ((PatchChoice.Found)choice).Module;

    private static string Expect(string id, byte[] bytes)
    {
        var choice = Read(bytes);
        Assert.That((choice as PatchChoice.Unusable)?.Why.Id, Is.EqualTo(id), choice.ToString());
        return ((PatchChoice.Unusable)choice).Why.Why;
    }
}
