using System.Globalization;
using System.Text;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Metrics;

/// <summary>One value of a metric.</summary>
/// <param name="Value">The value.</param>
/// <param name="Labels">Its labels, by name; the values may be anything.</param>
internal sealed record Sample(double Value, params IReadOnlyList<(string Name, string Value)> Labels)
{
    /// <summary>One for yes, zero for no.</summary>
    public static Sample Of(bool value, params IReadOnlyList<(string Name, string Value)> labels) => new(value ? 1 : 0, labels);

    /// <summary>A moment, in seconds since 1970.</summary>
    public static Sample Of(DateTimeOffset moment, params IReadOnlyList<(string Name, string Value)> labels) => new(moment.ToUnixTimeMilliseconds() / 1000.0, labels);
}

/// <summary>
/// Metrics in Prometheus' text form, version 0.0.4: of each its help and type once, then its samples. One without samples is left out: what is not known is not
/// there. Two samples with the same labels would have Prometheus refuse the whole: the first one counts.
/// </summary>
internal sealed class Exposition
{
    private const string Prefix = "pcmk_kpatch_";

    // A label is kept by Prometheus for as long as it keeps anything; what is written in the cluster may be of any length.
    private const int LongestLabel = 200;

    private readonly StringBuilder _text = new();

    /// <summary>Adds a metric that may go up and down: all of these do.</summary>
    public void Gauge(string name, string help, params IEnumerable<Sample> samples)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (told.Count == 0)
                _text.Append(CultureInfo.InvariantCulture, $"# HELP {Prefix}{name} {help}\n# TYPE {Prefix}{name} gauge\n");
            var labels = string.Join(',', sample.Labels.Select(label => $"{label.Name}=\"{Escaped(label.Value)}\""));
            if (told.Add(labels))
                _text.Append(CultureInfo.InvariantCulture, $"{Prefix}{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {sample.Value:R}\n");
        }
    }

    /// <summary>Adds a metric that has one value, or none where it is not known.</summary>
    public void Gauge(string name, string help, double? value) => Gauge(name, help, value is { } known ? [new Sample(known)] : (Sample[])[]);

    /// <summary>Adds one that says yes or no, or nothing where it is not known.</summary>
    public void Gauge(string name, string help, bool? value) => Gauge(name, help, value is { } known ? [Sample.Of(known)] : (Sample[])[]);

    /// <summary>Adds one that is a moment, or nothing where there is none.</summary>
    public void Gauge(string name, string help, DateTimeOffset? moment) => Gauge(name, help, moment is { } known ? [Sample.Of(known)] : (Sample[])[]);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    // What a node, a tool or the CIB says: anybody may have written it.
    private static string Escaped(string value) => PlainText.Of(value, LongestLabel).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
