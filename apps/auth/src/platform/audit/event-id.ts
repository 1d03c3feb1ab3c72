import { randomBytes } from 'node:crypto';

const SEQUENCES = 0x1000;
let sequence = 0;

/** A UUIDv7 (RFC 9562 §5.7). Ids of the same millisecond and replica are in the order in which they were made. */
export function eventIdAt(milliseconds: number): string {
  sequence = (sequence + 1) % SEQUENCES;
  const random = randomBytes(8);
  random[0] = (random[0]! & 0x3f) | 0x80;
  return formatted(milliseconds, sequence, random);
}

/** The lowest id that an event of this millisecond can have. */
export const firstIdAt = (milliseconds: number): string =>
  formatted(milliseconds, 0, Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0]));

function formatted(milliseconds: number, count: number, tail: Buffer): string {
  const time = Math.max(0, Math.floor(milliseconds)).toString(16).padStart(12, '0');
  const end = tail.toString('hex');
  const middle = `7${count.toString(16).padStart(3, '0')}`;
  return [time.slice(0, 8), time.slice(8), middle, end.slice(0, 4), end.slice(4)].join('-');
}
