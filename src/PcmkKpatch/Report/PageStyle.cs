namespace PcmkKpatch.Report;

/// <summary>How a report's page looks: on screens of any width, by day and by night, and on paper.</summary>
internal static class PageStyle
{
    /// <summary>The style sheet. Every colour of letters has a contrast of 4.5 at least to what is behind it.</summary>
    public const string Css =
        """
        :root {
          color-scheme: light dark;
          --paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --rule: #d0d7de; --band: #f4f6f8;
          --good: #0a5c2b; --bad: #a1101c; --off: #7a4b00;
          --gate: #d5d9de; --standby: #cdbcf2; --drain: #f6c667; --load: #7dbcf3; --reverse: #f4a57c; --watch: #9adfb0; --confirm: #86d9d9; --end: #e6e2b8; --parked: #f3a9c4; --other: #eceff2;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --paper: #14181d; --ink: #e6e9ed; --soft: #a9b2bc; --rule: #3a424c; --band: #1d232a;
            --good: #6fdc9a; --bad: #ff9a9a; --off: #f2c14e;
            --gate: #464d56; --standby: #57428f; --drain: #6f4b00; --load: #0f5490; --reverse: #83370f; --watch: #1d6338; --confirm: #115a61; --end: #55572a; --parked: #80204a; --other: #333a42;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
        h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 .75rem; }
        h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
        h4 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
        p { margin: .25rem 0; }
        .soft, figcaption, caption { color: var(--soft); }
        .good { color: var(--good); } .bad { color: var(--bad); } .off { color: var(--off); }
        .rollout { border-top: 2px solid var(--rule); margin-top: 1.5rem; padding-top: 1.25rem; }
        .notes { background: var(--band); border-left: 4px solid var(--soft); margin: 1rem 0; padding: .5rem .75rem .5rem 1.75rem; }
        dl { display: grid; grid-template-columns: minmax(5.5rem, max-content) minmax(0, 1fr); gap: .2rem 1rem; margin: .5rem 0; }
        dt { color: var(--soft); } dd { margin: 0; }
        table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: .5rem 0 1rem; }
        caption { text-align: left; padding-bottom: .25rem; }
        th, td { border-bottom: 1px solid var(--rule); padding: .3rem .5rem .3rem 0; text-align: left; vertical-align: top; }
        thead th { border-bottom: 2px solid var(--rule); } thead th:first-child { width: 34%; }
        tbody th { font-weight: 600; }
        pre { background: var(--band); margin: .25rem 0 1rem; padding: .5rem .75rem; font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        figure { margin: 1rem 0; }
        .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .5rem 0; padding: 0; font-size: .875rem; }
        .legend svg { vertical-align: -2px; margin-right: .3rem; }
        .defs { position: absolute; }
        .timeline { display: block; }
        .timeline text { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; fill: var(--ink); }
        .timeline .label { fill: var(--soft); }
        .timeline .name { font-size: 13px; font-weight: 600; unicode-bidi: isolate; }
        .timeline .letter { font-weight: 700; }
        .timeline .word.good { fill: var(--good); } .timeline .word.bad { fill: var(--bad); } .timeline .word.off { fill: var(--off); } .timeline .word.none { fill: var(--soft); }
        .row, .tick { stroke: var(--rule); stroke-width: 1; }
        .tick { stroke-dasharray: 2 3; }
        .bar { stroke: var(--ink); stroke-width: .5; }
        .lines { stroke: var(--ink); stroke-width: 1; stroke-opacity: .22; fill: none; }
        .k-gap { fill: var(--band); }
        .k-gate { fill: var(--gate); } .k-standby { fill: var(--standby); } .k-drain { fill: var(--drain); } .k-load { fill: var(--load); } .k-reverse { fill: var(--reverse); }
        .k-watch { fill: var(--watch); } .k-confirm { fill: var(--confirm); } .k-end { fill: var(--end); } .k-parked { fill: var(--parked); } .k-other { fill: var(--other); }
        .mark circle { fill: var(--paper); stroke: currentColor; stroke-width: 2; } .mark path { stroke: currentColor; stroke-width: 2; fill: none; }
        .w { display: none; }
        @media (min-width: 46rem) { .w { display: inline; } .n { display: none; } }
        @page { size: A4; margin: 15mm; }
        @media print {
          body { padding: 0; max-width: none; font-size: 10pt; }
          h1, h2, h3, h4, caption { break-after: avoid; break-inside: avoid; }
          h2 { break-after: auto; }
          tr, figure, .legend li { break-inside: avoid; }
          .rollout + .rollout { break-before: page; }
          .timeline, .legend svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; break-inside: avoid; }
        }
        """;
}
