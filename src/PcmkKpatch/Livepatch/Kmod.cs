using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>insmod and rmmod.</summary>
internal static class Kmod
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    /// <summary>insmod FILE. Returns as soon as the patch transition has begun.</summary>
    public static LoadAnswer Insert(string path) => Answer("insmod", [path], s_deadline);

    /// <summary>rmmod NAME; a module that is gone is no error.</summary>
    public static void Remove(string name)
    {
        string[] arguments = [name];
        var answer = Tool.Ask("rmmod", arguments, s_deadline);
        if (answer.ExitCode != 0 && Directory.Exists($"/sys/module/{name}"))
            throw Tool.Failed("rmmod", arguments, answer);
    }

    /// <summary>
    /// A loader's answer. One that was too slow or killed is an answer too: whether the kernel took the patch is seen in the kernel.
    /// </summary>
    public static LoadAnswer Answer(string name, IReadOnlyList<string> arguments, TimeSpan deadline)
    {
        try
        {
            var answer = Tool.Ask(name, arguments, deadline);
            return new LoadAnswer(answer.ExitCode == 0, answer.ExitCode == 0 ? "" : answer.Words.StartsWith(name, StringComparison.Ordinal) ? answer.Words : $"{name}: {answer.Words}");
        }
        catch (ToolFailedException e)
        {
            return new LoadAnswer(false, e.Message);
        }
    }
}
