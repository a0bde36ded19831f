using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests;

/// <summary>Folders that tests share: gone when all of them have run.</summary>
[SetUpFixture]
internal sealed class Cleanup
{
    private static readonly List<TempFolder> s_folders = [];

    public static TempFolder AtTheEnd(TempFolder folder)
    {
        lock (s_folders)
            s_folders.Add(folder);
        return folder;
    }

    [OneTimeTearDown]
    public void Clear() => s_folders.ForEach(folder => folder.Dispose());
}
