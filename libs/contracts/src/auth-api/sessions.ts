import { z } from 'zod';

/** The session of the request's session cookie. */
export const CookieSessionReply = z.object({
  sid: z.uuid(),
  subject: z.string(),
  scope: z.string(),
  createdAt: z.iso.datetime(),
  /** The latest possible end; an idle session ends earlier. */
  expiresAt: z.iso.datetime(),
  /** Send it as `X-CSRF-Token` from clients that send neither `Origin` nor `Sec-Fetch-Site`. */
  csrfToken: z.string(),
});
export type CookieSessionReply = z.infer<typeof CookieSessionReply>;

/** An opaque refresh token. Issued ones are never longer than this. */
const PresentedRefreshToken = z.string().regex(/\S/, 'must not be blank').max(256);

/** `POST /logout`. The refresh token identifies the session if there is no access token or cookie. */
export const LogoutRequest = z.strictObject({ refreshToken: PresentedRefreshToken.optional() });
export type LogoutRequest = z.infer<typeof LogoutRequest>;

/** `202`: the revocation is recorded, but has not been published to the services yet. */
export const RevocationPendingReply = z.object({
  recorded: z.literal(true),
  /** Refresh tokens are dead already; services may accept access tokens for up to this long. */
  accessTokensMayLiveSeconds: z.number().int().positive(),
});
export type RevocationPendingReply = z.infer<typeof RevocationPendingReply>;

/** A login of a user on a device. `current` marks the session that made the request. */
export const SessionReply = z.object({
  sid: z.uuid(),
  current: z.boolean(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso
    .datetime()
    .describe('The last refresh. For the session that makes the request, the time of the request.'),
  expiresAt: z.iso
    .datetime()
    .describe(
      'When it ends unless it is refreshed. For the session that makes the request, as if it were refreshed now.',
    ),
  userAgent: z.string().nullable(),
  /**
   * The network address of the log-in: an IPv4 address, or the /64 network of an IPv6 address. Null if it is unknown
   * or not kept.
   */
  loginAddress: z.string().nullable().default(null),
  lastAddress: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'The same for the last refresh; before the first, for the log-in. For the session that makes the request, for ' +
        'the request. Null for a cookie session.',
    ),
});
/** `GET /sessions`: the caller's live sessions. */
export const SessionListReply = z.object({ sessions: z.array(SessionReply) });
export type SessionListReply = z.infer<typeof SessionListReply>;

/** A session id in a path, in upper or lower case. Look it up, and use the id as stored. */
export const PresentedSessionId = z.uuid();
