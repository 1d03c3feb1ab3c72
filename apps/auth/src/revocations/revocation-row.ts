import { Revocation } from '@latchkey/contracts';
import type { EntityManager } from 'typeorm';

/** A row of `revocations`. `bigint` columns are cast to `float8`, which is exact for these values. */
export interface RevocationRow {
  id: string;
  kind: Revocation['kind'];
  trigger: string;
  session_id: string | null;
  subject: string | null;
  token_id: string | null;
  client_id: string | null;
  key_id: string | null;
  issued_before: number | null;
  revoked_at: number;
  revoked_at_ms: number;
  expires_at: number;
}

export const REVOCATION_COLUMNS = `id, kind, trigger, session_id, subject, token_id, client_id, key_id,
  issued_before::float8, revoked_at::float8, expires_at::float8,
  floor(extract(epoch FROM created_at) * 1000)::float8 AS revoked_at_ms`;

function targetOf(row: RevocationRow): object {
  switch (row.kind) {
    case 'session':
      return { sessionId: row.session_id, ...(row.subject !== null && { subject: row.subject }) };
    case 'token':
      return { tokenId: row.token_id };
    case 'subject':
      return { subject: row.subject, before: row.issued_before };
    case 'client':
      return { clientId: row.client_id, before: row.issued_before };
    case 'key':
      return { keyId: row.key_id };
  }
}

const membersOf = (row: RevocationRow, issuer: string) => ({
  ...targetOf(row),
  kind: row.kind,
  id: row.id,
  issuer,
  trigger: row.trigger,
  revokedAt: row.revoked_at,
  revokedAtMilliseconds: row.revoked_at_ms,
  expiresAt: row.expires_at,
});

/** @throws z.ZodError if the row does not fit the wire format */
export function revocationFromRow(row: RevocationRow, issuer: string): Revocation {
  return Revocation.parse(membersOf(row, issuer));
}

/** Whether the row fits the wire format. */
export function isReadable(row: RevocationRow, issuer: string): boolean {
  return Revocation.safeParse(membersOf(row, issuer)).success;
}

/** Inserts revocations from another source unchanged; existing rows stay. */
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
