import { localTime, relativeTime } from '../../../time/relative-time.js';
import { useNow } from '../../../time/use-now.js';

/** A number of seconds since 1970, as a time where the reader is, and as a distance that ticks. */
export function TimeValue({ seconds }: { seconds: number }) {
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
      <span className="time-number">{seconds}</span>
    </span>
  );
}
