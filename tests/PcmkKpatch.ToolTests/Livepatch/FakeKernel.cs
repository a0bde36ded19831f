using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>A tree of files as the kernel shows them in /sys and /proc, well and without a patch to begin with.</summary>
internal sealed class FakeKernel : IDisposable
{
    private readonly TempFolder _folder = new();

    public FakeKernel()
    {
        Lay("proc/sys/kernel/osrelease", "5.14.0-1.x86_64\n");
        Lay("proc/sys/kernel/tainted", "0\n");
        Lay("proc/sys/kernel/ftrace_enabled", "1\n");
        Lay("proc/sys/kernel/modules_disabled", "0\n");
        Lay("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
        Lay("sys/module/module/parameters/sig_enforce", "N\n");
        Directory.CreateDirectory(At("sys/kernel/livepatch"));
    }

    /// <summary>The folder that holds sys and proc, with its slash.</summary>
    public string Root => _folder.Path + "/";

    public string At(string path) => _folder.At(path);

    public void Lay(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
    }

    /// <summary>A patch that the kernel knows. A build id of null: the module shows no notes.</summary>
    public void Patch(string name, string enabled = "1", string? transition = "0", byte[]? buildId = null)
    {
        Lay($"sys/kernel/livepatch/{name}/enabled", enabled + "\n");
        if (transition is not null)
            Lay($"sys/kernel/livepatch/{name}/transition", transition + "\n");
        Directory.CreateDirectory(At($"sys/module/{name}"));
        if (buildId is null)
            return;
        Directory.CreateDirectory(At($"sys/module/{name}/notes"));
        File.WriteAllBytes(At($"sys/module/{name}/notes/.note.gnu.build-id"), [4, 0, 0, 0, (byte)buildId.Length, 0, 0, 0, 3, 0, 0, 0, .. "GNU\0"u8, .. buildId]);
    }

    /// <summary>A task, in that state of a patch transition.</summary>
    public void Task(int process, int thread, string? state, string command = "daemon", string stack = "")
    {
        var task = $"proc/{process}/task/{thread}";
        Lay($"{task}/comm", command + "\n");
        Lay($"{task}/stack", stack);
        if (state is not null)
            Lay($"{task}/patch_state", state + "\n");
    }

    public void Dispose() => _folder.Dispose();
}
