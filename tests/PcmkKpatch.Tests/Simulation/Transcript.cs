using System.Globalization;
using System.Text;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>
/// No law: writes down what a person would want to know of a world, a line each: when, on which node, in which phase its run is, what
/// happens. Phases in passing are left out, and what the cluster does on one node is one line.
/// </summary>
internal sealed class Transcript(World world) : Law(world)
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<SimNode, string> _told = [];
    private (TimeSpan At, string Who, List<string> Resources)? _moves;

    public override string ToString()
    {
        EndMoves();
        return _text.ToString();
    }

    public override void Journalled(SimNode node, Run run)
    {
        if (node.Disk.Journal is { } before && before.Phase == run.Phase)
            return;
        var why = $"{run.Verdict}: {run.Why}";
        Line(node.Name, $"{run.Phase.ToString().ToLowerInvariant(),-9} {(run.Why.Length == 0 || _told.GetValueOrDefault(node) == why ? "" : why)}");
        _told[node] = why;
    }

    public override void Closing(SimNode node, Run? run)
    {
        if (run is not null)
            Line(node.Name, $"ends      {run.Verdict}: {run.Why}");
    }

    public override void Loading(SimNode node, PatchModule module) => Line(node.Name, $"          loads {module.Name}");

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to) => Line(node.Name, $"          token: {Words(from)} -> {Words(to)}");

    public override void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by) =>
        Line(node.Name, $"          {attribute} (transient) {(to is null ? "deleted" : $"= {to}")}{(by == Writer.Program ? "" : $" by the {by.ToString().ToLowerInvariant()}")}");

    public override void PermanentChanges(SimNode node, string? to, Writer by) => Line(node.Name, $"          standby (permanent) {to ?? "deleted"} by the administrator");

    public override void WentDown(SimNode node) => Line(node.Name, "          goes down");

    public override void AbortAsked(SimNode node) => Line(node.Name, "          a person asks for an abort");

    public override void TokenBroken(Token token) => Line("", $"*** a person changes the token of {token.Node}");

    public override void OnProbation(SimNode node, TimeSpan until) => Line(node.Name, string.Create(CultureInfo.InvariantCulture, $"          on probation until {until.TotalSeconds:0.0}"));

    public override void Persisted(SimNode node, PatchModule module) => Line(node.Name, $"          {module.Name} is loaded at boot from now on");

    public override void Rebooting(SimNode node) => Line(node.Name, "          reboots itself");

    public void RehearsalWished(RehearsalWish? wish) =>
        Line("", wish is null ? "*** a person calls the rehearsal off" : $"*** a person wishes a rehearsal of {string.Join(", ", wish.Nodes)}");

    public override void WorkerKilled(SimNode node) => Line(node.Name, "          the worker is killed");

    public override void Boots(SimNode node) => Line(node.Name, "          boots");

    public override void Acts(SimNode node, string resource, string? role)
    {
        var who = $"{node.Name,-6}            {(role is null ? "stopped:" : "started:")}";
        if (_moves?.Who != who)
        {
            EndMoves();
            _moves = (World.Now, who, []);
        }

        _moves.Value.Resources.Add(role is null or "Started" ? resource : $"{resource} ({role})");
    }

    // The cluster's actions on one node, one after the other, are one line.
    private void EndMoves()
    {
        if (_moves is not { } moves)
            return;
        _moves = null;
        Append(moves.At, $"{moves.Who} {string.Join(", ", moves.Resources)}");
    }

    private void Line(string who, string what)
    {
        EndMoves();
        Append(World.Now, $"{who,-6}  {what}");
    }

    private void Append(TimeSpan at, string what) =>
        _text.Append(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,6:0.0}  {what}").TrimEnd()).Append('\n');

    private static string Words(Token token) => token.State switch
    {
        TokenState.Free => "free",
        TokenState.Unreadable => $"'{token.Text}'",
        _ => $"{token.State.ToString().ToLowerInvariant()} by {token.Node}{(token.Why.Length > 0 ? $" ({token.Why})" : "")}",
    };
}
