import { auth } from '../texts/auth.js';
import { localTime } from '../time/relative-time.js';
import { useNow } from '../time/use-now.js';

const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
/** In seconds, the longest first. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago, in one unit: nobody needs the seconds of a log-in. The clock of this device may be behind auth’s. */
export function ageOf(milliseconds: number, now: number): string {
  const seconds = (now - milliseconds) / 1000;
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return unit ? WORDS.format(-Math.trunc(seconds / unit[1]), unit[0]) : auth.age.now;
}

/** A time as its distance from now. The exact one is its title. */
export function Age({ at }: { at: string }) {
  const now = useNow();
  const milliseconds = Date.parse(at);
  if (Number.isNaN(milliseconds)) return at;
  return (
    <time dateTime={at} title={localTime(milliseconds)} className="age">
      {ageOf(milliseconds, now)}
    </time>
  );
}
