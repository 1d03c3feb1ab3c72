import { z } from 'zod';
import { NumericDate } from './numeric-date.js';
import { RevocationIdentifier, RevocationSerial } from './revocation.js';

/**
 * The auth service's statement that it has numbered and published every revocation committed before
 * `timeMilliseconds`. A verifier that has applied all of `serials` knows every revocation that can
 * still match a live token.
 */
export const Watermark = z.strictObject({
  issuer: z.url(),
  /** Milliseconds since 1970, by the auth service's clock. */
  timeMilliseconds: z.number().int().nonnegative(),
  /**
   * When the watermark was signed, by the same clock, in seconds since 1970. Use it to compare clocks,
   * because `timeMilliseconds` lags while revocations wait to be published.
   */
  issuedAt: NumericDate,
  /** An inclusive range of serial numbers. `through` is `from` − 1 if it is empty. */
  serials: z
    .strictObject({ from: RevocationSerial, through: z.number().int().nonnegative() })
    .refine(({ from, through }) => through >= from - 1, 'ends before it begins'),
  /** Revoked signing keys, listed for as long as a verifier that was cut off may still trust them. */
  revokedKeys: z.array(z.strictObject({ keyId: RevocationIdentifier, expiresAt: NumericDate })),
  /** The sequence, in the stream, of the last event that it covers; 0 if there is none. */
  sequence: z.number().int().nonnegative(),
  /** Identifies one life of the stream: a stream that was deleted and created again has a new one. */
  epoch: z.uuid(),
});
export type Watermark = z.infer<typeof Watermark>;
