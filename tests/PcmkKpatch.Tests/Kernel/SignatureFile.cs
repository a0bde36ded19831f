using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Text;

namespace PcmkKpatch.Tests.Kernel;

/// <summary>Builds what follows after a signed module: a PKCS#7 message as the kernel's sign-file makes it, and the trailer. It signs nothing: nobody here checks.</summary>
internal sealed class SignatureFile
{
    private const string SignedData = "1.2.840.113549.1.7.2", Data = "1.2.840.113549.1.7.1", Sha256 = "2.16.840.1.101.3.4.2.1", Rsa = "1.2.840.113549.1.1.1", CommonName = "2.5.4.3", Organization = "2.5.4.10";

    /// <summary>The common names of the issuer, in their order.</summary>
    public string[] Names { get; set; } = ["Vendor live patch key"];

    public UniversalTagNumber NameKind { get; set; } = UniversalTagNumber.UTF8String;

    public byte[] Number { get; set; } = [0x66, 0xF5, 0x4E];

    /// <summary>The signer is named by the id of its key, not by its certificate.</summary>
    public byte[]? KeyId { get; set; }

    public int Signers { get; set; } = 1;

    public bool WithCertificates { get; set; }

    public string ContentKind { get; set; } = SignedData;

    public byte[] Bytes() => Trailed(Message());

    /// <summary>A message with its trailer.</summary>
    public static byte[] Trailed(byte[] message, int? length = null, byte kind = 2)
    {
        byte[] trailer = [0, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(trailer.AsSpan(8), length ?? message.Length);
        return [.. message, .. trailer, .. Encoding.ASCII.GetBytes("~Module signature appended~\n")];
    }

    public byte[] Message()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(ContentKind);
            using (writer.PushSequence(Context(0)))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                using (writer.PushSetOf())
                    WriteAlgorithm(writer, Sha256);
                using (writer.PushSequence())
                    writer.WriteObjectIdentifier(Data);
                if (WithCertificates)
                {
                    using (writer.PushSequence(Context(0)))
                        writer.WriteNull();
                    using (writer.PushSequence(Context(1)))
                        writer.WriteNull();
                }

                using (writer.PushSetOf())
                {
                    for (var i = 0; i < Signers; i++)
                        WriteSigner(writer);
                }
            }
        }

        return writer.Encode();
    }

    private static Asn1Tag Context(int tag) => new(TagClass.ContextSpecific, tag, isConstructed: true);

    private static void WriteAlgorithm(AsnWriter writer, string id)
    {
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(id);
    }

    private void WriteSigner(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            if (KeyId is not null)
            {
                writer.WriteOctetString(KeyId, new Asn1Tag(TagClass.ContextSpecific, 0));
            }
            else
            {
                using (writer.PushSequence())
                {
                    WriteIssuer(writer);
                    writer.WriteIntegerUnsigned(Number);
                }
            }

            WriteAlgorithm(writer, Sha256);
            WriteAlgorithm(writer, Rsa);
            writer.WriteOctetString(new byte[32]);
        }
    }

    private void WriteIssuer(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            WriteName(writer, Organization, UniversalTagNumber.UTF8String, "Vendor");
            foreach (var name in Names)
                WriteName(writer, CommonName, NameKind, name);
        }
    }

    private static void WriteName(AsnWriter writer, string kind, UniversalTagNumber encoding, string name)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(kind);
            if (encoding == UniversalTagNumber.Integer)
                writer.WriteInteger(name.Length);
            else
                writer.WriteCharacterString(encoding, name);
        }
    }
}
