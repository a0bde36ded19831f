using System.Globalization;
using System.Text;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch collect [--output FILE]: one archive for a support case, with what this node knows of its runs, of the cluster and of its kernel, and without the secrets in that.
/// Changes nothing else. Whatever is down, the rest is collected.
/// </summary>
/// <param name="host">This machine.</param>
/// <param name="kernel">The running kernel.</param>
internal sealed class CollectVerb(IHost host, IKernel kernel)
{
    private const string DefaultFolder = "/var/tmp";
    private const int LongestFile = 4 * 1024 * 1024;
    private const int MostFiles = 200;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    // Each of them waits for several tools of its own.
    private static readonly TimeSpan s_verbDeadline = TimeSpan.FromSeconds(90);
    private static readonly string[] s_ours = [Paths.State, Paths.Runtime, Paths.Configuration];
    private static readonly string[] s_units =
        ["pcmk-kpatch-run.service", "pcmk-kpatch-resume.service", "pcmk-kpatch-probation.service", "kpatch.service", "pacemaker.service", "pacemaker_remote.service", "corosync.service", "sbd.service"];

    private readonly Secrets _secrets = new();
    private bool _secretsKnown;

    /// <summary>Collects. Returns 0 where the archive is there, whatever is missing in it.</summary>
    /// <param name="output">The file that is to be made; null for one with a name of its own.</param>
    public int Execute(string? output)
    {
        var (node, now) = (host.NameOfNode(), DateTimeOffset.UtcNow);
        var path = Path.GetFullPath(output ?? string.Create(CultureInfo.InvariantCulture, $"{DefaultFolder}/pcmk-kpatch-{FileName(node)}-{now:yyyyMMdd'T'HHmmss'Z'}.tar.gz"));
        if (Refusal(path) is { } refusal)
            return Print(Console.Error, $"pcmk-kpatch: {refusal}", 1);
        using (var archive = new Collection(path, now, _secrets))
        {
            Fill(archive);
            archive.End(string.Create(CultureInfo.InvariantCulture,
                $"pcmk-kpatch {ThisProgram.Version} collect on {PlainText.Of(node, 200)}, begun {now:yyyy-MM-dd HH:mm:ss} UTC, ended {DateTimeOffset.UtcNow:HH:mm:ss} UTC\n")
                + (_secretsKnown ? "Masked: the values of parameters that bear a secret's name, wherever they stand, and what looks like a secret.\n"
                    : "Masked: what looks like a secret. The CIB could not be read, so that the values of its parameters are not known: look through this before you give it away.\n"));
        }

        Print(Console.Out, path, 0);
        return Print(Console.Out, "What looks like a secret is masked in it. Look at it before you give it away; MANIFEST in it says what is missing, and why.", 0);
    }

    // Who could change the folder could put something else in the archive's place.
    private static string? Refusal(string path) =>
        Path.GetDirectoryName(path) is not { } folder || !Directory.Exists(folder) ? $"{path}: there is no such folder: name a file in one that is there, with --output"
        : RootOnly.Problem(folder) is { } problem ? $"{problem}: name a file in a folder of root's, with --output"
        : Path.Exists(path) || new FileInfo(path).LinkTarget is not null ? $"{path} is there already, and is not written over: name another file, with --output"
        : null;

    private void Fill(Collection archive)
    {
        // First, for what is a secret there is one everywhere.
        archive.Add("cluster/cib.xml", () => WithoutSecrets(new StringReader(Said("cibadmin", "--query"))));
        archive.Add("cluster/cib-on-disk.xml", () => WithoutSecrets(new StreamReader(CibOnDisk.Path)));
        archive.Add("cluster/crm_mon.txt", () => Said("crm_mon", "-1", "-n", "-A", "-f", "-r"));
        archive.Add("cluster/quorum.txt", () => Said("corosync-quorumtool", "-s"));
        archive.Add("cluster/links.txt", () => Said("corosync-cfgtool", "-s"));
        archive.Add("cluster/fences.txt", () => Said("stonith_admin", "--history", "*", "--verbose"));
        archive.Add("status.json", () => Ours("status", "--json"));
        archive.Add("check.json", () => Ours("check", "--json"));
        archive.Add("journal.txt", () => Said("journalctl", [.. Lines(20000), "--output=short-iso-precise", "--unit=pcmk-kpatch-*"]));
        archive.Add("notices.json", () => Said("journalctl",
            [.. Lines(10000), "--output=json", $"--output-fields={string.Join(',', JournalEntries.FieldNames.Prepend("MESSAGE").Prepend("PRIORITY"))}", "--identifier=pcmk-kpatch"]));
        archive.Add("units.txt", () => Said("systemctl", ["show", "--no-pager", "--property=Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,NRestarts,DropInPaths,NeedDaemonReload", .. s_units]));
        archive.Add("units-status.txt", () => Said("systemctl", "status", "--no-pager", "--full", "--lines=0", "pcmk-kpatch-*", "kpatch.service"));
        archive.Add("run.json", Journalled);
        foreach (var file in s_ours.SelectMany(Files).Where(file => file != Paths.Journal).Take(MostFiles))
            archive.Add($"files{file}", () => Content(file));
        Kernel(archive);
        archive.Add("versions.txt", Installed);
    }

