using System.Text.RegularExpressions;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Report;

/// <summary>What is wrong with a page, as a browser has it: each thing in a sentence, none where nothing is.</summary>
internal static class PageLook
{
    // Of each picture: which of its texts lie over one another or over its edge.
    private const string Overlaps =
        """
        [...document.querySelectorAll('svg.timeline')].flatMap(svg => {
          const edge = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll('text')].filter(t => t.getClientRects().length > 0).map(t => ({ says: [...t.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(''), box: t.getBoundingClientRect() }));
          const problems = texts.filter(t => t.box.left < edge.left - .5 || t.box.right > edge.right + .5 || t.box.top < edge.top - .5 || t.box.bottom > edge.bottom + .5).map(t => 'over the edge: ' + t.says);
          if (texts.length === 0) problems.push('a picture without a text');
          for (let i = 0; i < texts.length; i++)
            for (let j = i + 1; j < texts.length; j++) {
              const a = texts[i].box, b = texts[j].box;
              if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > .5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
                problems.push('one over the other: ' + texts[i].says + ' and ' + texts[j].says);
            }
          return problems;
        })
        """;

    // What is wider than the page, and what is cut off in a box of its own.
    private const string CutOff =
        """
        (() => {
          const root = document.documentElement, problems = [];
          if (root.scrollWidth > root.clientWidth || document.body.scrollWidth > root.clientWidth) problems.push('the page is wider than the window: ' + root.scrollWidth + ' of ' + root.clientWidth);
          for (const e of document.body.querySelectorAll('*')) {
            if (e.closest('.defs') || e.closest('svg.timeline')) continue;
            const box = e.getBoundingClientRect();
            if (box.width > 0 && (box.right > root.clientWidth + .5 || box.left < -.5)) problems.push('wider than the window: ' + e.tagName + ' ' + e.textContent.slice(0, 40));
            if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).overflowX !== 'visible') problems.push('cut off: ' + e.tagName + ' ' + e.textContent.slice(0, 40));
          }
          return problems;
        })()
        """;

    // Letters with too little contrast to what is behind them (WCAG 2: 4.5 to 1).
    private const string Contrast =
        """
        (() => {
          const numbers = c => c.match(/[\d.]+/g).map(Number);
          const light = c => { const [r, g, b] = numbers(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
          const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
          const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, n = numbers(c); if (n.length < 4 || n[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
          const problems = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let seen = 0;
          for (let n = walker.nextNode(); n; n = walker.nextNode()) {
            const e = n.parentElement, text = e.closest('text');
            if (!n.data.trim() || e.closest('title, desc') || e.getClientRects().length === 0) continue;
            let back = behind(e);
            if (text && text.classList.contains('letter')) {
              const box = text.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
              const bar = [...text.closest('svg').querySelectorAll('rect.bar')].filter(r => { const b = r.getBoundingClientRect(); return b.left <= x && x <= b.right && b.top <= y && y <= b.bottom; }).pop();
              if (!bar) { problems.push('a letter without a bar: ' + n.data); continue; }
              back = getComputedStyle(document.querySelector('.k-' + bar.getAttribute('fill').match(/#p-([a-z]+)/)[1])).fill;
            }
            seen++;
            const style = getComputedStyle(e), front = text ? style.fill : style.color;
            if (ratio(front, back) < 4.5) problems.push(ratio(front, back).toFixed(2) + ': ' + front + ' on ' + back + ': ' + n.data.slice(0, 40));
          }
          if (seen === 0) problems.push('no text at all');
          return problems;
        })()
        """;

