import { Table } from '@mantine/core';
import { live } from '../../../texts/live.js';
import { summaryOf } from '../travel/percentile.js';
import { pointsByReplica, type Point } from './points.js';

const texts = live.history;
const { replica, count, median, p95, longest } = texts.columns;

/** The delays of the plot as figures. Replicas without any have a row as well, so that nothing moves later. */
export function DelayTable(props: { replicas: readonly string[]; points: readonly Point[] }) {
  const { replicas, points } = props;
  const groups = pointsByReplica(points);
  const names = [...new Set([...replicas, ...groups.keys()])];
  return (
    <div className="live-scroll" tabIndex={0} role="region" aria-label={texts.table}>
      <Table className="live-number" captionSide="top">
        <Table.Caption>{texts.table}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {[replica, count, median, p95, longest].map((heading) => (
              <Table.Th key={heading} scope="col">
                {heading}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => (
            <DelayRow key={name} name={name} points={groups.get(name) ?? []} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function DelayRow({ name, points }: { name: string; points: readonly Point[] }) {
  const summary = summaryOf(points.map(({ milliseconds }) => milliseconds));
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>{summary.count}</Table.Td>
      <Table.Td>{texts.milliseconds(summary.median)}</Table.Td>
      <Table.Td>{texts.milliseconds(summary.p95)}</Table.Td>
      <Table.Td>{texts.milliseconds(summary.longest)}</Table.Td>
    </Table.Tr>
  );
}
