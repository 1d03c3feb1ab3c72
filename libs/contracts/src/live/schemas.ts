import { z } from 'zod';
import { DEFAULT_FAULT_SECONDS, LONGEST_FAULT_SECONDS } from './control.js';
import type { LiveRevocation, LiveStatus } from './live-events.js';

const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();
const counts = z.record(z.string(), count);
const KINDS = ['session', 'token', 'subject', 'client', 'key'] as const;

const verifier = z.strictObject({
  whenStale: z.enum(['accept', 'refuse', 'ask']),
  loaded: z.boolean(),
  stalenessMilliseconds: milliseconds.nullable(),
  maxStalenessMilliseconds: milliseconds,
  fresh: z.boolean(),
  appliedThrough: z.number().int().min(-1),
  denied: z.record(z.enum(KINDS), count),
  tokens: z.strictObject({ accepted: count, rejected: counts, unavailable: counts }),
});

const issuer = z.strictObject({
  signingKeyId: z.string().nullable(),
  unpublished: count,
  watermarkAgeMilliseconds: milliseconds.nullable(),
  verifiers: count,
});

/** The data of a `status` event. Strict, so that tests notice whatever a service should not send. */
export const LiveStatusSchema = z.strictObject({
  service: z.string().min(1),
  instance: z.string().regex(/^[\da-f]{12}$/),
  atMilliseconds: count,
  uptimeSeconds: count,
  natsConnected: z.boolean().exactOptional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), count),
  keyIds: z.array(z.string()).exactOptional(),
  verifier: verifier.exactOptional(),
  issuer: issuer.exactOptional(),
});

/** The data of a `revocation` event. */
export const LiveRevocationSchema = z.strictObject({
  position: z.number().int().positive(),
  kind: z.enum(KINDS),
  atMilliseconds: count,
  delayMilliseconds: milliseconds.nullable(),
  live: z.boolean(),
  omitted: count,
});

/** The body of `POST /stack/faults` of the control server. */
export const BreakRequest = z.strictObject({
  part: z.string(),
  seconds: z.number().min(1).max(LONGEST_FAULT_SECONDS).default(DEFAULT_FAULT_SECONDS),
});
export type BreakRequest = z.infer<typeof BreakRequest>;

/** The body of `POST /stack/hops` of the control server: the user's access token. */
export const HopsRequest = z.strictObject({ token: z.string().min(1).max(8_192) });
export type HopsRequest = z.infer<typeof HopsRequest>;

type Readonlys<T> = T extends object ? { readonly [Name in keyof T]: Readonlys<T[Name]> } : T;
type Same<A, B> = [Readonlys<A>, Readonlys<B>] extends [Readonlys<B>, Readonlys<A>] ? true : never;
type All<Facts extends readonly true[]> = Facts;

/** Compiles only while the schemas describe the types. */
export type SchemasDescribeTypes = All<
  [
    Same<z.infer<typeof LiveStatusSchema>, LiveStatus>,
    Same<z.infer<typeof LiveRevocationSchema>, LiveRevocation>,
  ]
>;
