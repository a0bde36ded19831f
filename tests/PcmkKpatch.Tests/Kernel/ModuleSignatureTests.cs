using System.Formats.Asn1;
using System.Text;
using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class ModuleSignatureTests
{
    private static readonly byte[] s_whole = new ModuleFile { Behind = new SignatureFile().Bytes() }.Bytes();

    [Test]
    public void the_signer_is_the_common_name_of_the_issuer()
    {
        Expect("Vendor live patch key", "66:F5:4E", new SignatureFile());
        Expect("Vendor live patch key", "66:F5:4E", new SignatureFile { WithCertificates = true });
        Expect("first", "66:F5:4E", new SignatureFile { Names = ["first", "second"] });
    }

    [Test]
    public void of_several_signers_the_first_is_shown() => Expect("Vendor live patch key", "66:F5:4E", new SignatureFile { Signers = 2 });

    [Test]
    public void a_signer_without_a_name_is_shown_by_its_key()
    {
        Expect("66:F5:4E", "66:F5:4E", new SignatureFile { Names = [] });
        Expect("66:F5:4E", "66:F5:4E", new SignatureFile { Names = [""] });
        Expect("66:F5:4E", "66:F5:4E", new SignatureFile { NameKind = UniversalTagNumber.Integer });
        Expect("0A:FF", "0A:FF", new SignatureFile { KeyId = [0x0A, 0xFF] });
        Expect("unknown", "unknown", new SignatureFile { KeyId = [] });
    }

    [Test]
    public void the_zero_that_keeps_a_number_positive_is_not_shown()
    {
        Expect("Vendor live patch key", "FF:01", new SignatureFile { Number = [0xFF, 0x01] });
        Expect("Vendor live patch key", "00", new SignatureFile { Number = [0] });
    }

    [TestCase(UniversalTagNumber.PrintableString)]
    [TestCase(UniversalTagNumber.IA5String)]
    [TestCase(UniversalTagNumber.T61String)]
    [TestCase(UniversalTagNumber.BMPString)]
    public void names_in_older_encodings_are_read(UniversalTagNumber kind) =>
        Expect("Vendor key", "66:F5:4E", new SignatureFile { NameKind = kind, Names = ["Vendor key"] });

    [Test]
    public void a_name_that_would_upset_a_terminal_is_made_plain()
    {
        Expect("?[31mred?", "66:F5:4E", new SignatureFile { Names = ["\u001b[31mred\u202E"] });
        Expect(new string('x', 128), "66:F5:4E", new SignatureFile { Names = [new string('x', 10_000)] });
    }

    [Test]
    public void an_unsigned_module_has_no_signer() => Assert.That(Module(new ModuleFile().Bytes()).Signer, Is.Null);

    [Test]
    public void a_signature_upon_a_signature_is_read_as_the_kernel_does()
    {
        byte[] both = [.. new SignatureFile { Names = ["inner"] }.Bytes(), .. new SignatureFile { Names = ["outer"] }.Bytes()];
        Assert.That(Module(new ModuleFile { Behind = both }.Bytes()).Signer, Is.EqualTo("outer"));
    }

    // Cut off inside of the signature it is not taken for an unsigned module: the vendor's patch must not be loaded without a signature.
    [Test]
    public void a_signed_module_cut_off_at_any_byte_is_refused()
    {
        var unsigned = new ModuleFile().Bytes().Length;
        for (var length = unsigned + 1; length < s_whole.Length; length++)
            Assert.That(Damage(s_whole[..length]), Does.Contain("signature").Or.Contain("cut off"), $"cut off after {length} bytes");
    }

    [TestCase(0, "of a kind that kernels do not take", TestName = "an algorithm, which PKCS#7 has inside")]
    [TestCase(1, "of a kind that kernels do not take", TestName = "a hash, which PKCS#7 has inside")]
    [TestCase(2, "of a kind that kernels do not take", TestName = "another kind of message")]
    [TestCase(3, "of a kind that kernels do not take", TestName = "a name beside the message")]
    [TestCase(4, "of a kind that kernels do not take", TestName = "a key id beside the message")]
    [TestCase(7, "of a kind that kernels do not take", TestName = "something where nothing is")]
    [TestCase(8, "a length that cannot be", TestName = "a length of gigabytes")]
    [TestCase(10, "a length that cannot be", TestName = "a length that reaches into the module")]
    public void a_trailer_that_no_kernel_takes_is_told(int at, string why)
    {
        var bytes = (byte[])s_whole.Clone();
        bytes[^(40 - at)] = 0xFF;
        Assert.That(Damage(bytes), Does.Contain(why));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void a_message_of_another_length_than_its_trailer_says_is_told(int less)
    {
        var message = new SignatureFile().Message();
        byte[] longer = [.. message, 0];
        Assert.That(Damage(new ModuleFile { Behind = SignatureFile.Trailed(longer, longer.Length - (2 * less)) }.Bytes()), Does.Contain("signature"));
    }

    [Test]
    public void a_message_that_is_no_signature_is_told()
    {
        Assert.That(Damage(Signed(new SignatureFile { ContentKind = "1.2.840.113549.1.7.3" }.Message())), Does.Contain("its signature is none"));
        Assert.That(Damage(Signed(new SignatureFile { Signers = 0 }.Message())), Does.Contain("its signature is damaged"));
        Assert.That(Damage(Signed([])), Does.Contain("its signature is damaged"));
        Assert.That(Damage(Signed(Encoding.ASCII.GetBytes("hello"))), Does.Contain("its signature is damaged"));
    }

    [Test]
    public void what_follows_a_module_and_is_no_signature_is_told()
    {
        Assert.That(Damage(new ModuleFile { Behind = [0] }.Bytes()), Does.Contain("no whole signature"));
        Assert.That(Damage(new ModuleFile { Behind = new byte[100_000] }.Bytes()), Does.Contain("no whole signature"));
    }

    [Test]
    public void what_it_says_of_itself_is_given_even_where_it_cannot_be_used()
    {
        using var file = new MemoryStream(new ModuleFile { Info = "depends=a,b\0depends=c\0unknown=x\0", Notes = null, Behind = new SignatureFile().Bytes() }.Bytes());
        Assert.That(ModuleReader.Read(file, "/x.ko", out var content), Is.InstanceOf<PatchChoice.Unusable>());
        Assert.That(content!.Info, Is.EqualTo(new Dictionary<string, string> { ["depends"] = "a,b" }));
        Assert.That((content.BuildId, content.Signature), Is.EqualTo(((string?)null, new ModuleSignature("Vendor live patch key", "66:F5:4E"))));
    }

    private static void Expect(string signer, string key, SignatureFile signature)
    {
        using var file = new MemoryStream(Signed(signature.Message()));
        var choice = ModuleReader.Read(file, "/x/kpatch-1-1.ko", out var content);
        Assert.That(choice, Is.InstanceOf<PatchChoice.Found>());
        Assert.That(content!.Signature, Is.EqualTo(new ModuleSignature(signer, key)));
        Assert.That(((PatchChoice.Found)choice).Module.Signer, Is.EqualTo(signer));
    }

    private static byte[] Signed(byte[] message) => new ModuleFile { Behind = SignatureFile.Trailed(message) }.Bytes();

    private static PatchModule Module(byte[] bytes) => ((PatchChoice.Found)Read(bytes)).Module;

    private static string Damage(byte[] bytes)
    {
        var choice = Read(bytes);
        Assert.That((choice as PatchChoice.Unusable)?.Why.Id, Is.EqualTo("patch.damaged"), choice.ToString());
        return ((PatchChoice.Unusable)choice).Why.Why;
    }

    private static PatchChoice Read(byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        return ModuleReader.Read(file, "/x/kpatch-1-1.ko");
    }
}
