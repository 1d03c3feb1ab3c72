import type { Revocation } from '@latchkey/contracts';
import { notFound } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../platform/audit/audit-log.js';
import { ClientStore } from '../clients/client-store.js';
import { ManagedClients } from '../clients/managed-clients.js';
import type { ClientId } from '../platform/ids/stored-id.js';
import { RevocationRecord } from '../revocations/revocation-record.js';
import { Revocations, type Committed } from '../revocations/revocations.js';
import { CookieSessions } from '../sessions/cookie-sessions/cookie-sessions.js';
import { SessionRevocation } from '../sessions/session-revocation.js';
import { SessionRecord } from '../sessions/session-record.js';
import { ExchangedTokenStore } from '../oauth/token-exchange/exchanged-token-store.js';

/** Administrative actions on sessions and clients. `by` is the administrator's id, for the audit. */
@Injectable()
export class AdminService {
  constructor(
    private readonly sessions: SessionRecord,
    private readonly clients: ClientStore,
    private readonly managedClients: ManagedClients,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly record: RevocationRecord,
    private readonly exchangedTokens: ExchangedTokenStore,
    private readonly cookies: CookieSessions,
    private readonly audit: AuditLog,
  ) {}

  /** @throws ProblemError 404 */
  async endSession(id: string, by: string): Promise<Committed> {
    const session = await this.sessions.find(id);
    if (!session) throw notFound('session');
    const committed = await this.revocations.commit(
      (manager) => this.sessionRevocation.end(manager, session, 'session_ended_by_admin'),
      { ending: [session] },
    );
    const { id: sessionId, userId: subject } = session;
    this.audit.record('session_ended_by_admin', { by, subject, sessionId });
    return committed;
  }

  /** Ends all of the client's sessions and voids its credentials. @throws ProblemError 404 */
  async revokeClient(id: string, by: string): Promise<Committed> {
    const clientId = await this.clients.find(id);
    if (clientId === undefined) throw notFound('client');
    await this.clients.voidCredentials(clientId);
    const committed = await this.revocations.commit((manager) =>
      this.#revokeClient(manager, clientId),
    );
    this.audit.record('client_revoked', { by, client: clientId });
    return committed;
  }

  /** Removes a managed client, and revokes its tokens. @throws ProblemError 404 or 409 */
  async removeClient(id: string, by: string): Promise<Committed> {
    const clientId = await this.managedClients.remove(id);
    const committed = await this.revocations.commit((manager) =>
      this.#revokeClient(manager, clientId),
    );
    this.audit.record('client_removed', { by, client: clientId });
    return committed;
  }

  async #revokeClient(manager: EntityManager, clientId: ClientId): Promise<Revocation[]> {
    await this.clients.lock(manager, clientId);
    // An issued token's `iat` may be up to a second ahead (ADR 0006); wait until it has passed.
    await manager.query('SELECT pg_sleep(1)');
    const revocation = await this.record.revoke(manager, { trigger: 'client_revoked', clientId });
    if (revocation.kind === 'client')
      await this.clients.setTokensValidFrom(manager, clientId, revocation.before);
    await this.cookies.end(await this.sessions.withCookie(manager, { clientId }));
    // Exchanged tokens belong to other clients, so the revocation above does not cover them.
    const origin = { kind: 'client', id: clientId } as const;
    return [revocation, ...(await this.exchangedTokens.revokeFrom(manager, origin))];
  }
}
