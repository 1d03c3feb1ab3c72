import { Revocation } from '@latchkey/contracts';
import type { EntityManager } from 'typeorm';
import type { RevocationEntity } from './revocation.entity.js';

/** The columns that make up the revocation itself. */
type RevocationRow = Omit<
  RevocationEntity,
  'publishedAt' | 'streamSequence' | 'signedBy' | 'serial' | 'traceparent'
>;

function targetOf({ kind, ...row }: RevocationRow): object {
  switch (kind) {
    case 'session':
      return { sessionId: row.sessionId, ...(row.subject !== null && { subject: row.subject }) };
    case 'token':
      return { tokenId: row.tokenId };
    case 'subject':
      return { subject: row.subject, before: row.issuedBefore };
    case 'client':
      return { clientId: row.clientId, before: row.issuedBefore };
    case 'key':
      return { keyId: row.keyId };
  }
}

const membersOf = (row: RevocationRow, issuer: string) => ({
  ...targetOf(row),
  kind: row.kind,
  id: row.id,
  issuer,
  trigger: row.trigger,
  revokedAt: row.revokedAt,
  // The driver returns `infinity`, which is not readable, as a number.
  revokedAtMilliseconds: Number(row.createdAt),
  expiresAt: row.expiresAt,
});

/** @throws z.ZodError if the row does not fit the wire format */
export function toRevocation(row: RevocationRow, issuer: string): Revocation {
  return Revocation.parse(membersOf(row, issuer));
}

/** Whether the row fits the wire format. */
export function isReadable(row: RevocationRow, issuer: string): boolean {
  return Revocation.safeParse(membersOf(row, issuer)).success;
}

/**
 * Inserts revocations from another source unchanged; existing rows stay. Raw SQL lets one parameter hold any
 * number of rows.
 */
export async function insertRevocations(
  manager: EntityManager,
  revocations: readonly Revocation[],
): Promise<void> {
  const rows = revocations.map((each) => ({
    id: each.id,
    kind: each.kind,
    trigger: each.trigger,
    session_id: 'sessionId' in each ? each.sessionId : null,
    subject: 'subject' in each ? each.subject : null,
    token_id: 'tokenId' in each ? each.tokenId : null,
    client_id: 'clientId' in each ? each.clientId : null,
    key_id: 'keyId' in each ? each.keyId : null,
    issued_before: 'before' in each ? each.before : null,
    revoked_at: each.revokedAt,
    created_at: new Date(each.revokedAtMilliseconds ?? each.revokedAt * 1000),
    expires_at: each.expiresAt,
  }));
  await manager.query(
    `INSERT INTO revocations (id, kind, trigger, session_id, subject, token_id, client_id, key_id,
                              issued_before, revoked_at, created_at, expires_at)
     SELECT id, kind, trigger, session_id, subject, token_id, client_id, key_id,
            issued_before, revoked_at, created_at, expires_at
     FROM jsonb_populate_recordset(NULL::revocations, $1)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  );
}
