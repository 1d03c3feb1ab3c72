import {
  eventClaimsToMessage,
  MAX_TOKEN_BYTES,
  revocationSubject,
  WATERMARK_SUBJECT,
  type FeedMessage,
} from '@latchkey/contracts';
import type { RevocationFeedOptions } from './feed-options.js';

/** One message as it lies on the stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly sequence: number;
}

export type ReadOutcome =
  | { readonly type: 'message'; readonly message: FeedMessage }
  /** It can never count. */
  | { readonly type: 'refused'; readonly reason: string }
  /** It may count later: its key is not known yet. */
  | { readonly type: 'unknown_key' }
  /** Nothing can be verified at the moment. */
  | { readonly type: 'unavailable'; readonly cause: Error };

/** Turns what lies on the stream into what it says, if the auth service says so. */
export async function readSignedEvent(
  { subject, data }: Pick<StreamMessage, 'subject' | 'data'>,
  verifyEvent: RevocationFeedOptions['verifyEvent'],
): Promise<ReadOutcome> {
  if (data.byteLength > MAX_TOKEN_BYTES) return { type: 'refused', reason: 'too_large' };
  let claims: unknown;
  try {
    claims = await verifyEvent(Buffer.from(data).toString('latin1'));
  } catch (cause) {
    return judge(cause);
  }
  const message = parse(claims);
  if (!message) return { type: 'refused', reason: 'invalid_claims' };
  // Else an old event could be put under the subject of another one, and replace it.
  if (subjectOf(message) !== subject) return { type: 'refused', reason: 'wrong_subject' };
  return { type: 'message', message };
}

function judge(cause: unknown): ReadOutcome {
  if (cause instanceof Error && cause.name === 'VerifierUnavailableError')
    return { type: 'unavailable', cause };
  const reason = (cause as { code?: string } | undefined)?.code ?? 'not_verified';
  return reason === 'unknown_key' ? { type: 'unknown_key' } : { type: 'refused', reason };
}

function parse(claims: unknown): FeedMessage | undefined {
  try {
    return eventClaimsToMessage(claims);
  } catch {
    // The schema's message quotes the claims; the reason code says enough.
    return undefined;
  }
}

function subjectOf(message: FeedMessage): string {
  return message.type === 'watermark'
    ? WATERMARK_SUBJECT
    : revocationSubject(message.revocation, message.serial);
}
