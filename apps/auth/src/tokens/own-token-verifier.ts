import { KeyRing, type PublicSigningJwk } from '@latchkey/issuer';
import {
  createVerifier,
  TokenError,
  type TokenPrincipal,
  type TransactionPrincipal,
  type Verifier,
} from '@latchkey/verifier';
import type { FactoryProvider } from '@nestjs/common';
import { ServiceClock } from '../platform/clock/service-clock.js';
import type { ClientId, SessionId, SigningKeyId, TokenId } from '../platform/ids/stored-id.js';
import {
  VERIFIER_CLOCK_MARGIN_SECONDS,
  LONGEST_TOKEN_LIFETIME_SECONDS,
} from '../platform/revocation-lifetime.js';
import { TOKENS_OPTIONS, type TokensModuleOptions } from './tokens.module-definition.js';

/** Tokens of this service always have these claims (RFC 9068 §2.2), in the spelling that it signed. */
export interface OwnPrincipal extends TokenPrincipal {
  readonly clientId: ClientId;
  readonly tokenId: TokenId;
  readonly sessionId?: SessionId;
  readonly keyId: SigningKeyId;
}

/** The principal of a transaction token. Its client is the last one that asked for it. */
export type OwnTransactionPrincipal = OwnPrincipal & TransactionPrincipal;

/** A principal whose token has a valid signature but may have expired. */
export interface SignedPrincipal extends OwnPrincipal {
  /** Whether every verifier rejects the token, even one with the largest tolerated clock skew. */
  readonly hasExpired: boolean;
  /** False for exchanged tokens, whose audience is another service. */
  readonly isForThisService: boolean;
}

/** As a tolerance, this disables the checks of a token's times: no signing key is kept this long. */
const ANY_TIME_SECONDS = 100 * 365 * 86_400;

/**
 * Verifies the auth service's own tokens with its own key ring, without HTTP. Does not check revocations:
 * callers look up the session in Postgres, which is the record.
 */
export abstract class OwnTokenVerifier {
  /**
   * Verifies a token that a request uses as its credential. The audience must include this service, so exchanged
   * tokens are refused.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verify(token: string): Promise<OwnPrincipal>;

  /**
   * Verifies a token that a request is about, such as an introspection. The audience may be any of the services.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verifyForAnyService(token: string): Promise<OwnPrincipal>;

  /**
   * Verifies a token that is to be revoked: a valid signature is enough. Accepts retired keys, expired tokens and
   * any audience.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verifySignature(token: string): Promise<SignedPrincipal>;
  /**
   * Verifies a transaction token that is to be replaced. Nowhere else does this service accept one.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verifyTransactionToken(token: string): Promise<OwnTransactionPrincipal>;
}

export const ownTokenVerifierProvider: FactoryProvider<OwnTokenVerifier> = {
  provide: OwnTokenVerifier,
  inject: [TOKENS_OPTIONS, KeyRing, ServiceClock],
  useFactory: (
    options: TokensModuleOptions,
    ring: KeyRing,
    clock: ServiceClock,
  ): OwnTokenVerifier => {
    const { issuer } = options;
    const now = () => clock.now();
    // The verifier calls this for an unknown `kid`, which another replica may have just created.
    const keys = async () => {
      await ring.load();
      return ring.publicKeys;
    };
    const verifier = verifierOf(options, keys, { now });
    const ofSignatures = verifierOf(
      options,
      async () => {
        try {
          await ring.load();
        } catch (error) {
          // Carry on with the keys in memory: the caller needs the database to end anything.
          if (!ring.loaded) throw error;
        }
        return ring.unrevokedKeysSeen;
      },
      { now, clockToleranceSeconds: ANY_TIME_SECONDS, maxLifetimeSeconds: ANY_TIME_SECONDS },
    );
    const isForThisService = ({ audience }: OwnPrincipal) => audience.includes(issuer);
    return {
      verifyForAnyService: (token) => read(verifier, token),
      verifyTransactionToken: async (token) => {
        if (!options.transactionTokens) throw new TokenError('wrong_type');
        return (await verifier.verifyTransactionToken(token)) as OwnTransactionPrincipal;
      },
      verify: async (token) => {
        const principal = await read(verifier, token);
        if (!isForThisService(principal)) throw new TokenError('wrong_audience');
        return principal;
      },
      verifySignature: async (token) => {
        const principal = await read(ofSignatures, token);
        return {
          ...principal,
          hasExpired: principal.expiresAt + VERIFIER_CLOCK_MARGIN_SECONDS <= now() / 1000,
          isForThisService: isForThisService(principal),
        };
      },
    };
  },
};

function verifierOf(
  { issuer, audiences, transactionTokens }: TokensModuleOptions,
  keys: () => Promise<readonly PublicSigningJwk[]>,
  times: {
    readonly now: () => number;
    readonly clockToleranceSeconds?: number;
    readonly maxLifetimeSeconds?: number;
  },
): Verifier {
  return createVerifier({
    issuer,
    audience: [...new Set([issuer, ...audiences])],
    // Other replicas may be configured with a longer lifetime, and so may this one have been before.
    maxLifetimeSeconds: LONGEST_TOKEN_LIFETIME_SECONDS,
    ...(transactionTokens && {
      transactionTokens: { trustDomain: transactionTokens.trustDomain },
    }),
    keys: async () => ({ keys: await keys() }),
    revocations: 'ignore',
    // Refreshing costs only one query, so pick up new keys quickly.
    keySet: { refreshAfterSeconds: 5, cooldownSeconds: 0.1 },
    ...times,
  });
}

/** The cast is safe, because the verifier requires the claims of RFC 9068 by default. */
const read = async (verifier: Verifier, token: string) =>
  (await verifier.verify(token)) as OwnPrincipal;
