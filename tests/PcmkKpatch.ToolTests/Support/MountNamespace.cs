using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>
/// A thread with mounts of its own. What is mounted there is seen by that thread and by the programs that it starts, and is gone with
/// it; so the product's own classes can be called as on a machine that is there for the test alone.
/// </summary>
internal static partial class MountNamespace
{
    private const int NewNamespace = 0x00020000;

    /// <summary>Runs the test there: with layers over these folders that take up every change, and an empty /run.</summary>
    public static void Run(string scratch, string[] folders, Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(scratch, folders);
                test();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static void Enter(string scratch, string[] folders)
    {
        Assert.That(Unshare(NewNamespace), Is.Zero, "the tests must run as root and may have mounts of their own");
        const string Script =
            """
            set -e
            scratch=$1; shift
            mount --no-mtab --make-rprivate /
            mount --no-mtab -t tmpfs scratch "$scratch"
            for folder; do
                mkdir -p "$scratch$folder/upper" "$scratch$folder/work"
                mount --no-mtab -t overlay -o "lowerdir=$folder,upperdir=$scratch$folder/upper,workdir=$scratch$folder/work" overlay "$folder"
            done
            mount --no-mtab -t tmpfs run /run
            """;
        var answer = Shell.Script(Script, [scratch, .. folders]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unshare(int flags);
}
