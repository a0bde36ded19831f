namespace PcmkKpatch.Empty;

/// <summary>Does nothing: what any native program costs before its first line.</summary>
internal static class Program
{
    private static int Main() => 0;
}
