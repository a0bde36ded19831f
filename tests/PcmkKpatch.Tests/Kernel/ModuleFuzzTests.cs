using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

/// <summary>
/// Modules of which anything may be wrong. The mutations are drawn from fixed seeds: what fails once fails again, and is printed whole.
/// The seeds of the corpus are built here; a file that ever broke the reader is added to Corpus as it was.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class ModuleFuzzTests
{
    private const string Path = "/x/kpatch-1-1.ko";
    private const long MostMemory = 8 << 20;
    private static readonly long[] s_extremes =
        [0, -1, 0x80, 0xFF00, int.MaxValue, (1L << 20) + 1, long.MaxValue, long.MinValue, long.MaxValue - 63];

    private static IEnumerable<TestCaseData> Corpus() =>
    [
        Seed("an unsigned patch", new ModuleFile()),
        Seed("a signed patch", new ModuleFile { Behind = new SignatureFile().Bytes() }),
        Seed("a patch signed by a key id", new ModuleFile { Behind = new SignatureFile { KeyId = [1, 2, 3], WithCertificates = true }.Bytes() }),
        Seed("a patch with older encodings in its signature", new ModuleFile { Behind = new SignatureFile { NameKind = System.Formats.Asn1.UniversalTagNumber.BMPString }.Bytes() }),
        Seed("a patch with several notes", new ModuleFile { Notes = [.. ModuleFile.NoteOf("Linux\0", 1, [9]), .. ModuleFile.BuildIdNote(new byte[20])] }),
        Seed("no patch but a module", new ModuleFile { Info = "license=GPL\0depends=\0name=kpatch_1_1\0vermagic=6.1 SMP\0" }),
        Seed("a module of nothing", new ModuleFile { Info = "", Notes = [] }),
        Seed("no module", new ModuleFile { Info = null, Notes = null }),
        Seed("the largest section table", new ModuleFile { EmptySections = 0xFEF0 }),
        Seed("the largest modinfo", new ModuleFile { Info = string.Concat(Enumerable.Repeat("alias=x\0", 1 << 17)) }),
    ];

    private static IEnumerable<TestCaseData> Small() => Corpus().Where(seed => ((byte[])seed.Arguments[0]!).Length < 2000);

    [TestCaseSource(nameof(Corpus))]
    public void a_seed_is_read_within_bounds(byte[] seed) => Read(seed);

    [TestCaseSource(nameof(Small))]
    public void cut_off_at_any_byte_it_is_never_taken_for_a_whole_one(byte[] seed)
    {
        var whole = Read(seed);
        for (var length = 0; length < seed.Length; length++)
        {
            var found = Read(seed[..length]) as PatchChoice.Found;
            // What is left may be a whole module that lost its signature to the byte: it is unsigned then, and told as such.
            Assert.That(found is null || (whole is PatchChoice.Found { Module.Signer: not null } && found.Module.Signer is null), $"cut off after {length} bytes");
        }
    }

    [TestCaseSource(nameof(Small))]
    public void extremes_in_every_field_do_no_harm(byte[] seed)
    {
        var bytes = (byte[])seed.Clone();
        foreach (var width in (int[])[4, 8])
        {
            var values = Extremes(width);
            for (var at = 0; at + width <= bytes.Length; at += width)
            {
                foreach (var value in values)
                {
                    value.CopyTo(bytes.AsSpan(at));
                    Read(bytes);
                }

                seed.AsSpan(at, width).CopyTo(bytes.AsSpan(at));
            }
        }
    }

    [TestCaseSource(nameof(Small))]
    public void every_flipped_bit_does_no_harm(byte[] seed)
    {
        for (var bit = 0; bit < seed.Length * 8; bit++)
        {
            var bytes = (byte[])seed.Clone();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Read(bytes);
        }
    }

    [TestCaseSource(nameof(Small))]
    public void mutations_upon_mutations_do_no_harm(byte[] seed)
    {
        var random = new Random(seed.Length);
        var bytes = (byte[])seed.Clone();
        for (var i = 0; i < 3000; i++)
        {
            // From time to time from the start: what is wrong in many places is refused at the first.
            if (i % 6 == 0)
                bytes = (byte[])seed.Clone();
            bytes = Mutate(bytes, random);
            Read(bytes);
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length);
        var length = random.Next(1, Math.Min(64, bytes.Length - at) + 1);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 1:
                random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
            case 2:
                return bytes.Length - length > 16 ? [.. bytes[..at], .. bytes[(at + length)..]] : bytes;
            case 3:
                return bytes.Length < 4000 ? [.. bytes[..(at + length)], .. bytes[at..]] : bytes;
            case 4:
                bytes.AsSpan(at, length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length + 1)));
                return bytes;
            default:
                var values = Extremes(1 << random.Next(4));
                var value = values[random.Next(values.Count)];
                if (at + value.Length <= bytes.Length)
                    value.CopyTo(bytes.AsSpan(at));
                return bytes;
        }
    }

    // Little end first, as in the module, and big end first, as in its signature.
    private static List<byte[]> Extremes(int width) =>
        [.. s_extremes.Select(value => BitConverter.GetBytes(value)[..width]).SelectMany(bytes => (byte[][])[bytes, [.. bytes.Reverse()]]).DistinctBy(Convert.ToHexString)];

    // The three demands: it answers, within bounds, and what it finds is usable as it is.
    private static PatchChoice Read(byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        PatchChoice choice;
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            choice = ModuleReader.Read(file, Path);
        }
        catch (Exception e)
        {
            throw new AssertionException($"{e.GetType().Name}: {e.Message}: {Convert.ToHexString(bytes)}", e);
        }

        var used = GC.GetAllocatedBytesForCurrentThread() - before;
        if (used > MostMemory)
            Assert.Fail($"{used} bytes of memory: {Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 4000)))}");
        if (choice is PatchChoice.Found { Module: var module } && !IsUsable(module))
            Assert.Fail($"{module}: {Convert.ToHexString(bytes)}");
        if (choice is PatchChoice.Unusable { Why: var why } && (why.Why.Any(char.IsControl) || why.Why.Length > 500))
            Assert.Fail($"{why.Why}: {Convert.ToHexString(bytes)}");
        return choice;
    }

    private static bool IsUsable(PatchModule module) =>
        module.Name == "kpatch_1_1" && module.BuildId.Length is >= 2 and <= 64 && module.BuildId.All(char.IsAsciiHexDigitLower) && module.BuildId.Length % 2 == 0
        && module.Release.Length is > 0 and <= 256 && !module.Release.Any(char.IsControl) && module.Signer is null or { Length: > 0 and <= 128 };

    private static TestCaseData Seed(string name, ModuleFile module) => new TestCaseData(module.Bytes()).SetArgDisplayNames(name);
}
