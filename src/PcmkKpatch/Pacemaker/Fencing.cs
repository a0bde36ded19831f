using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// Fencing as seen from this node, put together from crm_mon (resources, history), stonith_admin (this node's fencer) and the CIB. The
/// history is crm_mon's: that of stonith_admin leaves out what is pending or failed, unless it is told to be verbose.
/// </summary>
/// <param name="node">Gives the node that this is about.</param>
/// <param name="ask">Gives what crm_mon says; asked anew for each look where none is given, as the others are.</param>
/// <param name="registered">Gives the devices that this node's fencer has.</param>
/// <param name="config">Gives what the CIB says of it.</param>
internal sealed class Fencing(Func<string> node, Func<CrmMon>? ask = null, Func<IReadOnlyList<string>>? registered = null, Func<FenceConfig>? config = null)
{
    // The device that the fencer makes up itself where there is watchdog fencing (since 2.1), or that is configured to limit it to some nodes.
    private const string WatchdogDevice = "watchdog";

    /// <summary>Fencing in this moment. To ask for it may make the fencer ask the machines behind its devices.</summary>
    public FencingView See()
    {
        var unknown = new List<string>();
        T? Try<T>(Func<T> read)
            where T : class
        {
            try
            {
                return read();
            }
            catch (ToolFailedException e)
            {
                unknown.Add(e.Message);
                return null;
            }
        }

        var local = node();
        var mon = Try(ask ?? CrmMon.Ask);
        var devices = Try(registered ?? StonithAdmin.Registered);
        var able = Try(() => StonithAdmin.Able(local));
        var configured = Try(config ?? FenceConfig.Ask);
        return Of(local, mon, devices, able, configured) with { Unknown = unknown };
    }

    /// <summary>What the tools said, put together; null for one that failed.</summary>
    internal static FencingView Of(string node, CrmMon? mon, IReadOnlyList<string>? registered, IReadOnlyList<string>? able, FenceConfig? config)
    {
        var resources = mon?.Resources.Where(r => r.IsFenceDevice).ToLookup(r => r.Id);
        bool? CanFence(string id) => able!.Contains(id) ? true : registered!.Contains(id) ? false : config!.Devices.GetValueOrDefault(id)?.Names(node);
        return new FencingView
        {
            Node = node,
            Enabled = mon?.Fencing,
            Devices = resources is null || registered is null || able is null || config is null ? null
                : [.. resources.Select(r => new FenceDevice(r.Key, CanFence(r.Key), r.Any(i => i.Active && !i.Failed && !i.Blocked))).OrderBy(d => d.Id, StringComparer.Ordinal)],
            Watchdog = resources?.Contains(WatchdogDevice) == true ? false : able?.Contains(WatchdogDevice) == true ? true : config?.Watchdog,
            History = mon?.FenceHistory,
        };
    }
}
