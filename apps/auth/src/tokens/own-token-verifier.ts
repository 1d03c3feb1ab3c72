import { KeyRing } from '@latchkey/issuer';
import { createVerifier, TokenError, type TokenPrincipal } from '@latchkey/verifier';
import type { FactoryProvider } from '@nestjs/common';
import { ServiceClock } from '../clock/service-clock.js';
import { TOKENS_OPTIONS, type TokensModuleOptions } from './tokens.module-definition.js';

/** What a token of ours always names (RFC 9068 §2.2). */
export interface OwnPrincipal extends TokenPrincipal {
  readonly clientId: string;
  readonly tokenId: string;
}

/**
 * Verifies the auth service's own tokens with its own key ring, without HTTP. Revocations are not
 * checked here: whoever uses it looks the session up in Postgres, which is the record.
 */
export abstract class OwnTokenVerifier {
  /**
   * For who acts on a token: it must be for this service, which an exchanged one is not.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verify(token: string): Promise<OwnPrincipal>;

  /**
   * For who is asked about a token: it may be for any of the services.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verifyForAnyService(token: string): Promise<OwnPrincipal>;
}

export const ownTokenVerifierProvider: FactoryProvider<OwnTokenVerifier> = {
  provide: OwnTokenVerifier,
  inject: [TOKENS_OPTIONS, KeyRing, ServiceClock],
  useFactory: (
    { issuer, audiences, lifetimeSeconds }: TokensModuleOptions,
    ring: KeyRing,
    clock: ServiceClock,
  ): OwnTokenVerifier => {
    const verifier = createVerifier({
      issuer,
      audience: [...new Set([issuer, ...audiences])],
      maxLifetimeSeconds: lifetimeSeconds,
      now: () => clock.now(),
      // The verifier asks when it meets an unknown `kid`: another replica may have just made it.
      keys: async () => {
        await ring.load();
        return { keys: ring.publicKeys };
      },
      revocations: 'unchecked',
      // No network, one query: a key that was just made may sign at once.
      keySet: { refreshAfterSeconds: 5, cooldownSeconds: 0.1 },
    });
    // With the names of RFC 9068 as its default, the verifier refuses a token without them.
    const verifyForAnyService = async (token: string) =>
      (await verifier.verify(token)) as OwnPrincipal;
    return {
      verifyForAnyService,
      verify: async (token) => {
        const principal = await verifyForAnyService(token);
        if (!principal.audience.includes(issuer)) throw new TokenError('wrong_audience');
        return principal;
      },
    };
  },
};
