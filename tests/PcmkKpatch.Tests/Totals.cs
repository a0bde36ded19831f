using NUnit.Framework;
using PcmkKpatch.Tests.Suites;

// Each world is one test's own; nothing is shared but the count.
[assembly: Parallelizable(ParallelScope.All)]
[assembly: LevelOfParallelism(2)]

namespace PcmkKpatch.Tests;

/// <summary>Says at the end of all tests what was simulated.</summary>
[SetUpFixture]
public sealed class Totals
{
    [OneTimeTearDown]
    public void Say()
    {
        TestContext.Progress.WriteLine(Count.InAll());
        if (Environment.GetEnvironmentVariable("PCMK_KPATCH_FIGURES") is { Length: > 0 } file)
            File.WriteAllText(file, Count.Json());
    }
}
