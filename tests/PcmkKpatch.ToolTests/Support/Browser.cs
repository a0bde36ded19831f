using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>Headless Chromium with one page, led by its own protocol (DevTools). It needs no network, and what it asks for is noted.</summary>
internal sealed class Browser : IDisposable
{
    private const string Listening = "DevTools listening on ";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private readonly TempFolder _folder = new();
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _events = [];
    private readonly string _session;
    private int _calls;

    public Browser()
    {
        var start = new ProcessStartInfo(Shell.Installed("chromium")) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={_folder.Path}", "about:blank"])
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = _folder.Path;
        _process = Process.Start(start)!;
        var said = new TaskCompletionSource<string>();
        // What it says besides is nobody's concern; but a full pipe would stop it.
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                said.TrySetException(new AssertionException("chromium ended without listening"));
            else if (line.Data.StartsWith(Listening, StringComparison.Ordinal))
                said.TrySetResult(line.Data[Listening.Length..].Trim());
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var address = Within(said.Task);
        Within(_socket.ConnectAsync(new Uri(address), CancellationToken.None));
        var target = (string)Call("Target.createTarget", new() { ["url"] = "about:blank" }, session: "")["targetId"]!;
        _session = (string)Call("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, session: "")["sessionId"]!;
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network", "Accessibility", "DOM"])
            Call($"{domain}.enable");
    }

    /// <summary>Shows a file, so wide, by day or by night, on a screen or as on paper.</summary>
    public void Show(string file, int width, bool dark = false, bool paper = false)
    {
        Call("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        Call("Emulation.setEmulatedMedia", new() { ["media"] = paper ? "print" : "screen", ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }) });
        _events.Clear();
        Call("Page.navigate", new() { ["url"] = new Uri(file).AbsoluteUri });
        while (!_events.Exists(e => (string)e["method"]! == "Page.loadEventFired"))
            _events.Add(Receive());
        // What it asks for at the end, it has asked for when it has drawn.
        Ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    }

    /// <summary>What the page was made to ask for, its own file left out.</summary>
    public IReadOnlyList<string> Requests(string file) =>
        [.. Events("Network.requestWillBeSent").Select(e => (string)e["request"]!["url"]!).Where(url => url != new Uri(file).AbsoluteUri)];

    /// <summary>What the console has, errors and anything else.</summary>
    public IReadOnlyList<string> Console() => [.. Events("Log.entryAdded").Concat(Events("Runtime.consoleAPICalled")).Concat(Events("Runtime.exceptionThrown")).Select(e => e.ToJsonString())];

    /// <summary>The value of an expression in the page.</summary>
    public JsonNode? Ask(string expression)
    {
        var answer = Call("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.That(answer["exceptionDetails"], Is.Null, expression);
        return answer["result"]!["value"];
    }

    /// <summary>The page as a screen reader has it: role and name of each thing.</summary>
    public IReadOnlyList<(string Role, string Name)> Heard() =>
        [.. Call("Accessibility.getFullAXTree")["nodes"]!.AsArray().Where(node => node!["ignored"]?.GetValue<bool>() != true).Select(node => ((string?)node!["role"]?["value"] ?? "", (string?)node["name"]?["value"] ?? ""))];

    /// <summary>The page on A4 paper, as PDF in a file.</summary>
    public void Print(string to) =>
        File.WriteAllBytes(to, Convert.FromBase64String((string)Call("Page.printToPDF", new() { ["preferCSSPageSize"] = true, ["printBackground"] = false })["data"]!));

    /// <summary>A picture of the page, in a file.</summary>
    public void Picture(string to) => File.WriteAllBytes(to, Convert.FromBase64String((string)Call("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true })["data"]!));

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private IEnumerable<JsonNode> Events(string method) => _events.Where(e => (string)e["method"]! == method).Select(e => e["params"]!);

    private JsonNode Call(string method, JsonObject? parameters = null, string? session = null)
    {
        var call = new JsonObject { ["id"] = ++_calls, ["method"] = method, ["params"] = parameters ?? [] };
        if ((session ?? _session) is { Length: > 0 } of)
            call["sessionId"] = of;
        Within(_socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None));
        while (true)
        {
            var message = Receive();
            if ((int?)message["id"] is not { } id)
                _events.Add(message);
            else if (id == _calls)
                return message["result"] ?? throw new AssertionException($"{method}: {message["error"]}");
        }
    }

    private JsonNode Receive()
    {
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        WebSocketReceiveResult read;
        do
        {
            var receiving = _socket.ReceiveAsync(new ArraySegment<byte>(buffer), CancellationToken.None);
            Within(receiving);
            read = receiving.Result;
            text.Write(buffer, 0, read.Count);
        }
        while (!read.EndOfMessage);
        return JsonNode.Parse(text.ToArray())!;
    }

    private static T Within<T>(Task<T> task)
    {
        Within((Task)task);
        return task.Result;
    }

    private static void Within(Task task) => Assert.That(task.Wait(s_limit), "chromium does not answer");
}