    private void Kernel(Collection archive)
    {
        archive.Add("kernel/log.txt", () => Said("journalctl", [.. Lines(5000), "--dmesg", "--boot", "--output=short-monotonic", "--priority=warning"]));
        archive.Add("kernel/livepatch-log.txt", () => string.Join('\n', Said("journalctl", [.. Lines(20000), "--dmesg", "--boot", "--output=short-monotonic"]).Split('\n')
            .Where(line => line.Contains("livepatch", StringComparison.OrdinalIgnoreCase) || line.Contains("kpatch", StringComparison.OrdinalIgnoreCase))));
        archive.Add("kernel/livepatch.txt", () => string.Concat(Files("/sys/kernel/livepatch").Take(2000).Select(file => $"{file}: {Looked(file)}\n")));
        archive.Add("kernel/state.txt", () => $"release: {kernel.See().Release}\ntainted: {Looked("/proc/sys/kernel/tainted")}\nlockdown: {Looked("/sys/kernel/security/lockdown")}\ncommand line: {Looked("/proc/cmdline")}\n");
        archive.Add("kernel/modules.txt", () => Content("/proc/modules"));
        foreach (var module in Modules())
            archive.Add($"kernel/inspect{module}.json", () => Ours("inspect", "--json", module));
    }

    // What this node would choose from, and what is loaded at boot.
    private IEnumerable<string> Modules()
    {
        try
        {
            return [.. PatchFolders.Of(kernel.See().Release).SelectMany(Files).Take(20)];
        }
        catch (ToolFailedException)
        {
            return [];
        }
    }

    private static string Installed()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"pcmk-kpatch: {ThisProgram.Version}\n"));
        foreach (var (tool, option) in ((string, string)[])[("crm_mon", "--version"), ("corosync", "-v"), ("pcs", "--version"), ("crm", "--version"), ("kpatch", "version"), ("dnf", "--version"), ("systemctl", "--version"), ("uname", "-a")])
            text.Append(CultureInfo.InvariantCulture, $"{tool}: {(Tool.Find(tool) is null ? "not installed" : Or(() => Tool.Ask(tool, [option], s_deadline).Output.Trim().ReplaceLineEndings("; ")))}\n");
        return text.Append(Looked("/etc/os-release")).Append('\n').ToString();
    }

    private static string Or(Func<string> ask)
    {
        try
        {
            return ask();
        }
        catch (ToolFailedException e)
        {
            return $"not known: {e.Message}";
        }
    }

    private string WithoutSecrets(TextReader cib)
    {
        using (cib)
        {
            var text = CibSecrets.Without(cib, _secrets);
            _secretsKnown = true;
            return text;
        }
    }

    // The run that goes on, as it is journalled: the file itself has two of them, and much room.
    private static string Journalled()
    {
        var entry = JournalFile.OfThisNode.Read();
        return entry.Damaged is { } damaged ? throw new ToolFailedException(Paths.Journal, null, damaged) : entry.Run is null ? "no run goes on\n" : Records.Text(entry.Run);
    }

    private static string[] Lines(int most) => ["--no-pager", "--quiet", string.Create(CultureInfo.InvariantCulture, $"--lines={most}")];

    // Whatever the exit code: what it said is what is wanted.
    private static string Said(string tool, params string[] arguments) => Answered(tool, arguments, s_deadline);

    // The same program anew, with a deadline of its own.
    private static string Ours(params string[] arguments) => Answered(Environment.ProcessPath!, arguments, s_verbDeadline);

    private static string Answered(string tool, string[] arguments, TimeSpan deadline)
    {
        var answer = Tool.Ask(tool, arguments, deadline);
        return answer.Output.Length > 0 || answer.ExitCode == 0 ? answer.Output : throw Tool.Failed(tool, arguments, answer);
    }

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Where(file => !file.StartsWith(Paths.Scratch, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Looked(string file)
    {
        try
        {
            return Content(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "cannot be read";
        }
    }

    // Read to an end of our own: what files of the kernel say their length is tells nothing.
    private static string Content(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[LongestFile];
        return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }

    private static string FileName(string node) => string.Concat(node.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));

    private static int Print(TextWriter to, string line, int exitCode)
    {
        to.WriteLine(line);
        return exitCode;
    }
}
