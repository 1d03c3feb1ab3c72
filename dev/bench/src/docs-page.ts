import type { Machine } from '@latchkey/local-stack';
import type { GroupResult } from './figures.js';
import { formatTable } from './table.js';

const START = '<!-- figures -->';
const END = '<!-- /figures -->';
const HEADING = '### ';

export interface PageContent {
  readonly machine: Machine;
  readonly day: string;
  readonly groups: readonly GroupResult[];
}

/**
 * Puts the figures of a run of all groups between the markers of a page.
 *
 * @throws Error if the markers are missing
 */
export function withFigures(page: string, content: PageContent): string {
  const { machine, groups } = content;
  const peers = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    measuredOn(content),
    `${peers.join(', ')}.`,
    ...groups.map((group) => sectionOf(group)),
  ];
  return between(page, () => parts.join('\n\n'));
}

/**
 * Puts the figures of a run of some groups in the place of those groups, or after all others. Each section says
 * when it was measured.
 *
 * @throws Error if the markers are missing
 */
export function withFiguresOf(page: string, content: PageContent): string {
  return between(page, (old) =>
    content.groups
      .reduce((parts, group) => {
        const heading = headingOf(group);
        const section = sectionOf(group, measuredOn(content));
        const index = parts.findIndex((part) => part.split('\n', 1)[0] === heading);
        return index === -1
          ? [...parts, section]
          : parts.map((part, other) => (other === index ? section : part));
      }, partsOf(old))
      .join('\n\n'),
  );
}

function between(page: string, change: (old: string) => string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start === -1 || end < start) throw new Error(`the page has no '${START}' … '${END}'`);
  const before = page.slice(0, start + START.length);
  const old = page.slice(start + START.length, end);
  return `${before}\n\n${change(old.trim())}\n\n${page.slice(end)}`;
}

/** What comes before the first section, and each section. */
const partsOf = (text: string): string[] =>
  text.split(/\n(?=### )/).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));

const headingOf = ({ title }: GroupResult) => HEADING + title;

function sectionOf(group: GroupResult, about?: string): string {
  const intro = about === undefined ? [] : [about];
  const notes = group.notes.map((note) => `- ${note}`).join('\n');
  return [headingOf(group), ...intro, formatTable(group), notes].join('\n\n');
}

function measuredOn({ machine, day }: PageContent): string {
  const { processor, cores, memoryGiB, system, node, openssl, commit, loadAverage } = machine;
  return (
    `Measured on ${day}${commit === undefined ? '' : ` at commit ${commit}`}, on ${cores} cores of ` +
    `${processor} with ${memoryGiB} GiB, ${system}, Node.js ${node}, OpenSSL ${openssl}, ` +
    `with a load average of ${loadAverage.toFixed(1)} at the start.`
  );
}
