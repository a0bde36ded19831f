namespace PcmkKpatch.Core.Kernel;

/// <summary>How this node is.</summary>
public interface IHealth
{
    /// <summary>How it is now, to be compared with later. Throws <see cref="ToolFailedException"/> where any of it cannot be read.</summary>
    HealthMark Mark();

    /// <summary>How it is now, and what its kernel said since. Does not throw: what cannot be read is told as unknown.</summary>
    HealthView Since(HealthMark mark);

    /// <summary>Runs the administrator's own check. Does not throw.</summary>
    /// <returns>Null where it is content; what it said otherwise.</returns>
    string? Ask(string command);
}
