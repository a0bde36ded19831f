using System.Diagnostics.CodeAnalysis;

namespace PcmkKpatch.Core;

/// <summary>Something that was looked at: what it is, or why that is not known. A fact that is missing is never taken for a good one.</summary>
/// <typeparam name="T">What it is.</typeparam>
public sealed record Fact<T>
{
    private readonly T? _value;

    internal Fact(T? value, string? unknown) => (_value, Unknown) = (value, unknown);

    /// <summary>Why it is not known; null where it is.</summary>
    public string? Unknown { get; }

    /// <summary>Gives what it is, or why that is not known.</summary>
    public bool IsKnown([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? unknown)
    {
        (value, unknown) = (_value, Unknown);
        return unknown is null;
    }
}

/// <summary>Makes facts.</summary>
public static class Fact
{
    /// <summary>It is this.</summary>
    public static Fact<T> Known<T>(T value) => new(value, null);

    /// <summary>It is not known, for this reason.</summary>
    public static Fact<T> Unknown<T>(string why) => new(default, why);
}
