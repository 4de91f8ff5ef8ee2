// The style sheet of report.html.
#pragma once

#include <string_view>

namespace quickpay::conformance {

inline constexpr std::string_view kReportStyle = R"css(
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1d2329;--soft:#5b6670;--line:#dfe3e6;--code:#f3f5f6;
--accent:#1f4e79;--good:#1a6b3c;--bad:#a3221f;--warn:#8a5a00;--open:#4b4fa0;--badbg:#fbeeed;--goodbg:#ecf5ef;--openbg:#eeeef8;--warnbg:#faf3e3}
@media (prefers-color-scheme:dark){:root{--bg:#14181c;--card:#1b2025;--ink:#e4e8eb;--soft:#9aa6b0;--line:#323a42;--code:#22282e;
--accent:#8fbbe6;--good:#7fcf9c;--bad:#f2938f;--warn:#e2b65c;--open:#aeb2f0;--badbg:#2f1e1e;--goodbg:#1b2a21;--openbg:#22243a;--warnbg:#2d2718}}
*{box-sizing:border-box}
html{background:var(--bg);color:var(--ink);font:16px/1.5 "Source Sans 3","Segoe UI",system-ui,-apple-system,"Liberation Sans",Arial,sans-serif}
body{margin:0;overflow-wrap:anywhere}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:.5rem 1rem}
header,main,footer{max-width:74rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.2rem}
h1{font-size:1.15rem;font-weight:600;color:var(--soft);margin:0 0 .3rem;letter-spacing:.01em}
h2{font-size:1.3rem;margin:2.6rem 0 .9rem;font-weight:650}
h3{font-size:1.05rem;margin:0;font-weight:650;overflow-wrap:anywhere}
h4{font-size:.82rem;margin:1.2rem 0 .35rem;font-weight:650;color:var(--soft);text-transform:uppercase;letter-spacing:.05em}
.verdict{font-size:2.1rem;line-height:1.2;font-weight:700;margin:0 0 1.2rem;letter-spacing:-.015em}
.v-good{color:var(--good)}.v-bad{color:var(--bad)}.v-open{color:var(--open)}
.top{display:grid;grid-template-columns:minmax(16rem,22rem) 1fr;gap:1.2rem 3rem;align-items:start;border-top:2px solid var(--ink);padding-top:1.2rem}
@media (max-width:52rem){.top{grid-template-columns:1fr}}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding-bottom:.3rem}
th,td{text-align:left;padding:.32rem .8rem .32rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400;overflow-wrap:anywhere}
thead th{font-size:.82rem;color:var(--soft);font-weight:600}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.matrix th,.matrix td{overflow-wrap:normal;min-width:9rem}.matrix tbody th{min-width:14rem;overflow-wrap:anywhere}.matrix .chip{margin-left:0}
.counts th{color:var(--soft)}.counts td{font-weight:650;font-size:1.05rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.4rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code,pre,.mono{font:.875em/1.45 "JetBrains Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
pre{background:var(--code);padding:.7rem .9rem;border-radius:5px;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0;max-height:30rem;overflow:auto}
pre.dump{white-space:pre;overflow-wrap:normal}
article{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--soft);border-radius:6px;padding:1.1rem 1.3rem 1.2rem;margin:0 0 1.2rem;break-inside:avoid-page}
article.fail,article.error{border-left-color:var(--bad)}article.warn{border-left-color:var(--warn)}article.inconclusive{border-left-color:var(--open)}
article>p.title{margin:.15rem 0 .8rem;color:var(--soft)}
.chip{display:inline-block;font-size:.74rem;font-weight:650;line-height:1;padding:.3em .55em;border-radius:3px;margin-left:.6rem;vertical-align:.12em;letter-spacing:.02em;white-space:nowrap}
.chip.fail,.chip.error{color:var(--bad);background:var(--badbg)}.chip.pass{color:var(--good);background:var(--goodbg)}
.chip.warn{color:var(--warn);background:var(--warnbg)}.chip.inconclusive,.chip.not_applicable{color:var(--open);background:var(--openbg)}
blockquote{margin:0 0 .9rem;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line)}
blockquote p{margin:.15rem 0}blockquote .src{color:var(--soft);font-size:.875rem}
dl.cmp dd.exp{color:var(--good)}dl.cmp dd.got{color:var(--bad)}
figure{margin:.4rem 0;overflow-x:auto;border:1px solid var(--line);border-radius:5px;padding:.4rem}
figcaption{font-size:.85rem;color:var(--soft)}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--accent)}
details.sc{border-top:1px solid var(--line);padding-top:.5rem}details.sc>dl{margin-top:.4rem}details.sc>summary{color:var(--ink);font-weight:600;overflow-wrap:anywhere}
.quiet{color:var(--soft);font-size:.9rem}
svg.seq{display:block;max-width:none;font:13px "Source Sans 3","Segoe UI",system-ui,"Liberation Sans",Arial,sans-serif}
svg .life{stroke:var(--line);stroke-dasharray:3 4}svg .head{fill:var(--code);stroke:var(--line)}svg .head.iut{fill:var(--card);stroke:var(--accent);stroke-width:2}
svg text{fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}svg .who{stroke:none}svg .who,svg .msg,svg .mut{text-anchor:middle}svg .who{font-weight:600}
svg .no{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}svg .note{fill:var(--soft);font-style:italic}
svg .arrow{stroke:var(--ink);stroke-width:1.3}svg .answer .arrow{stroke-dasharray:5 3}svg .lost{stroke:var(--bad);stroke-dasharray:2 3}svg .tip{fill:var(--ink)}
svg .mut{fill:var(--warn);font-size:11px}svg .marked .arrow{stroke:var(--bad);stroke-width:2.2}svg .marked .tip,svg .marked .msg{fill:var(--bad)}svg .marked .msg{font-weight:650}
nav ul{list-style:none;margin:1.4rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.4rem}
footer{color:var(--soft);font-size:.875rem;padding-top:2rem;padding-bottom:3rem}
@media(min-width:64rem){svg.seq{max-width:100%;height:auto}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--code:#f4f4f4;--accent:#000;--good:#064;--bad:#900;--warn:#640;--open:#226}
html{font-size:11px}header,main,footer{max-width:none;padding-left:0;padding-right:0}pre{max-height:none}.skip,nav{display:none}figure{overflow:visible}svg.seq{max-width:100%;height:auto}}
)css";

}  // namespace quickpay::conformance
