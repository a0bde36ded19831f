using System.Globalization;
using System.Text.Json;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>
/// The real journald, in mounts of the test's own: what it gets goes into that /run, and is gone with it. To be made inside of <see cref="MountNamespace"/>, with layers over
/// <see cref="Folders"/>.
/// </summary>
internal sealed class RealJournal : IDisposable
{
    /// <summary>Starts journald in the background of a script, and waits until it listens; its process is $journald.</summary>
    public const string Begin =
        """
        mkdir -p /run/systemd/journal
        /usr/lib/systemd/systemd-journald >/dev/null 2>&1 </dev/null & journald=$!
        tries=0
        until [ -S /run/systemd/journal/socket ]; do
            tries=$((tries + 1)); [ $tries -lt 600 ] || exit 99
            sleep 0.1
        done
        """;

    private readonly int _process;

    public RealJournal()
    {
        var begun = Shell.Script($"set -e\n{Begin}\necho $journald");
        Assert.That(begun.ExitCode, Is.Zero, begun.ToString());
        _process = int.Parse(begun.Output, CultureInfo.InvariantCulture);
    }

    /// <summary>What journald and the catalog write to.</summary>
    public static string[] Folders { get; } = ["/var/log", "/var/lib/systemd", "/usr/lib/systemd/catalog"];

    /// <summary>What journalctl says.</summary>
    public static string Says(params string[] arguments)
    {
        Shell.Run("journalctl", ["--sync"]);
        var answer = Shell.Run("journalctl", ["--no-pager", "--quiet", .. arguments]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        return answer.Output;
    }

    /// <summary>The entries of this program, with all that is in them.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Entries() =>
        [.. Says("--all", "--output=json", "--identifier=pcmk-kpatch").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.EnumerateObject().ToDictionary(field => field.Name, field => Text(field.Value)))];

    public void Dispose() => Shell.Script("kill \"$1\"", _process.ToString(CultureInfo.InvariantCulture));

    // What is no text comes as the list of its bytes.
    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
