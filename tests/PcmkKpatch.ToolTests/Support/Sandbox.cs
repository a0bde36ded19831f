using System.Xml.Linq;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>
/// The published binary as it is installed, in a mount namespace of its own: with its own /var/lib and /run, which stay between two
/// calls, and with a /usr/sbin that holds the tools the product uses and nothing else. The machine itself is not touched.
/// The real Pacemaker tools are in there. Three things have stand-ins, because no test here is about them: systemd-run and corosync-cmapctl,
/// for neither systemd nor corosync runs where tests run, and insmod, which is not to be called.
/// </summary>
internal sealed class Sandbox : IDisposable
{
    private const string Enter =
        """
        set -e
        box=$1 product=$2 mounts=$3; shift 3
        mount() { command mount --no-mtab "$@"; }  # no notes of its own in /run
        mount --bind /usr/sbin "$box/real"
        mount --bind "$product" "$box/libexec"
        mount --bind "$box/lib" /var/lib
        mount --bind "$box/run" /run
        mount --bind "$box/tools" /usr/sbin
        eval "$mounts"
        exec "$@"
        """;

    private const string Votes =
        """
        cat <<end
        Nodes:            3
        Node ID:          1
        Total votes:      3
        Quorum:           2
        Flags:            Quorate
        Membership information
             1          1 10.0.0.1 (local)
             2          1 10.0.0.2
             3          1 10.0.0.3
        end
        """;

    private static readonly string[] s_tools = ["crm_mon", "cibadmin", "crm_attribute", "crm_node", "crmadmin", "crm_simulate", "attrd_updater"];
    private readonly TempFolder _folder = new();

    public Sandbox()
    {
        foreach (var name in (string[])["real", "libexec", "lib", "run", "tools", "ocf"])
            Directory.CreateDirectory(_folder.At(name));
        foreach (var tool in s_tools)
        {
            Shell.Installed(tool);
            File.CreateSymbolicLink(_folder.At($"tools/{tool}"), _folder.At($"real/{tool}"));
        }

        Tool("systemd-run", $"for a; do echo \"$a\"; done >>{_folder.At("started")}");
        Tool("corosync-cmapctl", "exit 1");
        Tool("systemctl", "exit 1");
        Tool("insmod", $"touch {_folder.At("insmod-was-called")}; exit 1");
        File.CreateSymbolicLink(Agent, _folder.At("libexec/pcmk-kpatch"));
    }

    /// <summary>The agent, by its name in the OCF folder.</summary>
    public string Agent => _folder.At("ocf/kpatch");

    /// <summary>The command line.</summary>
    public string Program => _folder.At("libexec/pcmk-kpatch");

    /// <summary>More to be mounted before the program begins: a script, in which $box is the folder of this sandbox.</summary>
    public string Mounts { get; set; } = ":";

    /// <summary>The arguments with which systemd-run was called since the last look, one a line; empty where it was not.</summary>
    public string Started()
    {
        var file = _folder.At("started");
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        File.Delete(file);
        return text;
    }

    /// <summary>A file under /var/lib, as seen from out here.</summary>
    public string Library(string name) => _folder.At($"lib/{name}");

    /// <summary>A file under /var/lib/pcmk-kpatch, as seen from out here.</summary>
    public string State(string name) => _folder.At($"lib/pcmk-kpatch/{name}");

    /// <summary>A file under /run/pcmk-kpatch, as seen from out here.</summary>
    public string Runtime(string name) => _folder.At($"run/pcmk-kpatch/{name}");

    /// <summary>Creates both folders and writes a file, as an earlier life would have.</summary>
    public void Lay(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>Every file that was left in /var/lib and /run.</summary>
    public string[] Left() =>
        [.. ((string[])["lib", "run"]).SelectMany(f => Directory.EnumerateFileSystemEntries(_folder.At(f), "*", SearchOption.AllDirectories)).Select(p => p[_folder.Path.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>Puts a script into the place of a tool.</summary>
    public void Tool(string name, string script)
    {
        var path = _folder.At($"tools/{name}");
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Stand-ins for what answers from a live cluster only: this is n1 of three nodes with quorum, and one device fences them.</summary>
    public void ThreeNodes()
    {
        Tool("crm_node", "case $1 in --name) echo n1;; *) echo 1;; esac");
        Tool("stonith_admin", "echo '<pacemaker-result><list name=\"devices\"><item name=\"device\">fence</item></list><status code=\"0\"/></pacemaker-result>'");
        Tool("corosync-quorumtool", Votes);
    }

    /// <summary>Takes a tool away.</summary>
    public void Without(string name) => File.Delete(_folder.At($"tools/{name}"));

    /// <summary>Runs the agent.</summary>
    public Answer Act(string action, params (string Name, string Value)[] environment) => Run([Agent, action], environment);

    /// <summary>Runs the command line.</summary>
    public Answer Verb(params string[] arguments) => Run([Program, .. arguments]);

    /// <summary>Runs a command in here, with nothing but this in its environment.</summary>
    public Answer Run(string[] command, params (string Name, string Value)[] environment) =>
        Shell.Run("unshare", ["--mount", "--propagation", "private", "sh", "-c", Enter, "sh", _folder.Path, Product, Mounts, .. command], environment.ToDictionary(e => e.Name, e => e.Value));

    public void Dispose()
    {
        Assert.That(File.Exists(_folder.At("insmod-was-called")), Is.False, "nothing here may load a module");
        _folder.Dispose();
    }

    /// <summary>The top of the checkout.</summary>
    public static string Checkout { get; } = FindCheckout();

    /// <summary>The version that is built there.</summary>
    public static string Version { get; } = XDocument.Load(Path.Combine(Checkout, "Directory.Build.props")).Descendants("Version").Single().Value;

    private static string Product
    {
        get
        {
            var folder = Path.Combine(Checkout, "out");
            foreach (var file in (string[])["pcmk-kpatch", "libMonoPosixHelper.so"])
                Assert.That(File.Exists(Path.Combine(folder, file)), $"out/{file} is not there: make build");
            return folder;
        }
    }

    private static string FindCheckout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Makefile")) && Directory.Exists(Path.Combine(folder.FullName, "src")))
                return folder.FullName;
        }

        throw new AssertionException("the tests do not lie inside of the checkout");
    }
}
