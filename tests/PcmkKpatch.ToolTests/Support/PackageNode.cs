using Microsoft.Extensions.Logging.Abstractions;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>A machine with rpm, dnf and one repository, in mounts of its own. Only in <see cref="Run"/> it is there.</summary>
internal sealed class PackageNode : IDisposable
{
    private const string Trace = "/var/lib/scriptlets-ran";
    private readonly TempFolder _folder = new();

    public PackageNode() => Packages = new Packages(NullLogger.Instance, () => Uptime);

    /// <summary>What is under test.</summary>
    public Packages Packages { get; }

    /// <summary>The time since boot.</summary>
    public TimeSpan Uptime { get; set; } = TimeSpan.FromDays(1);

    private string Repository => _folder.At("repository");

    /// <summary>A test on a machine where these are installed beside what is needed, and the repository has those.</summary>
    public static void Run(string[] installed, string[] offered, Action<PackageNode> test)
    {
        using var node = new PackageNode();
        Directory.CreateDirectory(node._folder.At("scratch"));
        MountNamespace.Run(node._folder.At("scratch"), ["/etc", "/usr", "/var"], () =>
        {
            Directory.CreateDirectory("/etc/rpm");
            File.WriteAllText("/etc/rpm/macros", "%_dbpath /var/lib/rpm\n");
            Directory.CreateDirectory("/etc/yum.repos.d");
            Directory.CreateDirectory("/etc/dnf/plugins");
            // RHEL's own settings; Debian's dnf passes over a repository that does not answer.
            File.WriteAllText("/etc/dnf/dnf.conf", "[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\nskip_if_unavailable=False\n");
            Directory.CreateDirectory("/etc/dnf/vars");
            File.WriteAllText("/etc/dnf/vars/releasever", "9");
            Paths.Prepare();
            node.Configure("gpgcheck=0");
            node.Offer(offered);
            Install([.. Rpms.Base, .. installed]);
            test(node);
        });
    }

    /// <summary>The repository's configuration.</summary>
    public void Configure(string more) =>
        File.WriteAllText("/etc/yum.repos.d/patches.repo", $"[patches]\nname=patches\nbaseurl=file://{Repository}\nmetadata_expire=0\n{more}\n");

    /// <summary>Now the repository has these.</summary>
    public void Offer(params string[] files)
    {
        if (Directory.Exists(Repository))
            Directory.Delete(Repository, recursive: true);
        Directory.CreateDirectory(Repository);
        foreach (var file in files)
            File.Copy(file, Path.Combine(Repository, Path.GetFileName(file)));
        Must(Shell.Run("createrepo_c", ["--quiet", Repository]));
        Expire();
    }

    /// <summary>Makes a key, and signs with it everything that is offered. The configuration that has the key asked for.</summary>
    public string Sign(params string[] files)
    {
        const string Script =
            """
            set -e
            export GNUPGHOME=$1/gnupg; shift
            mkdir -m 700 "$GNUPGHOME"
            trap 'gpgconf --kill all' EXIT
            gpg --batch --quiet --passphrase '' --quick-gen-key 'Tests <tests@invalid>' rsa2048 sign never
            gpg --armor --export >"$GNUPGHOME/key"
            [ $# -eq 0 ] || rpmsign --define '__gpg /usr/bin/gpg' --define '_gpg_name Tests' --addsign "$@"
            """;
        Must(Shell.Script(Script, [_folder.Path, .. files.Select(file => Path.Combine(Repository, Path.GetFileName(file)))]));
        Must(Shell.Run("createrepo_c", ["--quiet", Repository]));
        return $"gpgcheck=1\ngpgkey=file://{_folder.At("gnupg/key")}";
    }

    /// <summary>The repository is gone.</summary>
    public void LoseRepository()
    {
        Directory.Delete(Repository, recursive: true);
        Expire();
    }

    /// <summary>Installs them without scriptlets, whatever they need.</summary>
    public static void Install(params string[] files) => Must(Shell.Run("rpm", ["--upgrade", "--noscripts", "--notriggers", "--nodeps", .. files]));

    /// <summary>rpm knows that very package as installed.</summary>
    public static bool Has(string file) => Shell.Run("rpm", ["-q", Rpms.NameOf(file)]).ExitCode == 0;

    /// <summary>Every package that rpm knows.</summary>
    public static string[] All() => [.. Shell.Run("rpm", ["-q", "-a"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    /// <summary>What scriptlets ran.</summary>
    public static string Scriptlets() => File.Exists(Trace) ? File.ReadAllText(Trace) : "";

    /// <summary>What was fetched and is kept.</summary>
    public static string[] Fetched() =>
        Directory.Exists(Paths.Packages) ? [.. Directory.EnumerateFileSystemEntries(Paths.Packages).Select(p => Path.GetFileName(p))] : [];

    /// <summary>In the place of a tool from now on.</summary>
    public static void Tool(string name, string script)
    {
        File.Delete($"/usr/bin/{name}");
        File.WriteAllText($"/usr/bin/{name}", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode($"/usr/bin/{name}", (UnixFileMode)0b111_101_101);
    }

    public void Dispose() => _folder.Dispose();

    // metadata_expire=0 takes whole seconds: within the same one dnf goes on with what it has fetched, and does not ask the repository.
    private static void Expire() => Must(Shell.Run("dnf", ["clean", "expire-cache"]));

    private static void Must(Answer answer) => Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
}
