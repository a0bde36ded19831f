namespace PcmkKpatch.Core.Cluster;

/// <summary>What the token says.</summary>
public enum TokenState
{
    /// <summary>Nobody rolls.</summary>
    Free,

    /// <summary>A run holds it.</summary>
    Held,

    /// <summary>A run holds it and waits, drained, for a person.</summary>
    Parked,

    /// <summary>A run failed; nobody rolls until a person resumes the rollout.</summary>
    Halted,

    /// <summary>The text is none that this version knows. It is never changed.</summary>
    Unreadable,
}

/// <summary>
/// The rollout token: one value in the CIB, changed by compare-and-set on its whole text. Its text has only characters that need no
/// quoting in XPath, XML or a shell.
/// </summary>
public sealed record Token
{
    private const int LongestWhy = 160;
    private const string ReleasedBy = "released by ";
    private const string ForRehearsal = "rehearsal";

    private Token(TokenState state, string text) => (State, Text) = (state, text);

    /// <summary>A token that nobody holds.</summary>
    public static Token Free { get; } = new(TokenState.Free, "free");

    /// <summary>What the token says.</summary>
    public TokenState State { get; }

    /// <summary>The exact text in the CIB: two tokens are the same where their texts are.</summary>
    public string Text { get; }

    /// <summary>The holder's node; empty where the token is free or unreadable.</summary>
    public string Node { get; private init; } = "";

    /// <summary>The holder's run.</summary>
    public string Run { get; private init; } = "";

    /// <summary>The boot id of the holder's node when the token was taken.</summary>
    public string Boot { get; private init; } = "";

    /// <summary>When this was written, by the writer's clock, in the form 2026-01-31T22:15:00Z.</summary>
    public string Since { get; private init; } = "";

    /// <summary>Why it is parked or halted, or that it is held for a rehearsal, for people.</summary>
    public string Why { get; private init; } = "";

    /// <summary>The failures so far after which the rollout went on; none where they are not counted.</summary>
    public Failures Failures { get; private init; } = Failures.None;

    /// <summary>A token that nobody holds, and what has failed so far.</summary>
    public static Token FreeAfter(Failures failures) => Parse(Free.Text + failures.Text);

    /// <summary>A token held by that run.</summary>
    public static Token Held(string node, string run, string boot, DateTimeOffset since, Failures? failures = null) => Make(TokenState.Held, node, run, boot, since, "", failures);

    /// <summary>A token held by that run, which is a rehearsal.</summary>
    public static Token HeldToRehearse(string node, string run, string boot, DateTimeOffset since, Failures? failures = null) => Make(TokenState.Held, node, run, boot, since, ForRehearsal, failures);

    /// <summary>A token held by a run that waits for a person.</summary>
    public static Token Parked(string node, string run, string boot, DateTimeOffset since, string why, Failures? failures = null) => Make(TokenState.Parked, node, run, boot, since, why, failures);

    /// <summary>A token that stops the rollout until a person resumes it.</summary>
    public static Token Halted(string node, string run, string boot, DateTimeOffset since, string why, Failures? failures = null) => Make(TokenState.Halted, node, run, boot, since, why, failures);

    /// <summary>
    /// What a person makes of a token whose holder is down: halted, not free, so that nobody begins before a person has looked. The run stays
    /// named, for a holder that comes back after all.
    /// </summary>
    /// <param name="from">The token as it was judged.</param>
    /// <param name="by">Who does it, and on what grounds.</param>
    /// <param name="since">When.</param>
    public static Token Released(Token from, string by, DateTimeOffset since) =>
        Halted(from.Node, from.Run, from.Boot, since, $"{ReleasedBy}{by}{(from.Why.Length > 0 ? $"; {from.Node} was parked: {from.Why}" : "")}", from.Failures);

    /// <summary>It was taken from its holder by a person.</summary>
    public bool IsReleased => State == TokenState.Halted && Why.StartsWith(ReleasedBy, StringComparison.Ordinal);

    /// <summary>The run that holds it is a rehearsal.</summary>
    public bool IsRehearsal => State == TokenState.Held && Why == ForRehearsal;

    /// <summary>It was written longer ago than that, by the calendar. A time that is not understood, or lies in the future, says nothing.</summary>
    public bool IsOlderThan(TimeSpan age, DateTimeOffset now) =>
        CibText.Moment(Since) is { } since && now - since > age;

    /// <summary>True where that run holds it, parked or not.</summary>
    public bool IsHeldBy(string node, string run) => State is TokenState.Held or TokenState.Parked && Node == node && Run == run;

    /// <summary>True where some run of that node holds it, parked or not.</summary>
    public bool IsHeldOn(string node) => State is TokenState.Held or TokenState.Parked && Node == node;

    /// <summary>Reads a token's text. Text of an unknown form gives <see cref="TokenState.Unreadable"/>, never an exception.</summary>
    public static Token Parse(string text)
    {
        if (text == Free.Text)
            return Free;

        var all = text.Split(' ');
        var words = all[0] == Free.Text ? all[..1] : all[..Math.Min(all.Length, 6)];
        if (!CibText.IsPlain(text) || Failures.Parse(all[words.Length..]) is not { } failures)
            return new Token(TokenState.Unreadable, text);
        if (all[0] == Free.Text)
            return new Token(TokenState.Free, text) { Failures = failures };
        TokenState? state = words[0] switch
        {
            "held" => TokenState.Held,
            "parked" => TokenState.Parked,
            "halted" => TokenState.Halted,
            _ => null,
        };
        if (state is null || words.Length != 6 || CibText.Field(words[1], "node") is not { Length: > 0 } node || CibText.Field(words[2], "run") is not { Length: > 0 } run
            || CibText.Field(words[3], "boot") is not { } boot || CibText.Field(words[4], "since") is not { } since || CibText.Field(words[5], "why") is not { } why)
            return new Token(TokenState.Unreadable, text);
        return new Token(state.Value, text) { Node = node, Run = run, Boot = boot, Since = since, Why = why, Failures = failures };
    }

    /// <inheritdoc/>
    public bool Equals(Token? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static Token Make(TokenState state, string node, string run, string boot, DateTimeOffset since, string why, Failures? failures)
    {
        // The enum's name is not used: the text outlives releases, the name need not.
        var word = state switch { TokenState.Held => "held", TokenState.Parked => "parked", _ => "halted" };
        return Parse($"{word} node={CibText.Escape(node)} run={CibText.Escape(run)} boot={CibText.Escape(boot)} since={CibText.Of(since)} why={CibText.Escape(CibText.Clip(why, LongestWhy))}{failures?.Text}");
    }
}
