namespace PcmkKpatch.ToolTests.Support;

/// <summary>A kernel module as gcc and ld make one, small: it has what is read of a module, and no code that would run. Signed as the kernel's sign-file does it.</summary>
internal sealed class BuiltModule : IDisposable
{
    private const string Build =
        """
        set -e
        cd "$1"
        printf '%s\n' 'static const char info[] __attribute__((section(".modinfo"), used, aligned(1))) = '"$3"';' \
            'int patched; int f(void) { return patched; }' >module.c
        gcc -c -O2 -o module.o module.c
        ld -r --build-id=sha1 -o "$2" module.o
        """;

    // $3: options of openssl cms that say how the signer is named.
    private const string Sign =
        """
        set -e
        cd "$1"
        openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj "/O=Lab/CN=$4" -keyout key -out certificate 2>/dev/null
        openssl cms -sign -binary -noattr -nocerts -md sha256 -outform DER $3 -signer certificate -inkey key -in "$2" -out signature
        cat signature >>"$2"
        size=$(stat -c %s signature)
        printf '\0\0\2\0\0\0\0\0\0\0'"\\$(printf %03o $((size / 256)))\\$(printf %03o $((size % 256)))~Module signature appended~\n" >>"$2"
        """;

    private readonly TempFolder _folder = new();

    /// <param name="file">The name of its file.</param>
    /// <param name="info">Its .modinfo, name=value each.</param>
    public BuiltModule(string file, params string[] info)
    {
        Path = _folder.At(file);
        Run(Build, file, string.Concat(info.Select(entry => $"\"{entry}\\0\" ")));
    }

    public string Path { get; }

    /// <summary>Its build id in hexadecimal, as readelf shows it.</summary>
    public string BuildId => Shell.Script("readelf -n \"$1\" | sed -n 's/.*Build ID: //p'", [Path]).Output.Trim();

    /// <summary>Appends a signature.</summary>
    public void AppendSignature(string name, string options = "") => Run(Sign, System.IO.Path.GetFileName(Path), options, name);

    public void Dispose() => _folder.Dispose();

    private void Run(string script, params string[] arguments)
    {
        var answer = Shell.Script(script, [_folder.Path, .. arguments]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
    }
}
