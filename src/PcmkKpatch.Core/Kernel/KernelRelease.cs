using System.Globalization;

namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// A kernel's release, as uname -r prints it, taken apart so that two can be compared: 5.14.0-362.8.1.el9_3.x86_64 is the numbers 5 14 0 362 8 1, and what
/// comes behind them.
/// </summary>
public sealed class KernelRelease
{
    private const int LongestNumber = 9;
    private readonly IReadOnlyList<int> _numbers;

    private KernelRelease(IReadOnlyList<int> numbers, string rest) => (_numbers, Rest) = (numbers, rest);

    /// <summary>What comes behind the numbers: ".el9_3.x86_64", "-amd64".</summary>
    public string Rest { get; }

    /// <summary>Of what kind it is: kernels of one kind can take each other's place. The letters of what comes behind the numbers.</summary>
    public string Kind => string.Concat(Rest.Where(char.IsAsciiLetter));

    /// <summary>The architecture, where it stands last, as in Red Hat's releases; with what a variant of the kernel adds to it, such as "+rt".</summary>
    public string Architecture => Rest[(Rest.LastIndexOf('.') + 1)..];

    /// <summary>Takes a release apart; null where it does not begin with a number.</summary>
    public static KernelRelease? Parse(string text)
    {
        var numbers = new List<int>();
        var at = 0;
        while (true)
        {
            var digits = text.AsSpan(at).IndexOfAnyExceptInRange('0', '9') is >= 0 and var length ? length : text.Length - at;
            if (digits is 0 or > LongestNumber)
                return null;
            numbers.Add(int.Parse(text.AsSpan(at, digits), NumberStyles.None, CultureInfo.InvariantCulture));
            at += digits;
            if (at + 1 >= text.Length || text[at] is not ('.' or '-') || !char.IsAsciiDigit(text[at + 1]))
                return new KernelRelease(numbers, text[at..]);
            at++;
        }
    }

    /// <summary>It is of that distribution's release: "el9" for ".el9.x86_64" and ".el9_3.x86_64".</summary>
    public bool IsOf(string distribution) =>
        Rest.StartsWith($".{distribution}", StringComparison.Ordinal) && (Rest.Length == distribution.Length + 1 || Rest[distribution.Length + 1] is '.' or '_');

    /// <summary>Its numbers are higher; what comes behind them does not count.</summary>
    public bool IsNewerThan(KernelRelease other)
    {
        foreach (var (ours, theirs) in _numbers.Zip(other._numbers))
        {
            if (ours != theirs)
                return ours > theirs;
        }

        return _numbers.Count > other._numbers.Count;
    }
}
