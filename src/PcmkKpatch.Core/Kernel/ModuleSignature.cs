using System.Buffers.Binary;
using System.Formats.Asn1;

namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// The signature behind a module: who made it, by its own words. Whether it is good is for the kernel to say, which has the keys.
/// Layout: struct module_signature of the kernel's include/linux/module_signature.h, behind a PKCS#7 message (RFC 5652).
/// </summary>
/// <param name="Signer">The common name of who issued the signer's certificate, as modinfo shows it; the key's id where there is none.</param>
/// <param name="Key">The number of the signer's certificate, or the id of its key, as modinfo shows it.</param>
public sealed record ModuleSignature(string Signer, string Key)
{
    private const int TrailerSize = 12;
    private const int Largest = 1 << 16;
    private const byte Pkcs7 = 2;
    private const int LongestName = 128;
    private static readonly Asn1Tag s_explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_explicit1 = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag s_keyId = new(TagClass.ContextSpecific, 0);
    private static readonly UniversalTagNumber[] s_strings =
        [UniversalTagNumber.UTF8String, UniversalTagNumber.PrintableString, UniversalTagNumber.IA5String, UniversalTagNumber.T61String, UniversalTagNumber.BMPString];

    private static ReadOnlySpan<byte> Magic => "~Module signature appended~\n"u8;

    private static ReadOnlySpan<byte> SignedData => [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

    private static ReadOnlySpan<byte> CommonName => [0x06, 0x03, 0x55, 0x04, 0x03];

    /// <summary>Reads the signature, or null where the file bears none.</summary>
    /// <param name="file">The module.</param>
    /// <param name="length">The file's length.</param>
    /// <param name="end">Where the module itself ends.</param>
    /// <exception cref="InvalidDataException">Something is there, but no whole signature. The kernel takes no such module.</exception>
    internal static ModuleSignature? Read(Stream file, long length, long end)
    {
        if (length == end)
            return null;
        if (length - end < TrailerSize + Magic.Length)
            throw new InvalidDataException("what follows after its end is no whole signature");
        var tail = ElfFile.At(file, length - TrailerSize - Magic.Length, TrailerSize + Magic.Length);
        if (!tail.AsSpan(TrailerSize).SequenceEqual(Magic))
            throw new InvalidDataException("what follows after its end is no whole signature");

        // Algorithm, hash, kind, two lengths and three bytes of nothing: all but the kind are 0 for PKCS#7, the only kind since Linux 4.3.
        var size = BinaryPrimitives.ReadUInt32BigEndian(tail.AsSpan(8));
        if (tail[2] != Pkcs7 || tail.AsSpan(0, 2).IndexOfAnyExcept((byte)0) >= 0 || tail.AsSpan(3, 5).IndexOfAnyExcept((byte)0) >= 0)
            throw new InvalidDataException("its signature is of a kind that kernels do not take");
        var start = length - tail.Length - size;
        if (size > Largest || start < end)
            throw new InvalidDataException("its signature has a length that cannot be");
        try
        {
            return Parse(ElfFile.At(file, start, (int)size));
        }
        catch (AsnContentException e)
        {
            throw new InvalidDataException("its signature is damaged", e);
        }
    }

    private static ModuleSignature Parse(byte[] message)
    {
        var outer = new AsnReader(message, AsnEncodingRules.BER);
        var content = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!content.ReadEncodedValue().Span.SequenceEqual(SignedData))
            throw new InvalidDataException("its signature is none");
        var wrapped = content.ReadSequence(s_explicit0);
        content.ThrowIfNotEmpty();
        var data = wrapped.ReadSequence();
        data.ReadIntegerBytes();  // version
        data.ReadSetOf(skipSortOrderValidation: true);  // digest algorithms
        data.ReadSequence();  // what is signed: nothing that lies in here
        foreach (var optional in (ReadOnlySpan<Asn1Tag>)[s_explicit0, s_explicit1])  // certificates and revocations
        {
            if (data.HasData && data.PeekTag().HasSameClassAndValue(optional))
                data.ReadEncodedValue();
        }

        var signers = data.ReadSetOf(skipSortOrderValidation: true);
        data.ThrowIfNotEmpty();
        return SignerOf(signers.ReadSequence());
    }

    private static ModuleSignature SignerOf(AsnReader signer)
    {
        signer.ReadIntegerBytes();  // version
        if (signer.PeekTag().HasSameClassAndValue(s_keyId))
        {
            var id = Shown(signer.ReadOctetString(s_keyId));
            return new ModuleSignature(id, id);
        }

        var certificate = signer.ReadSequence();
        var name = CommonNameIn(certificate.ReadSequence());
        var number = Shown(certificate.ReadIntegerBytes().Span);
        return new ModuleSignature(string.IsNullOrWhiteSpace(name) ? number : name, number);
    }

    private static string? CommonNameIn(AsnReader issuer)
    {
        while (issuer.HasData)
        {
            var parts = issuer.ReadSetOf(skipSortOrderValidation: true);
            while (parts.HasData)
            {
                var part = parts.ReadSequence();
                if (part.ReadEncodedValue().Span.SequenceEqual(CommonName) && part.PeekTag() is { TagClass: TagClass.Universal } kind && s_strings.Contains((UniversalTagNumber)kind.TagValue))
                    return PlainText.Of(part.ReadCharacterString((UniversalTagNumber)kind.TagValue), LongestName);
            }
        }

        return null;
    }

    // Two digits a byte with colons between them; the zero that only keeps a number positive is not shown.
    private static string Shown(ReadOnlySpan<byte> number)
    {
        if (number.Length > 1 && number[0] == 0)
            number = number[1..];
        return number.IsEmpty ? "unknown" : PlainText.Of(BitConverter.ToString(number.ToArray()).Replace('-', ':'), LongestName);
    }
}
