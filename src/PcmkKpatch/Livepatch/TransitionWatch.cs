using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Livepatch;

/// <summary>Looks at the patch transition from time to time while a loader waits for it, and keeps the last look at what blocked it.</summary>
internal sealed class TransitionWatch : IDisposable
{
    private readonly Func<PatchTransition?> _look;
    private readonly TimeSpan _pause;
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _thread;
    private PatchTransition? _last;

    /// <summary>Begins to look.</summary>
    /// <param name="look">Gives null, or nobody to go, where there is nothing to keep.</param>
    /// <param name="pause">How long it waits before each look.</param>
    public TransitionWatch(Func<PatchTransition?> look, TimeSpan pause)
    {
        _look = look;
        _pause = pause;
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends it. Gives the last look, or null where nothing was seen to block.</summary>
    public PatchTransition? End()
    {
        _over.Set();
        _thread.Join();
        return _last;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _over.Dispose();
    }

    private void Watch()
    {
        while (!_over.Wait(_pause))
        {
            try
            {
                if (_look() is { TasksToGo: > 0 } seen)
                    _last = seen;
            }
            catch (ToolFailedException)
            {
                // The next look may see more, and none of them decides anything.
            }
        }
    }
}
