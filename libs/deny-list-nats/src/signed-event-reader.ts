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
  /** It may count later: keys are missing. `blocking` when nothing can be verified at the moment. */
  | { readonly type: 'later'; readonly blocking: boolean; readonly cause: unknown };

/** Turns what lies on the stream into what it says, if the auth service says so. */
export async function readSignedEvent(
  { subject, data }: StreamMessage,
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
  const { name, code = 'not_verified' } = cause as { name?: string; code?: string };
  if (name === 'VerifierUnavailableError') return { type: 'later', blocking: true, cause };
  if (code === 'unknown_key') return { type: 'later', blocking: false, cause };
  return { type: 'refused', reason: code };
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
  return message.type === 'watermark' ? WATERMARK_SUBJECT : revocationSubject(message.revocation);
}
