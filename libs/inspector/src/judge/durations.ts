const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const;

/** A span of time in words, in its two largest units: “4 minutes 10 seconds”. */
export function durationOf(seconds: number): string {
  const total = Math.round(Math.abs(seconds));
  if (!Number.isFinite(total)) return 'an unlimited time';
  const parts: string[] = [];
  let rest = total;
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`);
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest} second${rest === 1 ? '' : 's'}`);
  return parts.slice(0, 2).join(' ');
}

/** A time in ISO 8601, or the number if it is beyond what a date can be. */
export function instantOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('.000Z', 'Z');
}
