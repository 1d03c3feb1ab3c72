import { html, type Html } from './html.js';
import { utc } from './about-run.js';
import { glossary } from './glossary.js';
import { bodyOf, document, footer } from './page.js';
import { listed } from './quantity.js';
import { PAGED_EXPERIMENTS, type PagedExperiment } from './run.js';
import type { KeptRun } from './runs.js';
import type { Section } from './section.js';
import { sectionOf } from './sections.js';

const commandOf = (experiment: PagedExperiment) => `npm run lab -- ${experiment}`;

interface Part extends KeptRun {
  readonly section: Section;
}

/** One page of the runs that stand for each experiment, and of what is missing. */
export function joinedPage(runs: readonly KeptRun[]): string {
  const parts = runs.map((kept) => ({ ...kept, section: sectionOf(kept.run) }));
  const present = runs.map(({ run }) => run.experiment);
  const missing = PAGED_EXPERIMENTS.filter((name) => !present.includes(name));
  return document(
    'Latchkey: ways of knowing who calls, compared',
    html`<header>
        <h1>Latchkey: ways of knowing who calls, compared</h1>
        <p class="question">
          The same service, protected in different ways: a JWT that every service verifies by itself
          (with a log-out that reaches it), a session cookie that is looked up in a shared store,
          and a token that the auth service is asked about. What does each cost, how far does it
          scale, how soon does a log-out count, and what happens in an outage?
        </p>
      </header>
      <nav aria-label="Sections">${contents(parts)}</nav>
      <main>
        <h2 id="in-short">In short</h2>
        <ul class="findings">
          ${parts.map(inShort)}
        </ul>
        ${notComparable(runs)} ${missing.length > 0 && missingNote(missing)} ${parts.map(partOf)}
        ${glossary()}
      </main>`,
    footer(),
  );
}

function contents(parts: readonly Part[]): Html {
  return html`<ul>
    ${parts.map(
      ({ run, section, file }) =>
        html`<li>
          <a href="#${run.experiment}">${section.title}</a>: run of
          ${utc(run.startedAt)}${run.options.quick && ', quick'} (<a href="${file}"
            >its figures as JSON</a
          >)
        </li>`,
    )}
    <li><a href="#words">Words</a></li>
  </ul>`;
}

function inShort({ run, section }: Part): Html {
  return html`<li>
    <a href="#${run.experiment}">${section.title}</a>${run.options.quick && ' (a quick run)'}:
    ${section.findings[0]?.sentence}
  </li>`;
}

function partOf({ run, section }: Part): Html {
  const title = `${run.experiment}-title`;
  return html`<section id="${run.experiment}" aria-labelledby="${title}">
    <h2 id="${title}">${section.title}</h2>
    ${bodyOf(run, section)}
  </section>`;
}

function missingNote(missing: readonly PagedExperiment[]): Html {
  return html`<div class="banner">
    <strong>Not all experiments were run.</strong> To add what is missing, run this, then
    <code>npm run lab -- report</code> again:
    <ul>
      ${missing.map((name) => html`<li><code>${commandOf(name)}</code></li>`)}
    </ul>
  </div>`;
}

/** A reader would compare figures between sections; where they are of different things, that is said first. */
function notComparable(runs: readonly KeptRun[]): Html | undefined {
  const differing = [
    { what: 'machines', of: ({ run }: KeptRun) => `${run.machine.processor} ${run.machine.cores}` },
    { what: 'commits', of: ({ run }: KeptRun) => run.machine.commit ?? '' },
    { what: 'versions of Node.js', of: ({ run }: KeptRun) => run.machine.node },
  ]
    .filter(({ of }) => new Set(runs.map(of)).size > 1)
    .map(({ what }) => what);
  if (differing.length === 0) return undefined;
  return html`<p class="banner">
    <strong>The sections are of different ${listed(differing)}.</strong> Compare figures within a
    section, not between sections.
  </p>`;
}
