namespace PcmkKpatch.Core.Cluster;

/// <summary>The cluster's one rollout token. Every call may throw <see cref="ToolFailedException"/>, with the effect done or not.</summary>
public interface IToken
{
    /// <summary>The token in this moment, or null where it was never created.</summary>
    Token? Read();

    /// <summary>Creates the token as free where there is none; does nothing where there is one.</summary>
    void Create();

    /// <summary>Changes the token from one value to another in one atomic step.</summary>
    /// <returns>True where it was changed; false where it no longer had the old value, and nothing was changed.</returns>
    bool Swap(Token from, Token to);
}
