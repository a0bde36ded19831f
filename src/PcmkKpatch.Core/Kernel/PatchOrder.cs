using System.Numerics;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// Which of several patches is the newest. Cumulative patches of one kernel differ in their version and release numbers only
/// (kpatch-5_14_0-362_8_1-1-9.ko, …-1-10.ko), so numbers are compared as numbers: 10 comes after 9.
/// </summary>
public static class PatchOrder
{
    /// <summary>Compares the names of two patches of one family.</summary>
    /// <returns>Less than, equal to or greater than 0; null where they are not of one family, so that no order is known.</returns>
    public static int? Compare(string left, string right)
    {
        var (a, b) = (Words(left), Words(right));
        var numbers = 0;
        for (var i = 0; i < Math.Min(a.Count, b.Count); i++)
        {
            if (a[i] == b[i])
                continue;
            if (!char.IsAsciiDigit(a[i][0]) || !char.IsAsciiDigit(b[i][0]))
                return null;
            if (numbers == 0)
                numbers = BigInteger.Parse(a[i], null).CompareTo(BigInteger.Parse(b[i], null));
        }

        return numbers != 0 ? numbers : a.Count.CompareTo(b.Count);
    }

    /// <summary>The newest of the modules; the first one given wins between two of the same name.</summary>
    public static PatchChoice Newest(IReadOnlyList<PatchModule> modules, string where)
    {
        if (modules.Count == 0)
            return new PatchChoice.None(where);
        var newest = modules[0];
        foreach (var module in modules.Skip(1))
        {
            var order = Compare(module.Name, newest.Name);
            if (order is null)
                return new PatchChoice.Unusable(new Refusal("patch.ambiguous", $"{newest.Path} and {module.Path} are different patches: which one is meant?", "name one with the parameter patch=PATH, or remove the other"));
            if (order > 0)
                newest = module;
        }

        return new PatchChoice.Found(newest);
    }

    // Runs of digits and runs of anything else; - and _ are the same, because the kernel makes one of the other.
    private static List<string> Words(string name)
    {
        var words = new List<string>();
        var text = name.Replace('-', '_');
        for (int start = 0, i = 1; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsAsciiDigit(text[i]) == char.IsAsciiDigit(text[i - 1]))
                continue;
            words.Add(text[start..i]);
            start = i;
        }

        return words;
    }
}
