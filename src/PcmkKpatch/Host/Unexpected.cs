using PcmkKpatch.Core.Notices;

namespace PcmkKpatch.Host;

/// <summary>
/// What this program never thought of. A person gets a line and what to do; where in the program it was is for its authors, and stands in the journal's entry as a field that is not
/// shown by itself.
/// </summary>
internal static class Unexpected
{
    /// <summary>What is told of it.</summary>
    public static string Line(Exception error) => $"an error of this program: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Tell its authors of it, with the archive that this makes: pcmk-kpatch collect";

    /// <summary>Notes where it was. True, so that a filter of exceptions can ask for it: by then nothing is unwound.</summary>
    public static bool Note(Exception error)
    {
        _ = JournalEntries.Write(Line(error), Weight.Error, notice: null, trace: error.ToString());
        return true;
    }
}
