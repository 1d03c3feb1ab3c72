import { durationOf } from '@latchkey/inspector';

/** How far a time is from now, in words: “in 4 minutes 10 seconds”, “3 hours ago”. */
export function relativeTime(milliseconds: number, now: number): string {
  const seconds = Math.trunc((milliseconds - now) / 1000);
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `in ${durationOf(seconds)}` : `${durationOf(seconds)} ago`;
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** The date and time where the reader is. Undefined if no date can express it. */
export const localTime = (milliseconds: number): string | undefined =>
  Number.isNaN(new Date(milliseconds).getTime()) ? undefined : DATE.format(milliseconds);

/** The time of day where the reader is, and the date as well unless it is today. */
export function localClock(milliseconds: number, now: number): string | undefined {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return undefined;
  const isToday = date.toDateString() === new Date(now).toDateString();
  return (isToday ? CLOCK : DATE).format(date);
}
