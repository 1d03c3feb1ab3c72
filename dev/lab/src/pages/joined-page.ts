import { html, type Html } from './html.js';
import { utc } from './about-run.js';
import { glossary } from './glossary.js';
import { bodyOf, document, footer, sectionOf } from './page.js';
import { listed } from './quantity.js';
import { PAGED_EXPERIMENTS } from '../experiments.js';
import type { KeptRun } from './runs.js';
import type { Section } from './section.js';

const commandOf = (experiment: string) => `npm run lab -- ${experiment}`;

interface Part extends KeptRun {
  readonly section: Section;
}

/** One page with a run of each experiment, and a note on the experiments without one. */
export function joinedPage(runs: readonly KeptRun[]): string {
  const parts = runs.map((kept) => ({ ...kept, section: sectionOf(kept.run) }));
  const present = new Set(runs.map(({ run }) => run.experiment));
  const missing = PAGED_EXPERIMENTS.map(({ name }) => name).filter((name) => !present.has(name));
  return document(
    'Latchkey: ways to authenticate a caller, compared',
    html`<header>
        <h1>Latchkey: ways to authenticate a caller, compared</h1>
        <p class="question">
          The same service, protected in different ways: a JWT that every service verifies itself
          (and that a log-out revokes), a session cookie that is looked up in a shared store, and a
          token that the auth service introspects. What does each cost, how far does it scale, how
          soon does a log-out take effect, and what happens in an outage?
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
    <li><a href="#words">Glossary</a></li>
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

function missingNote(missing: readonly string[]): Html {
  return html`<div class="banner">
    <strong>Not all experiments were run.</strong> To add the missing ones, run these commands, then
    <code>npm run lab -- report</code> again:
    <ul>
      ${missing.map((name) => html`<li><code>${commandOf(name)}</code></li>`)}
    </ul>
  </div>`;
}

/** Warns readers who would compare figures between sections that were measured on different machines or versions. */
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
    <strong>The sections come from different ${listed(differing)}.</strong> Compare figures within a
    section, not between sections.
  </p>`;
}
