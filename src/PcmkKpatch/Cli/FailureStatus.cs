using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Cli;

/// <summary>Failed loads of a patch on a node, since a person last resumed the rollout, in a report.</summary>
/// <param name="Node">The node.</param>
/// <param name="Build">The patch's build id.</param>
/// <param name="Times">How often.</param>
internal sealed record FailureStatus(string Node, string Build, int Times)
{
    /// <summary>Those of a token; none where there is no token.</summary>
    public static IReadOnlyList<FailureStatus> Of(Token? token) => [.. (token?.Failures ?? Failures.None).List.Select(f => new FailureStatus(f.Node, f.Build, f.Times))];

    /// <summary>All of them in half a sentence.</summary>
    public static string Words(Failures failures) => string.Join(", ", Of(Token.FreeAfter(failures)));

    /// <summary>It in half a line.</summary>
    public override string ToString() => $"{Node} {(Times == 1 ? "once" : $"{Times} times")} (build {Build})";
}
