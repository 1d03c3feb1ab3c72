import type { StackReport } from '@latchkey/contracts/live';
import { live } from '../../texts/live.js';
import { Part } from './part.js';

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });

/** A link to the newest page of the lab. */
export function LabLink({ report }: { report: NonNullable<StackReport['labReport']> }) {
  return (
    <Part title={live.lab.title}>
      <p>
        <a href={report.url} target="_blank" rel="noreferrer">
          {live.lab.link(DATE.format(report.writtenAtMilliseconds))}
        </a>
        . {live.lab.text}
      </p>
    </Part>
  );
}
