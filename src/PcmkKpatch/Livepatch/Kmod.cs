using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>insmod and rmmod.</summary>
internal static class Kmod
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    /// <summary>insmod FILE. Returns as soon as the patch transition has begun.</summary>
    public static LoadAnswer Insert(string path)
    {
        try
        {
            var answer = Tool.Ask("insmod", [path], s_deadline);
            return answer.ExitCode == 0 ? new LoadAnswer(true, "")
                : new LoadAnswer(false, answer.Words.StartsWith("insmod", StringComparison.Ordinal) ? answer.Words : $"insmod: {answer.Words}");
        }
        catch (ToolFailedException e)
        {
            // An answer too: whether the kernel took the patch is seen in the kernel.
            return new LoadAnswer(false, e.Message);
        }
    }

    /// <summary>rmmod NAME; a module that is gone is no error.</summary>
    public static void Remove(string name)
    {
        string[] arguments = [name];
        var answer = Tool.Ask("rmmod", arguments, s_deadline);
        if (answer.ExitCode != 0 && Directory.Exists($"/sys/module/{name}"))
            throw Tool.Failed("rmmod", arguments, answer);
    }
}
