using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>Reads a table of its form.</summary>
internal delegate T? TableReader<T>(string text, out string? error)
    where T : class;

/// <summary>A table that an administrator has written.</summary>
internal static class OurTable
{
    /// <summary>Reads it.</summary>
    /// <returns>The table, or why it is none; null where there is no such file.</returns>
    public static Fact<T>? Read<T>(string path, TableReader<T> parse)
        where T : class
    {
        try
        {
            return parse(File.ReadAllText(path), out var error) is { } table ? Fact.Known(table) : Fact.Unknown<T>($"{path}: {error}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fact.Unknown<T>($"{path} cannot be read: {e.Message}");
        }
    }
}
