import type { SessionId, StoredSession } from '@latchkey/sessions';
import { z } from 'zod';

/** The value of a session's key. The key holds the id. */
const SessionDocument = z.object({
  subject: z.string(),
  clientId: z.string(),
  scopes: z.array(z.string()),
  userAgent: z.string().optional(),
  authenticatedAt: z.number(),
  createdAt: z.number(),
  lastUsedAt: z.number(),
  expiresAt: z.number(),
  secretDigest: z.string().transform((text) => new Uint8Array(Buffer.from(text, 'base64url'))),
});

export function writeSession({ id: _, secretDigest, ...rest }: StoredSession): string {
  return JSON.stringify({
    ...rest,
    secretDigest: Buffer.from(secretDigest).toString('base64url'),
  });
}

/**
 * @param id taken from the key, so it is spelled as it was stored
 * @throws Error if the text was not written by this library
 */
export function readSession(id: string, text: string): StoredSession {
  return { id: id as SessionId, ...SessionDocument.parse(JSON.parse(text)) };
}
