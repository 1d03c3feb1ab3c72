import { unavailable } from '@latchkey/service-kit';
import { TokenError, VerifierUnavailableError } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ClientStore } from '../clients/client-store.js';
import { RevocationEntity } from '../revocations/revocation.entity.js';
import {
  OwnTokenVerifier,
  type OwnPrincipal,
  type OwnTransactionPrincipal,
  type SignedPrincipal,
} from '../tokens/own-token-verifier.js';
import type { LiveSessionEntity } from './live-session.entity.js';
import { SessionRecord } from './session-record.js';

/** Verifies access tokens for this service: after the token itself, it checks the database (ADR 0012). */
@Injectable()
export class LiveTokenVerifier {
  constructor(
    private readonly tokens: OwnTokenVerifier,
    private readonly sessions: SessionRecord,
    private readonly clients: ClientStore,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Rejects a client's own token, which has no session: every guarded route here is for users.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  async verify(token: string): Promise<OwnPrincipal> {
    const principal = await this.tokens.verify(token);
    if (!(await this.sessionOf(principal))) throw new TokenError('revoked');
    return principal;
  }

  /**
   * Reads a token that is to be revoked. The token may have expired or been revoked already; only
   * its signature must be valid.
   *
   * @returns undefined if this service did not sign the token
   * @throws ProblemError 503 if the token cannot be verified
   */
  readSigned(token: string): Promise<SignedPrincipal | undefined> {
    return this.#read(() => this.tokens.verifySignature(token));
  }

  /** Reads a token for introspection or exchange. Its audience may be any service. */
  readForAnyService(token: string): Promise<OwnPrincipal | undefined> {
    return this.#read(() => this.tokens.verifyForAnyService(token));
  }

  /** Reads a transaction token that is to be replaced. */
  readTransactionToken(token: string): Promise<OwnTransactionPrincipal | undefined> {
    return this.#read(() => this.tokens.verifyTransactionToken(token));
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

  /** Returns the session of a verified token, or undefined if the token was revoked. */
  async sessionOf(
    principal: OwnPrincipal,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<LiveSessionEntity | undefined> {
    const { sessionId, subject, clientId } = principal;
    if (sessionId === undefined) return undefined;
    const session = await this.sessions.findLive(sessionId, manager);
    if (session?.userId !== subject) return undefined;
    // A live session implies that its own client is not revoked; an exchanged token has another one.
    if (clientId !== session.clientId && (await this.#isOfRevokedClient(principal, manager)))
      return undefined;
    return (await this.#isItselfRevoked(principal, manager)) ? undefined : session;
  }

  /** True if a verified token is a client's own (client credentials) and was not revoked. */
  async isLiveClientToken(principal: OwnPrincipal): Promise<boolean> {
    const { sessionId, subject, clientId } = principal;
    if (sessionId !== undefined || subject !== clientId) return false;
    if (await this.#isOfRevokedClient(principal)) return false;
    return !(await this.#isItselfRevoked(principal));
  }

  /** True if this token was revoked individually. */
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
    // Another replica may have revoked the key since this one last loaded its keys.
    return (await this.#isRevoked('key', keyId, manager)) || this.isTokenRevoked(tokenId, manager);
  }

  #isRevoked(
    kind: 'token' | 'key',
    id: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<boolean> {
    const named = kind === 'token' ? { tokenId: id } : { keyId: id };
    return manager.existsBy(RevocationEntity, { kind, ...named });
  }
}
