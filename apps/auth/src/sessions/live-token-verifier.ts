import { unavailable } from '@latchkey/service-kit';
import { TokenError, VerifierUnavailableError } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ClientStore } from '../clients/client-store.js';
import {
  OwnTokenVerifier,
  type OwnPrincipal,
  type SignedPrincipal,
} from '../tokens/own-token-verifier.js';
import { SessionRecord, type LiveSession } from './session-record.js';

/**
 * What the access token guard verifies with in this service: the token itself, and then the record
 * rather than a deny-list (ADR 0012).
 */
@Injectable()
export class LiveTokenVerifier {
  constructor(
    private readonly tokens: OwnTokenVerifier,
    private readonly sessions: SessionRecord,
    private readonly clients: ClientStore,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Whatever is here is a user's: a client's own token has no session, and is refused.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  async verify(token: string): Promise<OwnPrincipal> {
    const principal = await this.tokens.verify(token);
    if (!(await this.sessionOf(principal))) throw new TokenError('revoked');
    return principal;
  }

  /**
   * For ending what a token stands for: one that this service has signed, even if it has expired or
   * was revoked since.
   *
   * @returns undefined for what is no access token of ours
   * @throws ProblemError 503 when that cannot be told
   */
  readSigned(token: string): Promise<SignedPrincipal | undefined> {
    return this.#read(() => this.tokens.verifySignature(token));
  }

  /** For a token that is asked about: it may be for any service, and must not have expired. */
  readForAnyService(token: string): Promise<OwnPrincipal | undefined> {
    return this.#read(() => this.tokens.verifyForAnyService(token));
  }

  async #read<Found extends OwnPrincipal>(
    verify: () => Promise<Found>,
  ): Promise<Found | undefined> {
    try {
      const principal = await verify();
      return (await this.#isRevoked('key', principal.keyId)) ? undefined : principal;
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      if (!(error instanceof VerifierUnavailableError)) throw error;
      throw unavailable(error.code, 'Access tokens cannot be verified at the moment', error);
    }
  }

  /** The session that a verified token belongs to; undefined when the token is not honoured any more. */
  async sessionOf(
    principal: OwnPrincipal,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<LiveSession | undefined> {
    const { sessionId, subject, clientId } = principal;
    if (sessionId === undefined) return undefined;
    const session = await this.sessions.findLive(sessionId, manager);
    if (session?.userId !== subject) return undefined;
    // Of the session's own client the session knows; an exchanged token is another client's.
    if (clientId !== session.clientId && (await this.#isOfRevokedClient(principal, manager)))
      return undefined;
    return (await this.#isItselfRevoked(principal, manager)) ? undefined : session;
  }

  /** Whether a verified token is one that a client got for itself, and is honoured still. */
  async isLiveClientToken(principal: OwnPrincipal): Promise<boolean> {
    const { sessionId, subject, clientId } = principal;
    if (sessionId !== undefined || subject !== clientId) return false;
    if (await this.#isOfRevokedClient(principal)) return false;
    return !(await this.#isItselfRevoked(principal));
  }

  /** Whether this one token was revoked by itself. */
  isTokenRevoked(tokenId: string, manager?: EntityManager): Promise<boolean> {
    return this.#isRevoked('token', tokenId, manager);
  }

  async #isOfRevokedClient(
    { clientId, issuedAt }: OwnPrincipal,
    manager?: EntityManager,
  ): Promise<boolean> {
    return issuedAt < (await this.clients.tokensValidFrom(clientId, manager));
  }

  async #isItselfRevoked(
    { keyId, tokenId }: OwnPrincipal,
    manager?: EntityManager,
  ): Promise<boolean> {
    // This replica may not have read its keys again since another one revoked that key.
    return (await this.#isRevoked('key', keyId, manager)) || this.isTokenRevoked(tokenId, manager);
  }

  async #isRevoked(
    kind: 'token' | 'key',
    id: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `SELECT FROM revocations WHERE ${kind}_id = $1 AND kind = '${kind}' LIMIT 1`,
      [id],
    );
    return rows.length > 0;
  }
}
