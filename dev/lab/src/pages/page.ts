import { PAGED_EXPERIMENTS } from '../experiments.js';
import { aboutRun } from './about-run.js';
import { figure } from './figure.js';
import { glossary } from './glossary.js';
import { html, type Content, type Html } from './html.js';
import type { Run } from './run.js';
import type { Section, Statement } from './section.js';
import { STYLE } from './style.js';

/** Forbids scripts and every network request, so that the page stays the same wherever it is opened. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A complete page in one file. */
export function document(title: string, ...body: readonly Content[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="color-scheme" content="light" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return `${page.toString()}\n`;
}

/** The page of one run. */
export function runPage(run: Run): string {
  const section = sectionOf(run);
  return document(
    `Latchkey: ${section.title}`,
    html`<header><h1>Latchkey: ${section.title}</h1></header>
      <main>${bodyOf(run, section)} ${glossary()}</main>`,
    footer(),
  );
}

/** @throws RangeError for an experiment that has no page */
export function sectionOf({ experiment, report }: Run): Section {
  const found = PAGED_EXPERIMENTS.find(({ name }) => name === experiment);
  if (!found) throw new RangeError(`'${experiment}' has no page`);
  return found.page.section(report);
}

/** A run within a page: its question and findings, its charts, and how it was measured. */
export function bodyOf(run: Run, section: Section): Html {
  return html`<p class="question">${section.question}</p>
    ${aboutRun(run)}
    <h3>What this run found</h3>
    <ul class="findings">
      ${section.findings.map(findingOf)}
    </ul>
    ${section.figures.map(figure)}
    <h3>How it was measured</h3>
    <ul>
      ${section.howItWasMeasured.map((item) => html`<li>${item}</li>`)}
    </ul>
    <h3>What it does not show</h3>
    <ul>
      ${section.whatItDoesNotShow.map((item) => html`<li>${item}</li>`)}
    </ul>`;
}

function findingOf({ sentence, items = [] }: Statement): Html {
  return html`<li>
    ${sentence}
    ${
      items.length > 0 &&
      html`<ul>
        ${items.map(({ name, text }) => html`<li><strong>${name}:</strong> ${text}</li>`)}
      </ul>`
    }
  </li>`;
}

export function footer(): Html {
  return html`<footer>
    Made by Latchkey’s lab (<code>npm run lab -- --help</code>). This page needs no network and runs
    no script; the JSON file next to it has the same figures.
  </footer>`;
}
