using System.Runtime.InteropServices;
using System.Text;

namespace PcmkKpatch.Host;

/// <summary>
/// A terminal's screen that is drawn over and over: on the other screen that terminals have, so that what was there comes back, and each time in one write, so
/// that nothing flickers. .NET's own Console is not asked: it would set the terminal up for itself.
/// </summary>
internal sealed partial class Screen : IDisposable
{
    // No line is wrapped, whatever the terminal takes for the width of a character.
    private const string Enter = "\e[?1049h\e[?25l\e[?7l\e[2J";
    private const string Leave = "\e[?7h\e[?25h\e[?1049l";

    // TIOCGWINSZ, of x86 and arm alike.
    private const nuint AskForSize = 0x5413;
    private bool _entered;

    private Screen()
    {
    }

    /// <summary>The screen; null where standard output is none on which a cursor can be moved.</summary>
    public static Screen? Open() => Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? null : new Screen();

    /// <summary>Lines may be coloured (no-color: the variable that is set and not empty).</summary>
    public static bool MayColour => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>How many columns and lines it has; 80 and 24 where it does not say.</summary>
    public static (int Width, int Height) Size() =>
        Ioctl(Posix.StandardOutput, AskForSize, out var size) == 0 && size is { Columns: > 0, Rows: > 0 } ? (size.Columns, size.Rows) : (80, 24);

    /// <summary>Draws all of it.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        Write((_entered ? "" : Enter) + "\e[H" + string.Join("\r\n", lines.Select(line => line + "\e[K")) + "\e[J");
        _entered = true;
    }

    /// <summary>Puts the terminal back as it was. What is drawn next goes on the other screen again.</summary>
    public void Restore()
    {
        if (_entered)
            Write(Leave);
        _entered = false;
    }

    /// <inheritdoc/>
    public void Dispose() => Restore();

    private static void Write(string text) => Posix.WriteToOutput(Encoding.UTF8.GetBytes(text));

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Ioctl(int fd, nuint request, out WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
