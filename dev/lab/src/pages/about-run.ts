import { html, type Html } from './html.js';
import { counted, duration } from './quantity.js';
import type { Run } from './run.js';

/** When, where and how the run was made, and the command that repeats it. */
export function aboutRun(run: Run): Html {
  const { machine, versions } = run;
  const facts: readonly (readonly [string, Html | string])[] = [
    ['Repeat with', html`<code>${run.command}</code>`],
    ['Started', html`${utc(run.startedAt)}, took ${duration(run.seconds)}`],
    ['Machine', machineOf(run)],
    ['Software', [`Node.js ${machine.node.replace(/^v/, '')}`, ...named(versions)].join(', ')],
    ['Packages', named(machine.versions).join(', ')],
    ['Commit', machine.commit ?? 'not a git checkout'],
  ];
  return html`<dl class="about">
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${
      run.options.quick &&
      html`<p class="banner">
        <strong>A quick run.</strong> It shows that the experiment works and what its report looks
        like. It is too short, and has too few rounds, for its figures to be quoted.
      </p>`
    }
    ${
      !run.held &&
      html`<div class="banner broken">
        <strong>Not held.</strong> Something that is promised or expected did not hold in this run:
        <ul>
          ${run.complaints.map((complaint) => html`<li>${complaint}</li>`)}
        </ul>
      </div>`
    }`;
}

/** `2026-05-19 10:15 UTC` */
export function utc(timestamp: string): string {
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 16)} UTC`;
}

function machineOf({ machine }: Run): string {
  const { processor, cores, memoryGiB, system, loadAverage } = machine;
  return (
    `${counted(cores, 'core')} of ${processor}, ${memoryGiB} GiB of memory, ${system}; ` +
    `load average before the start ${loadAverage.toFixed(1)}`
  );
}

const named = (versions: Readonly<Record<string, string>>) =>
  Object.entries(versions).map(([name, version]) => `${name} ${version}`);