    // What a screen reader needs, as far as the elements tell.
    private const string Structure =
        """
        (() => {
          const problems = [], levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1]);
          if (document.documentElement.lang !== 'en') problems.push('no language');
          if (!document.title) problems.push('no title');
          if (levels.filter(l => l === 1).length !== 1 || levels[0] !== 1) problems.push('not one first heading');
          levels.forEach((l, i) => { if (i > 0 && l > levels[i - 1] + 1) problems.push('a heading of level ' + l + ' behind one of ' + levels[i - 1]); });
          for (const t of document.querySelectorAll('table')) if (!t.caption || !t.caption.textContent.trim()) problems.push('a table without a caption');
          for (const h of document.querySelectorAll('th')) if (!['col', 'row'].includes(h.scope)) problems.push('a head without a scope: ' + h.textContent);
          const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
          ids.forEach((id, i) => { if (ids.indexOf(id) !== i) problems.push('twice: the id ' + id); });
          for (const e of document.querySelectorAll('[aria-labelledby]')) for (const id of e.getAttribute('aria-labelledby').split(' ')) if (!document.getElementById(id)) problems.push('named by nothing: ' + id);
          for (const e of document.querySelectorAll('[fill^="url(#"]')) if (!document.getElementById(e.getAttribute('fill').slice(5, -1))) problems.push('filled with nothing: ' + e.getAttribute('fill'));
          if (document.querySelector('script, iframe, object, embed, link, img, form, [onload], [onerror], [onclick], [href], [src]')) problems.push('something that is no text');
          return problems;
        })()
        """;

    /// <summary>What is wrong with it, shown like that.</summary>
    public static IReadOnlyList<string> Problems(Browser browser, string file, int width, bool dark = false, bool paper = false)
    {
        browser.Show(file, width, dark, paper);
        List<string> problems = [.. browser.Requests(file).Select(url => $"it asks for {url}"), .. browser.Console().Select(line => $"the console has {line}")];
        foreach (var look in (string[])[Overlaps, CutOff, Contrast, Structure])
            problems.AddRange(browser.Ask(look)!.AsArray().Select(problem => (string)problem!));
        var heard = browser.Heard();
        if (!heard.Any(thing => thing.Role is "image" or "img" && thing.Name.StartsWith("Timeline of the rollout", StringComparison.Ordinal)))
            problems.Add("nobody hears of the picture");
        problems.AddRange(heard.Where(thing => thing.Role is "table" && thing.Name.Length == 0).Select(_ => "nobody hears what a table is about"));
        if (!heard.Any(thing => thing.Role == "table"))
            problems.Add("nobody hears of a table");
        return problems;
    }

    /// <summary>The words on paper, each page's with where they are; and what is over an edge.</summary>
    public static (int Pages, string Text, IReadOnlyList<string> Problems) Paper(Browser browser, string file, TempFolder folder)
    {
        browser.Show(file, 794);
        browser.Print(folder.At("page.pdf"));
        var boxes = Shell.Run("pdftotext", ["-bbox", folder.At("page.pdf"), "-"]);
        var text = Shell.Run("pdftotext", ["-layout", folder.At("page.pdf"), "-"]);
        Assert.That((boxes.ExitCode, text.ExitCode), Is.EqualTo((0, 0)), boxes.ToString());
        var pages = Regex.Matches(boxes.Output, "<page width=\"([0-9.]+)\" height=\"([0-9.]+)\">");
        Assert.That(pages.Select(page => (Math.Round(double.Parse(page.Groups[1].Value)), Math.Round(double.Parse(page.Groups[2].Value)))), Is.All.EqualTo((595d, 842d)), "A4");
        var problems = Regex.Matches(boxes.Output, "<word xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" xMax=\"([0-9.]+)\" yMax=\"([0-9.]+)\">(.*)</word>")
            .Where(word => double.Parse(word.Groups[1].Value) < 0 || double.Parse(word.Groups[2].Value) < 0 || double.Parse(word.Groups[3].Value) > 595.5 || double.Parse(word.Groups[4].Value) > 842.5)
            .Select(word => $"over the paper's edge: {word.Groups[5].Value}");
        // What is too wide for the paper is not cut off: the browser prints all of it smaller.
        var first = Regex.Match(boxes.Output, "yMin=\"([0-9.]+)\" xMax=\"[0-9.]+\" yMax=\"([0-9.]+)\">Kernel</word>");
        var heading = double.Parse(first.Groups[2].Value) - double.Parse(first.Groups[1].Value);
        return (pages.Count, text.Output, [.. problems, .. heading < 20 ? [$"printed smaller, to fit: the heading is {heading:0.0} points high"] : (string[])[]]);
    }
}
