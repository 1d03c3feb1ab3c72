import type { DenyList } from '@latchkey/deny-list';
import { createServiceTokens } from '@latchkey/service-client';
import type { Verifier } from '@latchkey/verifier';
import { CHAIN_SCOPE, INVENTORY, ORDERS } from './chain-options.js';

/** Callers that all want a token at the same moment, in a service that has none yet. */
export interface ParallelCalls {
  readonly issuer: string;
  readonly clientSecret: string;
  readonly callers: number;
  /** The users' tokens; the callers take turns. */
  readonly tokens: readonly string[];
}

/** What {@link callInParallel} found. */
export interface ParallelResult {
  /** Until the last caller had its token. */
  readonly milliseconds: number;
  /** How many different tokens they got. */
  readonly tokens: number;
}

/** Auth may need more than the default of 5 seconds for the tokens of all users. */
export const DEADLINE_SECONDS = 60;

/**
 * Exchanges the tokens of all callers at once, with an empty cache.
 *
 * @throws ServiceTokenError, ServiceUnavailableError if a caller gets none
 */
export async function callInParallel(
  { issuer, clientSecret, callers, tokens }: ParallelCalls,
  verifier: Verifier,
  revocations: DenyList,
): Promise<ParallelResult> {
  const principals = await Promise.all(tokens.map((token) => verifier.verify(token)));
  const service = createServiceTokens({
    issuer,
    clientId: ORDERS,
    authentication: { clientSecret },
    revocations,
    // Finding it is not part of an exchange.
    tokenEndpoint: `${issuer}/oauth/token`,
    timeoutSeconds: DEADLINE_SECONDS,
  });
  try {
    const start = performance.now();
    const obtained = await Promise.all(
      Array.from({ length: callers }, (_, caller) =>
        service.onBehalfOf(principals[caller % principals.length]!, INVENTORY, CHAIN_SCOPE),
      ),
    );
    const milliseconds = performance.now() - start;
    return { milliseconds, tokens: new Set(obtained).size };
  } finally {
    service.close();
  }
}
