import { localTime, relativeTime } from '../../../time/relative-time.js';
import { VisibleText } from '../../../text/visible-text.js';
import { useNow } from '../../../time/use-now.js';

/** A number of seconds since 1970, as a time where the reader is, and as a distance that ticks. */
export function TimeValue({ seconds, source }: { seconds: number; source: string }) {
  const now = useNow();
  const milliseconds = seconds * 1000;
  const local = localTime(milliseconds);
  return (
    <span className="time-value">
      {local !== undefined && (
        <>
          <time dateTime={new Date(milliseconds).toISOString()}>{local}</time>
          <span className="time-distance">{relativeTime(milliseconds, now)}</span>
        </>
      )}
      <span className="time-number">
        <VisibleText text={source} />
      </span>
    </span>
  );
}
