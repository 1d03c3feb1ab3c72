import type { DecodedToken, FoundToken, SegmentName } from '@latchkey/inspector';

/** A run of the entered text that looks the same. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  /** The segment that it is in; undefined for the dots, and for what is around the token. */
  readonly segment?: SegmentName;
  readonly isToken: boolean;
  readonly isFault: boolean;
}

/**
 * Divides a text into runs: the segments of its token, the places of the token's faults, and the rest.
 *
 * @param found undefined if the text itself was decoded
 */
export function marksOf(text: string, found: FoundToken | undefined, token: DecodedToken): Mark[] {
  const place = placesIn(text, found, token);
  const segments = token.segments.map(({ name, start, end }) => ({ name, start, end }));
  const faults = token.faults
    .filter(({ severity }) => severity === 'error')
    .map(({ offset, length }) => ({ start: offset, end: offset + Math.max(1, length) }));
  const length = token.text.length;
  const cuts = new Set([0, length]);
  for (const { start, end } of [...segments, ...faults]) cuts.add(start).add(Math.min(end, length));
  const ordered = [...cuts].filter((cut) => cut <= length).sort((a, b) => a - b);
  const within = ({ start, end }: { start: number; end: number }, at: number) =>
    start <= at && at < end;
  const marks = ordered.slice(0, -1).map((from, index): Mark => {
    const segment = segments.find((each) => within(each, from))?.name;
    return {
      start: place(from),
      end: place(ordered[index + 1] ?? length),
      ...(segment && { segment }),
      isToken: true,
      isFault: faults.some((each) => within(each, from)),
    };
  });
  return surround(marks, text.length);
}

/** Adds what is before and behind the token. */
function surround(marks: readonly Mark[], length: number): Mark[] {
  const around = { isToken: false, isFault: false };
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) return [{ start: 0, end: length, ...around }];
  return [
    { start: 0, end: first.start, ...around },
    ...marks,
    { start: last.end, end: length, ...around },
  ].filter(({ start, end }) => end > start);
}

/** Where a character of the token is in the text, from which white space and percent signs may have been removed. */
export function placesIn(
  text: string,
  found: FoundToken | undefined,
  token: DecodedToken,
): (offset: number) => number {
  const begin = found?.start ?? Math.max(0, text.indexOf(token.text));
  const end = found?.end ?? begin + token.text.length;
  if (end - begin === token.text.length) return (offset) => begin + offset;
  const places: number[] = [];
  let at = begin;
  for (let index = 0; index < token.text.length; index++) {
    const next = text.indexOf(token.text.charAt(index), at);
    if (next >= 0 && next < end) at = next;
    places.push(at);
    at += 1;
  }
  places.push(end);
  return (offset) => places[offset] ?? end;
}
