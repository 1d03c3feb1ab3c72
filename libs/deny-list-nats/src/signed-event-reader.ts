import {
  eventClaimsToMessage,
  MAX_TOKEN_BYTES,
  revocationSubject,
  WATERMARK_SUBJECT,
  type FeedMessage,
} from '@latchkey/contracts';
import type { RevocationFeedOptions } from './feed-options.js';
import type { MessageTrace } from './message-trace.js';

/** A message of the stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly sequence: number;
  /** Present only if applied revocations are traced. */
  readonly trace?: MessageTrace;
}

export type ReadOutcome =
  | { readonly type: 'message'; readonly message: FeedMessage }
  /** It is never applied. */
  | { readonly type: 'refused'; readonly reason: string }
  /** It may be applied later: its key is not known yet. */
  | { readonly type: 'unknown_key' }
  /** No event can be verified at the moment. */
  | { readonly type: 'unavailable'; readonly cause: Error };

/** Verifies a message of the stream and parses its claims. */
export async function readSignedEvent(
  { subject, data }: Pick<StreamMessage, 'subject' | 'data'>,
  verifyEvent: RevocationFeedOptions['verifyEvent'],
): Promise<ReadOutcome> {
  if (data.byteLength > MAX_TOKEN_BYTES) return { type: 'refused', reason: 'too_large' };
  let claims: unknown;
  try {
    claims = await verifyEvent(Buffer.from(data).toString('latin1'));
  } catch (cause) {
    return outcomeOf(cause);
  }
  const message = parse(claims);
  if (!message) return { type: 'refused', reason: 'invalid_claims' };
  // Otherwise an old event could be replayed under another event's subject, and replace it there.
  if (subjectOf(message) !== subject) return { type: 'refused', reason: 'wrong_subject' };
  return { type: 'message', message };
}

function outcomeOf(cause: unknown): ReadOutcome {
  if (cause instanceof Error && cause.name === 'VerifierUnavailableError')
    return { type: 'unavailable', cause };
  const reason = (cause as { code?: string } | undefined)?.code ?? 'not_verified';
  return reason === 'unknown_key' ? { type: 'unknown_key' } : { type: 'refused', reason };
}

function parse(claims: unknown): FeedMessage | undefined {
  try {
    return eventClaimsToMessage(claims);
  } catch {
    // Do not pass on the schema's message, because it quotes the claims.
    return undefined;
  }
}

function subjectOf(message: FeedMessage): string {
  return message.type === 'watermark'
    ? WATERMARK_SUBJECT
    : revocationSubject(message.revocation, message.serial);
}
