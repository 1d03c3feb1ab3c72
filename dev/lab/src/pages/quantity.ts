import type { Summary } from '@latchkey/load-generator';

const SIGNIFICANT = 3;
const MILLISECONDS_PER_SECOND = 1_000;
const SHOWN_AS_SECONDS = 10_000;
const SECONDS_PER_MINUTE = 60;
const BYTES_PER_KIB = 1_024;

/** Formats a number for tables: 12,345.6 becomes 12,346, and 12.345 becomes 12.3. */
export function number(value: number): string {
  return Math.abs(value) < 100
    ? rounded(value)
    : value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Rounds to three significant digits, for prose: 12,345 becomes 12,300. */
export function rounded(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: SIGNIFICANT });
}

export function milliseconds(value: number): string {
  return Math.abs(value) >= SHOWN_AS_SECONDS
    ? `${rounded(value / MILLISECONDS_PER_SECOND)} s`
    : `${rounded(value)} ms`;
}

export const seconds = (value: number): string => `${rounded(value)} s`;

export const microseconds = (value: number): string => `${rounded(value)} µs`;

export function bytes(value: number): string {
  return value >= 10 * BYTES_PER_KIB
    ? `${rounded(value / BYTES_PER_KIB)} KiB`
    : `${rounded(value)} bytes`;
}

/** Formats a fraction. Only exactly 1 is 100%, and only exactly 0 is 0%. */
export function percent(part: number): string {
  if (part > 0 && part < 0.001) return 'less than 0.1%';
  if (part < 1 && part > 0.999) return 'more than 99.9%';
  const of100 = part * 100;
  const digits = of100 < 10 || (of100 > 99 && of100 < 100) ? 1 : 0;
  return `${of100.toLocaleString('en-US', { maximumFractionDigits: digits })}%`;
}

export function times(ratio: number): string {
  return `${ratio.toLocaleString('en-US', { maximumSignificantDigits: ratio < 1 ? 2 : SIGNIFICANT })} times`;
}

/** Formats a duration to the second. */
export function duration(inSeconds: number): string {
  const minutes = Math.floor(inSeconds / SECONDS_PER_MINUTE);
  const rest = Math.round(inSeconds % SECONDS_PER_MINUTE);
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}

/** `1 replica`, `8 replicas`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

/** Formats a median, with the range of the rounds if there is one, for tables. */
export function spread(summary: Summary | undefined, format = number): string {
  if (!summary) return 'unknown';
  const { median, min, max } = summary;
  return min === max ? format(median) : `${format(median)} (${format(min)} to ${format(max)})`;
}

/** Whether the ranges of the rounds do not overlap. */
export function differ(one: Summary, other: Summary): boolean {
  return one.min > other.max || one.max < other.min;
}

/** Ignores commas inside quotation marks. */
const hasComma = (text: string) => text.replace(/“[^”]*”/g, '').includes(',');

/** `a`, `a and b`, `a, b and c`; separated by semicolons if a part contains a comma. */
export function listed(parts: readonly string[]): string {
  const separator = parts.some(hasComma) ? '; ' : ', ';
  const last = parts.at(-1) ?? '';
  if (parts.length < 2) return last;
  const and = separator === '; ' ? '; and ' : ' and ';
  return `${parts.slice(0, -1).join(separator)}${and}${last}`;
}
