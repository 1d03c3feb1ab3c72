import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { UserStore } from '../../accounts/users/user-store.js';
import type { ClientStanding } from '../../clients/client-store.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import { ExchangedTokenStore } from './exchanged-token-store.js';
import type { LiveSubject, Subject } from './subject-tokens.js';

/** A live subject, and the times of a token that derives from it. */
export interface Derivation extends LiveSubject {
  /** The earliest `iat`, a NumericDate in seconds. */
  readonly notBefore: number;
  /** The latest `exp`, a NumericDate in seconds. */
  readonly notAfter: number;
  /**
   * Milliseconds since 1970: the time of the query that authenticated the client, as for the client's own tokens
   * (ADR 0019).
   */
  readonly issuedAt: number;
}

interface Issued {
  readonly claims: { readonly jti: string; readonly exp: number };
}

/** Issues tokens that end with the credential that a client obtained them for. */
@Injectable()
export class DerivedTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly users: UserStore,
    private readonly exchanged: ExchangedTokenStore,
    private readonly issuance: TokenIssuance,
  ) {}

  /**
   * Signs a token in one transaction with its record. A revocation of the subject, its user or its client is
   * either visible here or waits for the locks.
   *
   * @throws ProblemError if the subject is not live, or 503
   */
  async issue<Token extends Issued>(
    subject: Subject,
    { clientId, asOf, tokensValidFrom }: ClientStanding & { readonly clientId: string },
    sign: (manager: EntityManager, derivation: Derivation) => Promise<Token>,
  ): Promise<Token> {
    await this.issuance.prepare();
    return this.dataSource.transaction(async (manager) => {
      const origins = await subject.lockOrigins(manager);
      await this.users.lockShared(manager, subject.userId);
      const live = await subject.live(manager);
      if (!live) throw subject.refusal();
      const notBefore = Math.max(live.session.authTime, tokensValidFrom);
      const notAfter = live.expiresAt;
      // The verifier tolerates clock skew, but a parent must not expire before its child is issued.
      if (notAfter <= Math.max(asOf / 1000, notBefore)) throw subject.refusal();
      const issued = await sign(manager, { ...live, notBefore, notAfter, issuedAt: asOf });
      await this.exchanged.add(manager, { ...issued.claims, clientId }, origins);
      return issued;
    });
  }
}
