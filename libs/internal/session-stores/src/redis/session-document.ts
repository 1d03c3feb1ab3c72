import type { SessionId, StoredSession } from '@latchkey/sessions';
import { z } from 'zod';

/** What is kept under a session's key. Its id is the key. */
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
 * @param id of the key that held it, and so as it was stored
 * @throws Error for what this library did not write
 */
export function readSession(id: string, text: string): StoredSession {
  return { id: id as SessionId, ...SessionDocument.parse(JSON.parse(text)) };
}
