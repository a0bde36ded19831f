using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class KprobeTests
{
    [Test]
    public void the_kernels_list_is_read() => Assert.That(
        Kprobe.List(
            """
            ffffffff81a0b2c3  k  vfs_read+0x0    [FTRACE]
            ffffffff81a0b2d4  r  vfs_write+0x4    [OPTIMIZED]
            ffffffffc00b2d40  k  ext4_sync_file+0x10  ext4
            ffffffff81a0b2e5  k  vfs_open+0x0    [DISABLED][FTRACE]
            0000000000000000  k  gone_function+0x0  gone [GONE]

            """),
        Is.EqualTo((Kprobe[])[new("vfs_read", true), new("vfs_write", true), new("ext4_sync_file", false)]));

    [TestCase("p:kprobes/mine vfs_read+0")]
    [TestCase("ffffffff81a0b2c3 k")]
    [TestCase("ffffffff81a0b2c3 z vfs_read+0x0")]
    [TestCase("xyz k vfs_read+0x0")]
    public void a_list_of_another_form_is_not_taken_for_an_empty_one(string line) =>
        Assert.That(() => Kprobe.List(line), Throws.InstanceOf<FormatException>());

    // Entries of 56 bytes, as of today, and of 48, as they were.
    [TestCase(56)]
    [TestCase(48)]
    public void the_functions_that_a_patch_replaces_are_read_from_its_file(int entry) =>
        Assert.That(Read(Listed(entry, ["vfs_read", "vfs_open"])), Is.EqualTo((string[])["vfs_open", "vfs_read"]));

    [Test]
    public void a_module_of_another_build_does_not_say() => Assert.That(Unknown(new ModuleFile()), Is.EqualTo("it was not built by kpatch-build"));

    [Test]
    public void a_list_that_makes_no_sense_is_unknown()
    {
        var good = Listed(56, ["vfs_read"]).More;
        string Changed(string section, Func<byte[], byte[]> change) => Unknown(new ModuleFile { More = [.. good.Select(s => s.Name == section ? (s.Name, change(s.Content)) : s)] });
        Assert.That(Changed(".rela.kpatch.funcs", bytes => bytes[..^24]), Does.Contain("its relocations do not fit its entries"));
        Assert.That(Changed(".rela.kpatch.funcs", _ => []), Does.Contain("do not fit"));
        Assert.That(Changed(".kpatch.strings", bytes => new byte[bytes.Length]), Does.Contain("a name does not end, or is empty"));
        Assert.That(Changed(".kpatch.strings", bytes => bytes[..1]), Does.Contain("a name"));
        Assert.That(Changed(".rela.kpatch.funcs", bytes => At(bytes, 24 + 16, -1)), Does.Contain("a name lies outside of its strings"));
        Assert.That(Changed(".rela.kpatch.funcs", bytes => At(bytes, 24, 56)), Does.Contain("one of its relocations lies outside of its entries"));
        Assert.That(Changed(".rela.kpatch.funcs", bytes => At(bytes, 24, 8)), Does.Contain("it names none"));
    }

    [Test]
    public void a_file_cut_off_at_any_byte_is_unknown()
    {
        var bytes = Listed(56, ["vfs_read"]).Bytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            using var file = new MemoryStream(bytes[..length]);
            Assert.That(ModuleFunctions.Read(file).Unknown, Is.Not.Null, $"cut off after {length} bytes");
        }
    }

    private static ModuleFile Listed(int entry, string[] functions)
    {
        var strings = "vmlinux\0";
        var relocations = new byte[functions.Length * 3 * 24];
        for (var i = 0; i < functions.Length; i++)
        {
            var at = relocations.AsSpan(i * 3 * 24);
            (int Offset, int Addend)[] three = [(0, 0), (entry - 16, strings.Length), (entry - 8, 0)];
            foreach (var (offset, addend) in three)
            {
                BinaryPrimitives.WriteInt64LittleEndian(at, (i * entry) + offset);
                BinaryPrimitives.WriteInt64LittleEndian(at[16..], addend);
                at = at[24..];
            }

            strings += functions[i] + "\0";
        }

        return new ModuleFile { More = [(".kpatch.funcs", new byte[entry * functions.Length]), (".rela.kpatch.funcs", relocations), (".kpatch.strings", Encoding.ASCII.GetBytes(strings))] };
    }

    private static byte[] At(byte[] bytes, int offset, long value)
    {
        byte[] copy = [.. bytes];
        BinaryPrimitives.WriteInt64LittleEndian(copy.AsSpan(offset), value);
        return copy;
    }

    private static IReadOnlyList<string>? Read(ModuleFile module)
    {
        using var file = new MemoryStream(module.Bytes());
        return ModuleFunctions.Read(file).IsKnown(out var functions, out _) ? functions : null;
    }

    private static string Unknown(ModuleFile module)
    {
        using var file = new MemoryStream(module.Bytes());
        return ModuleFunctions.Read(file).Unknown ?? "";
    }
}
