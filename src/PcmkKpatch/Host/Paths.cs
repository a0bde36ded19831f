namespace PcmkKpatch.Host;

/// <summary>Every file of our own. docs/attributes.md says who writes, reads and clears each.</summary>
internal static class Paths
{
    /// <summary>What survives a reboot.</summary>
    public const string State = "/var/lib/pcmk-kpatch";

    /// <summary>What does not.</summary>
    public const string Runtime = "/run/pcmk-kpatch";

    /// <summary>The run that has not ended.</summary>
    public const string Journal = State + "/run.journal";

    /// <summary>The last run that ended.</summary>
    public const string Last = State + "/last.json";

    /// <summary>A file for each of the last runs that ended and were no rehearsals.</summary>
    public const string History = State + "/history";

    /// <summary>The last rehearsals that ended.</summary>
    public const string Rehearsed = State + "/rehearsed.json";

    /// <summary>The mark of a load under way. kpatch.service's drop-in looks for it.</summary>
    public const string Attempt = State + "/attempt";

    /// <summary>A file for each patch that took this node down. kpatch.service's drop-in looks for the folder.</summary>
    public const string Quarantine = State + "/quarantine";

    /// <summary>Since when this node's kernel, patches and cluster software are what they are.</summary>
    public const string Ages = State + "/since";

    /// <summary>A person asked to abort the run.</summary>
    public const string Abort = State + "/abort";

    /// <summary>The agent is started here, and these are its parameters.</summary>
    public const string Wanted = Runtime + "/wanted";

    /// <summary>Held by the one worker for as long as it lives.</summary>
    public const string Lock = Runtime + "/lock";

    /// <summary>Held while a file is written to a shared file system, also by a process that cannot be killed there.</summary>
    public const string Probe = Runtime + "/probe";

    /// <summary>What the worker says, for who follows it.</summary>
    public const string Progress = Runtime + "/progress";

    /// <summary>Why a person must look; monitor answers 190 while it is there.</summary>
    public const string Attention = Runtime + "/attention";

    /// <summary>What people were told last of that which lasts.</summary>
    public const string Told = Runtime + "/told";

    /// <summary>The node attributes as they were last published.</summary>
    public const string Published = Runtime + "/published";

    /// <summary>Folders of single processes begin with this, followed by the process.</summary>
    public const string Scratch = Runtime + "/scratch-";

    /// <summary>What dnf last said of the package that holds the patch.</summary>
    public const string Package = Runtime + "/package";

    /// <summary>That package, fetched before a node is drained. dnf would clear its own cache away with the next transaction of anybody's.</summary>
    public const string Packages = "/var/cache/pcmk-kpatch";

    /// <summary>The kernels that vendors support, as the administrator has them: in the place of the list that came with this program.</summary>
    public const string SupportedKernels = Configuration + "/supported-kernels";

    /// <summary>Until when kernels and patches are kept up, as the administrator has it.</summary>
    public const string EndOfLife = Configuration + "/end-of-life";

    /// <summary>What the administrator has written down.</summary>
    public const string Configuration = "/etc/pcmk-kpatch";

    /// <summary>Creates both folders, for root alone.</summary>
    public static void Prepare()
    {
        RootOnly.Folder(State);
        RootOnly.Folder(Runtime);
    }
}
