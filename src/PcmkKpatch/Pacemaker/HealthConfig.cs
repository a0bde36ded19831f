using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// What the CIB says of unhealthy nodes: node-health-strategy, and the meta attribute allow-unhealthy-nodes of what the cluster places as one thing. Pacemaker
/// looks for the latter at the outermost clone, group or bundle alone, then at its template, then among the defaults.
/// </summary>
internal static class HealthConfig
{
    private const string Name = "cibadmin";
    private const string Strategy = "node-health-strategy";
    private const string Allow = "allow-unhealthy-nodes";
    private const string Properties = "crm_config";
    private const string Defaults = "rsc_defaults";

    /// <summary>Reads a CIB; what happened in it is of no account.</summary>
    public static HealthRules Parse(TextReader cib)
    {
        var sets = new List<ValueSet>();
        var templates = new Dictionary<string, string?>(StringComparer.Ordinal);
        string? featureSet = null, top = null;
        var whole = false;
        XmlText.ForEachElement(Name, cib, (element, ancestors) =>
        {
            switch (ancestors)
            {
                case []:
                    featureSet = element.GetAttribute("crm_feature_set");
                    break;
                case ["cib"]:
                    whole |= element.Name == "status";
                    break;
                case ["cib", "configuration", "resources"]:
                    top = element.Required(Name, "id");
                    if (element.Name != "template")
                        templates[top] = element.GetAttribute("template");
                    break;
                case ["cib", "configuration", "resources", _] when element.Name == "meta_attributes":
                    sets.Add(ValueSet.Of(top!, element));
                    break;
                case ["cib", "configuration", Properties] when element.Name == "cluster_property_set":
                    sets.Add(ValueSet.Of(Properties, element));
                    break;
                case ["cib", "configuration", Defaults] when element.Name == "meta_attributes":
                    sets.Add(ValueSet.Of(Defaults, element));
                    break;
                case ["cib", "configuration", "resources", _, "meta_attributes"] or ["cib", "configuration", Properties or Defaults, _]:
                    sets[^1].Read(element);
                    break;
                default:
                    break;
            }
        });
        if (!whole)
            throw new ToolFailedException(Name, null, "its output is no whole CIB");
        var stays = templates.ToDictionary(t => t.Key, t => Stays(sets, t.Key, t.Value), StringComparer.Ordinal);
        var strategy = Value(sets.Where(s => s.Owner == Properties), Strategy);
        return new HealthRules
        {
            FeatureSet = featureSet,
            Strategy = strategy.IsSure ? strategy.Text ?? "none" : null,
            Staying = [.. stays.Where(s => s.Value == true).Select(s => s.Key)],
            Unsure = [.. stays.Where(s => s.Value is null).Select(s => s.Key)],
        };
    }

    private static bool? Stays(List<ValueSet> sets, string id, string? template)
    {
        var own = Value(sets.Where(s => s.Owner == id || s.Owner == template), Allow);
        var found = own is { IsSure: true, Text: null } ? Value(sets.Where(s => s.Owner == Defaults), Allow) : own;
        return found.IsSure ? Standby.IsTrue(found.Text) : null;
    }

    // Not sure where a rule, a score or a reference decides which value it is.
    private static (bool IsSure, string? Text) Value(IEnumerable<ValueSet> sets, string name)
    {
        var found = sets.Where(s => s.MayHave(name)).ToList();
        var values = found.Select(s => s.Value(name)).Distinct().ToList();
        return (values.Count < 2 && !found.Exists(s => s.IsConditional), values.FirstOrDefault());
    }

    // A set of name-value pairs in the CIB.
    private sealed class ValueSet
    {
        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
        private bool _hasRule, _borrows;

        public required string Owner { get; init; }

        public bool IsConditional => _hasRule || _borrows;

        public static ValueSet Of(string owner, XmlReader element) => new() { Owner = owner, _borrows = element.GetAttribute("id-ref") is not null };

        public void Read(XmlReader element)
        {
            if (element.Name == "rule")
                _hasRule = true;
            else if (element.GetAttribute("name") is { } name)
                _values[name] = element.GetAttribute("value") ?? "";
            _borrows |= element.GetAttribute("id-ref") is not null;
        }

        public bool MayHave(string name) => _borrows || _values.ContainsKey(name);

        public string? Value(string name) => _values.GetValueOrDefault(name);
    }
}
