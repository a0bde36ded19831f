namespace PcmkKpatch.Report;

/// <summary>A label that has found its place.</summary>
/// <param name="Text">What it says.</param>
/// <param name="At">What it stands at, in percent of the width.</param>
/// <param name="Anchor">Which part of it stands there, in SVG's words: start, middle or end.</param>
internal sealed record Label(string Text, double At, string Anchor);

/// <summary>Labels in one row of a picture, none over another one nor over the edge: who comes first has its place.</summary>
/// <param name="pixels">So wide is the picture at least.</param>
internal sealed class LabelRow(double pixels)
{
    // Of the letters in which labels are set, which are all of one width; and the room between two.
    private const double Letter = 7.3;
    private const double Between = 8;
    private readonly List<(double From, double To)> _taken = [];

    /// <summary>The labels that have been placed.</summary>
    public List<Label> Placed { get; } = [];

    /// <summary>Places a label where there is room for it.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryPlace(string text, double at)
    {
        var width = ((text.Length * Letter) + Between) / pixels * 100;
        var (anchor, from) = at - (width / 2) < 0 ? ("start", at) : at + (width / 2) > 100 ? ("end", at - width) : ("middle", at - (width / 2));
        if (from < 0 || from + width > 100 + 1e-9 || _taken.Exists(other => from < other.To && other.From < from + width))
            return false;
        _taken.Add((from, from + width));
        Placed.Add(new(text, at, anchor));
        return true;
    }
}
