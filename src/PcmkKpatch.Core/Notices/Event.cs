namespace PcmkKpatch.Core.Notices;

/// <summary>What a person must be told of. <see cref="Events"/> has the id, the name and the weight of each.</summary>
public enum Event
{
    /// <summary>A run has the token, every gate is content, and the next thing it does is a change.</summary>
    RunBegan,

    /// <summary>Nothing is active on the node any more that has to go.</summary>
    NodeDrained,

    /// <summary>The patch is in force, everywhere that it should be.</summary>
    PatchInForce,

    /// <summary>The run ended well: the node is home and patched.</summary>
    NodePatched,

    /// <summary>The rehearsal ended well on the node.</summary>
    NodeRehearsed,

    /// <summary>No node says any more that a patch is due, and every node with this kernel has it.</summary>
    FleetPatched,

    /// <summary>A run came to nothing before the kernel was touched; the node tries again later.</summary>
    RunPutOff,

    /// <summary>A run failed, and the rollout goes on all the same.</summary>
    RunFailed,

    /// <summary>A run failed, and no other begins until a person says so.</summary>
    RolloutHalted,

    /// <summary>The node's kernel is uncertain: it stays as it is until a person comes.</summary>
    NodeParked,

    /// <summary>The worker waits for something that only a person can do.</summary>
    PersonNeeded,

    /// <summary>The node went down in its run, and is back.</summary>
    NodeWentDown,

    /// <summary>A patch was on trial when the node went down: it is not loaded there again.</summary>
    PatchQuarantined,

    /// <summary>A tool that the worker needs has failed for about a minute.</summary>
    ToolFails,

    /// <summary>The worker is stopped, or hangs.</summary>
    WorkerStuck,

    /// <summary>A person laid a hold.</summary>
    Held,

    /// <summary>A person took a hold away.</summary>
    HoldCleared,

    /// <summary>A person let a halted rollout go on, or had failures counted anew.</summary>
    Resumed,

    /// <summary>A person aborted a run.</summary>
    AbortAsked,

    /// <summary>A person took the token from a node that is down.</summary>
    Released,

    /// <summary>A person let a patch be loaded again that took the node down.</summary>
    QuarantineCleared,
}

/// <summary>How much an event weighs: a priority of syslog(3).</summary>
public enum Weight
{
    /// <summary>A kernel is uncertain.</summary>
    Critical = 2,

    /// <summary>Nothing goes on without a person.</summary>
    Error = 3,

    /// <summary>It did not go as it should.</summary>
    Warning = 4,

    /// <summary>Worth to be told.</summary>
    Notice = 5,

    /// <summary>A step on the way.</summary>
    Information = 6,
}

/// <summary>One event, as the world outside knows it.</summary>
/// <param name="Event">The event.</param>
/// <param name="Id">Its MESSAGE_ID in systemd's journal: drawn once, and never of another event.</param>
/// <param name="Name">Its name, which stays.</param>
/// <param name="Weight">How much it weighs.</param>
/// <param name="Lasts">It stays as it is until somebody does something: it is told once, not each time that it is met.</param>
public sealed record EventEntry(Event Event, string Id, string Name, Weight Weight, bool Lasts = false);

/// <summary>Every event, declared once. rpm/pcmk-kpatch.catalog explains each to people, docs/notices.md lists them.</summary>
public static class Events
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<EventEntry> All { get; } =
    [
        new(Event.RunBegan, "78c36b3067b94abaa71ac1cdfdc7e963", "run-began", Weight.Information),
        new(Event.NodeDrained, "08bd30c8ba1d47b6ab3dbafc0d0c4abd", "node-drained", Weight.Information),
        new(Event.PatchInForce, "4d865ef670d64099aa363e374e0d68f8", "patch-in-force", Weight.Information),
        new(Event.NodePatched, "b8a329961c024340bacd9af99bfec886", "node-patched", Weight.Notice),
        new(Event.NodeRehearsed, "8d506d835e4347bcb21731951634625c", "node-rehearsed", Weight.Notice),
        new(Event.FleetPatched, "a5963783ea8b4ab98e3343914b091b36", "fleet-patched", Weight.Notice),
        new(Event.RunPutOff, "5ad17011acaf41d49e2934215a05fc61", "run-put-off", Weight.Warning, Lasts: true),
        new(Event.RunFailed, "52f248a38bcd4d9dbcdec6fa2004edd1", "run-failed", Weight.Error),
        new(Event.RolloutHalted, "015e6c11ca8546638b184fc1faa0de36", "rollout-halted", Weight.Error),
        new(Event.NodeParked, "643edf8d0e1f4e72bea74eb5327f9eaf", "node-parked", Weight.Critical, Lasts: true),
        new(Event.PersonNeeded, "76800037d4bb49cf972a8365dfcd838b", "person-needed", Weight.Error, Lasts: true),
        new(Event.NodeWentDown, "5a017df744ac419cbc6507e5544f105f", "node-went-down", Weight.Error),
        new(Event.PatchQuarantined, "04e290b59f2144baab7b342435d5918b", "patch-quarantined", Weight.Error),
        new(Event.ToolFails, "5920e59e4094413089cb47d86ff6953e", "tool-fails", Weight.Error, Lasts: true),
        new(Event.WorkerStuck, "42ffe496f0d74b5098f5f979a5bf6c46", "worker-stuck", Weight.Error, Lasts: true),
        new(Event.Held, "a6c6ba4a4a914f0d94a2e0f4706faac2", "held", Weight.Notice),
        new(Event.HoldCleared, "2fc9eb0fa16a491297e4866e182f0060", "hold-cleared", Weight.Notice),
        new(Event.Resumed, "9cf5704a82764d4991abb9b2b37c58b0", "resumed", Weight.Notice),
        new(Event.AbortAsked, "011990a103104869b78e729fc7b52242", "abort-asked", Weight.Notice),
        new(Event.Released, "bcd35eb331fc41bdbeb42481555644b8", "released", Weight.Notice),
        new(Event.QuarantineCleared, "ef330d0f5b064cd3885d64fec5d094f6", "quarantine-cleared", Weight.Notice),
    ];

    /// <summary>The event's entry.</summary>
    public static EventEntry Of(Event which) => All.First(entry => entry.Event == which);
}
