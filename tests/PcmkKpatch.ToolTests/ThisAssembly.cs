global using NUnit.Framework;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
// CIB_file is in the environment of this process, and a CIB file knows no locks: tests run one by one. Those that touch neither, and
// wait much, say that they may run side by side.
[assembly: NonParallelizable]
[assembly: LevelOfParallelism(6)]
