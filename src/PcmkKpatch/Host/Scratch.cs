using System.Globalization;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>
/// A folder for root alone that is gone when it is disposed of, with all that is in it. What a process that was killed has left behind goes when
/// the next one is made, or with the next boot.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _folder;

    /// <summary>Makes the folder.</summary>
    /// <exception cref="ToolFailedException">It cannot be made.</exception>
    public Scratch()
    {
        _folder = $"{Paths.Scratch}{Environment.ProcessId}-{Guid.NewGuid():N}";
        try
        {
            RootOnly.Folder(Paths.Runtime);
            foreach (var left in Directory.GetDirectories(Paths.Runtime, Path.GetFileName(Paths.Scratch) + "*").Where(IsLeft))
                Remove(left);
            RootOnly.Folder(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(_folder, null, e.Message);
        }
    }

    /// <summary>The path of a file in here.</summary>
    public string At(string name) => Path.Combine(_folder, name);

    /// <summary>Removes the folder.</summary>
    /// <exception cref="ToolFailedException">It cannot be removed.</exception>
    public void Dispose() => Remove(_folder);

    // Another process may do the same at this moment.
    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(folder, null, e.Message);
        }
    }

    private static bool IsLeft(string folder) =>
        !int.TryParse(folder[Paths.Scratch.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process) || !Directory.Exists($"/proc/{process}");
}
