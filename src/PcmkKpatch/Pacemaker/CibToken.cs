using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>The token in the CIB.</summary>
internal sealed class CibToken : IToken
{
    /// <inheritdoc/>
    public Token? Read() => CibAdmin.QueryToken() is { } text ? Token.Parse(text) : null;

    /// <inheritdoc/>
    public void Create() => CibAdmin.CreateToken(Token.Free.Text);

    /// <inheritdoc/>
    public bool Swap(Token from, Token to)
    {
        try
        {
            return CibAdmin.SwapToken(from.Text, to.Text);
        }
        catch (ToolFailedException)
        {
            // The answer was lost, the effect may not be. The identical change again is harmless: it is definite, or what is
            // found there afterwards is.
            return CibAdmin.SwapToken(from.Text, to.Text) || CibAdmin.QueryToken() == to.Text;
        }
    }
}
