import { trusted } from './html.js';

/** Light only, so that pages print as they look. Windows below 760 pixels get the narrow drawings. */
export const STYLE = trusted(`
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1f2328; line-height: 1.55; overflow-wrap: break-word;
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header, main, footer, nav { max-width: 980px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.5rem; line-height: 1.25; margin: 56px 0 8px; padding-top: 20px; border-top: 3px solid #1f2328; }
h3 { font-size: 1.1rem; margin: 32px 0 6px; }
a { color: #0550ae; }
code { font: 0.9em ui-monospace, "DejaVu Sans Mono", monospace; background: #f1f3f5; padding: 1px 5px; border-radius: 4px; }
.question { font-size: 1.15rem; margin: 0 0 12px; color: #39414a; }
.findings { padding-left: 22px; }
.findings li { margin: 8px 0; }
.banner { border-left: 6px solid #e3b505; background: #fff8dc; padding: 10px 16px; margin: 16px 0; }
.banner ul { margin: 6px 0 0; padding-left: 22px; overflow-wrap: anywhere; }
.banner.broken { border-color: #7d1128; background: #fdecef; }
.about { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 12px 0; font-size: 0.92rem; }
.about dt { color: #57606a; }
.about dd { margin: 0; min-width: 0; }
figure { margin: 28px 0 36px; break-inside: avoid; }
figcaption { margin-bottom: 8px; }
figcaption span { color: #39414a; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 8px 0; padding: 0; font-size: 0.9rem; }
.legend li { display: flex; align-items: center; gap: 8px; }
.legend svg { flex: none; }
.panels { display: grid; gap: 8px 20px; }
.panels.columns-2 { grid-template-columns: 1fr 1fr; }
.panel { min-width: 0; }
.panel-title { font-weight: 600; font-size: 0.95rem; margin: 8px 0 0; }
.panel svg { display: block; max-width: 100%; height: auto; }
.narrow { display: none; }
details { margin: 8px 0; }
summary { cursor: pointer; color: #0550ae; }
.table { overflow-x: auto; margin: 8px 0; }
table { border-collapse: collapse; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
.table-caption { margin: 8px 0 0; color: #57606a; font-size: 0.88rem; }
th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid #d8dee4; text-align: right; white-space: nowrap; vertical-align: top; }
th:first-child { text-align: left; }
thead th { white-space: normal; min-width: 5em; vertical-align: bottom; border-bottom-color: #57606a; }
tbody th { font-weight: 400; }
.glossary dt { font-weight: 600; margin-top: 12px; }
.glossary dd { margin: 0; }
footer { margin: 48px auto 32px; color: #57606a; font-size: 0.9rem; }
@media (max-width: 760px) {
  .panels.columns-2 { grid-template-columns: 1fr; }
  .wide { display: none; }
  .narrow { display: block; }
  .about { grid-template-columns: 1fr; gap: 0; }
  .about dd { margin-bottom: 8px; }
}
@media print {
  body { font-size: 11pt; }
  h2 { break-before: page; }
  h2, h3, figcaption { break-after: avoid; }
  nav { display: none; }
}
`);
