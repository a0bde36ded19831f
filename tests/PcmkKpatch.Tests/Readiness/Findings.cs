using NUnit.Framework;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

/// <summary>What is true of every finding, and how tests look at them.</summary>
internal static class Findings
{
    /// <summary>The ids with their weight, as "error kpatch.missing"; each finding must say what is the matter, and what to do.</summary>
    public static string[] Ids(this IEnumerable<Finding> findings) => [.. findings.Select(finding =>
    {
        Assert.That(finding.Why, Is.Not.Empty);
        Assert.That(finding.Severity == Severity.Note || finding.Command is not null || finding.Remedy is not null, $"{finding.Id} says what to do");
        return $"{finding.Severity.ToString().ToLowerInvariant()} {finding.Id}";
    })];

    public static Finding The(this IEnumerable<Finding> findings, string id) => findings.Single(f => f.Id == id);
}
