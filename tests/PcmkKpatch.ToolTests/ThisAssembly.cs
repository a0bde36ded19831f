global using NUnit.Framework;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
// CIB_file is in the environment of the process, and a CIB file knows no locks.
[assembly: NonParallelizable]
