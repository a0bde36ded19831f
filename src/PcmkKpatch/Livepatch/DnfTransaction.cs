namespace PcmkKpatch.Livepatch;

/// <summary>One package in a transaction.</summary>
/// <param name="Section">The heading in dnf's table: Installing, Upgrading, Removing dependent packages …; "Replacing" for what another one makes obsolete.</param>
/// <param name="Package">The package's name.</param>
internal sealed record DnfChange(string Section, string Package);

/// <summary>
/// What dnf would do, read from the table that it shows in the C locale before it asks. dnf 4 has no form of it for programs. What is in
/// the table and not understood counts as a change, so that a table of another form is refused and never taken for a small one.
/// </summary>
/// <param name="Changes">Each package that would be touched; empty where there is nothing to do.</param>
internal sealed record DnfTransaction(IReadOnlyList<DnfChange> Changes)
{
    /// <summary>That package would be installed or upgraded, and nothing else be touched.</summary>
    public bool IsAlone(string package) => Changes is [{ Section: "Installing" or "Upgrading" } only] && only.Package == package;

    /// <summary>What is installed of that package is newer.</summary>
    public bool IsDowngrade(string package) => Changes is [{ Section: "Downgrading" } only] && only.Package == package;

    /// <summary>What would happen to others than that package, for people.</summary>
    public string Others(string package)
    {
        var others = Changes.Where(c => c.Package != package || c.Section is not ("Installing" or "Upgrading"))
            .GroupBy(c => c.Section, c => c.Package).Select(section => $"{section.Key.ToLowerInvariant()} {string.Join(", ", section)}").ToList();
        return others.Count > 0 ? string.Join("; ", others) : $"its table has no {package}";
    }

    /// <summary>Reads dnf's output.</summary>
    public static DnfTransaction Parse(string output)
    {
        var lines = output.Split('\n').Select(line => line.TrimEnd()).SkipWhile(line => !IsRule(line)).Skip(1).SkipWhile(line => !IsRule(line)).Skip(1);
        var changes = new List<DnfChange>();
        var section = "";
        foreach (var line in lines.TakeWhile(line => line != "Transaction Summary").Where(line => line.Length > 0))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ')
                section = line.TrimEnd(':');
            else if (line.Length > 1 && line[1] != ' ')
                changes.Add(new DnfChange(section, words[0]));
            else if (words is ["replacing", var old, ..])
                changes.Add(new DnfChange("Replacing", old));
            // Anything else goes on with the line before: a name that was too long for its column.
        }

        return new DnfTransaction(changes);
    }

    private static bool IsRule(string line) => line.Length > 20 && line.All(c => c == '=');
}
