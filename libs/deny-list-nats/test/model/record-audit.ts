import { eventClaimsToMessage, revocationSubject, type FeedMessage } from '@latchkey/contracts';
import type { Authority } from './authority.js';
import type { ModelBroker } from './broker.js';
import type { ModelRecord } from './record.js';

// Mirrors `record-audit.ts` and the comparison in `revocation-stream.ts` of the auth service.

interface AuditedWorld {
  readonly record: ModelRecord;
  readonly broker: ModelBroker;
  readonly authority: Authority;
}

/** What the stream holds beyond the record. */
export interface Unrecorded {
  readonly missing: string[];
  highestSerial: number;
  endUnknown: boolean;
}

export const NOTHING: Unrecorded = { missing: [], highestSerial: 0, endUnknown: true };

export function* survey(
  { record, broker, authority }: AuditedWorld,
  { last, first }: { last: number; first: number },
  after: number,
): Generator<undefined, Unrecorded, undefined> {
  const found: Unrecorded = { missing: [], highestSerial: 0, endUnknown: true };
  for (let sequence = Math.max(first, after + 1); sequence <= last; sequence++) {
    if (record.accountsFor(sequence)) continue;
    const stored = broker.at(sequence);
    yield;
    if (!stored) continue;
    found.endUnknown = sequence !== last;
    const claims = authority.signed.get(stored.text);
    if (claims) note(found, eventClaimsToMessage(claims), record);
  }
  return found;
}

function note(found: Unrecorded, message: FeedMessage, record: ModelRecord): void {
  const serial = message.type === 'revocation' ? message.serial : message.watermark.serials.through;
  found.highestSerial = Math.max(found.highestSerial, serial);
  if (message.type !== 'revocation') return;
  const { id, expiresAt } = message.revocation;
  if (expiresAt > Math.floor(record.clock.now / 1000) && !record.has(id)) found.missing.push(id);
}

export function isRegressed(
  recorded: ReturnType<ModelRecord['stream']>,
  { missing, highestSerial, endUnknown }: Unrecorded,
  found: { last: number } | undefined,
  first: boolean,
): boolean {
  if (recorded.created === undefined) return false;
  if (highestSerial >= recorded.nextSerial || missing.length > 0) return true;
  return first && (found?.last ?? 0) > recorded.highest && endUnknown;
}

/** Whether another message is where this one was acknowledged. */
export function isOther(
  broker: ModelBroker,
  { subject, sequence }: { subject: string; sequence: number },
): boolean {
  return broker.at(sequence)?.subject !== subject;
}

/** Notices a stream that was rolled back and has grown to the same length again. */
export function isNewestGone(
  { created, newest }: ReturnType<ModelRecord['stream']>,
  broker: ModelBroker,
): boolean {
  if (created === undefined || newest?.serial === undefined) return false;
  const subject = revocationSubject(newest.revocation, newest.serial);
  return !broker.stream?.messages.some((each) => each.subject === subject);
}

/** Mirrors `lossOf` of `revocation-stream.ts`. */
export function isLost(
  recorded: ReturnType<ModelRecord['stream']>,
  found: ReturnType<ModelBroker['info']>,
  lowestLive: number,
): boolean {
  if (recorded.created === undefined) return false;
  if (!found || found.created !== recorded.created || found.epoch !== recorded.epoch) return true;
  return found.last < recorded.highest || (lowestLive !== Infinity && found.first > lowestLive);
}
