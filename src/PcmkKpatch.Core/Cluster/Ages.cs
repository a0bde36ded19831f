namespace PcmkKpatch.Core.Cluster;

/// <summary>Something that a node runs, and since when.</summary>
/// <param name="What">What.</param>
/// <param name="Since">When it was first seen, by the node's clock.</param>
public sealed record Aged(string What, DateTimeOffset Since);

/// <summary>
/// Since when a node's kernel, patches and cluster software are what they are, as it remembers and publishes it. First seen, not first run: what changed while nobody
/// looked is taken for younger than it is.
/// </summary>
public sealed record Ages
{
    private const string KernelKey = "kernel", PatchKey = "patch", VersionKey = "version";

    /// <summary>The running kernel's release.</summary>
    public Aged? Kernel { get; init; }

    /// <summary>The live patches in force.</summary>
    public Aged? Patch { get; init; }

    /// <summary>The versions of the cluster's software.</summary>
    public Aged? Version { get; init; }

    /// <summary>When the kernel was first seen, in what a node has published; null where it does not say.</summary>
    public static DateTimeOffset? OfKernel(string? published) => Published(published, KernelKey);

    /// <summary>When the patches in force were.</summary>
    public static DateTimeOffset? OfPatch(string? published) => Published(published, PatchKey);

    /// <summary>When the versions of the cluster's software were.</summary>
    public static DateTimeOffset? OfVersion(string? published) => Published(published, VersionKey);

    /// <summary>With what was seen in that moment.</summary>
    public Ages Seen(string kernel, string patch, DateTimeOffset now) => this with { Kernel = Seen(Kernel, kernel, now), Patch = Seen(Patch, patch, now) };

    /// <summary>With the versions that were seen in that moment; null where they are not known.</summary>
    public Ages SeenVersion(string? version, DateTimeOffset now) => this with { Version = version is null ? null : Seen(Version, version, now) };

    /// <summary>In the form in which it is published.</summary>
    public string Text => string.Join(' ', All.Select(a => $"{a.Key}={CibText.Of(a.Aged.Since)}"));

    /// <summary>In the form in which it is kept: a line for each, with its key, since when, and what.</summary>
    public string Lines => string.Concat(All.Select(a => $"{a.Key} {CibText.Of(a.Aged.Since)} {a.Aged.What}\n"));

    /// <summary>Reads such lines. What is not understood is as good as nothing: what runs is then taken for new.</summary>
    public static Ages FromLines(string text)
    {
        var ages = new Ages();
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ', 3) is not [var key, var stamp, var what] || CibText.Moment(stamp) is not { } since)
                continue;
            var aged = new Aged(what, since);
            ages = key switch
            {
                KernelKey => ages with { Kernel = ages.Kernel ?? aged },
                PatchKey => ages with { Patch = ages.Patch ?? aged },
                VersionKey => ages with { Version = ages.Version ?? aged },
                _ => ages,
            };
        }

        return ages;
    }

    private IEnumerable<(string Key, Aged Aged)> All
    {
        get
        {
            if (Kernel is not null)
                yield return (KernelKey, Kernel);
            if (Patch is not null)
                yield return (PatchKey, Patch);
            if (Version is not null)
                yield return (VersionKey, Version);
        }
    }

    // What was first seen in the future was seen before the clock was set back. To the second, as it is written.
    private static Aged Seen(Aged? before, string what, DateTimeOffset now) => before is not null && before.What == what && before.Since <= now ? before : new Aged(what, new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), now.Offset));

    private static DateTimeOffset? Published(string? text, string key) =>
        (text ?? "").Split(' ').Select(word => CibText.Field(word, key)).FirstOrDefault(value => value is not null) is { } stamp ? CibText.Moment(stamp) : null;
}
