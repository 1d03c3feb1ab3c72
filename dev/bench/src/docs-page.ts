import type { Machine } from '@latchkey/local-stack';
import type { GroupResult } from './figures.js';
import { formatTable } from './table.js';

const START = '<!-- figures -->';
const END = '<!-- /figures -->';

export interface PageContent {
  readonly machine: Machine;
  readonly day: string;
  readonly groups: readonly GroupResult[];
}

/**
 * Puts the figures of a run between the markers of a page.
 *
 * @throws Error if the markers are missing
 */
export function withFigures(page: string, content: PageContent): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start === -1 || end < start) throw new Error(`the page has no '${START}' … '${END}'`);
  const before = page.slice(0, start + START.length);
  return `${before}\n\n${formatFigures(content)}\n\n${page.slice(end)}`;
}

function formatFigures({ machine, day, groups }: PageContent): string {
  const { processor, cores, memoryGiB, system, node, openssl, versions, commit } = machine;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${day}${commit === undefined ? '' : ` at commit ${commit}`}, on ${cores} cores of ` +
      `${processor} with ${memoryGiB} GiB, ${system}, Node.js ${node}, OpenSSL ${openssl}.`,
    `${peers.join(', ')}.`,
    ...groups.flatMap((group) => [
      `### ${group.title}`,
      formatTable(group),
      group.notes.map((note) => `- ${note}`).join('\n'),
    ]),
  ].join('\n\n');
}
