import type { TokenPrincipal } from '@latchkey/verifier';
import { decodeJwt } from 'jose';
import { TestServer } from './test-server.js';
import { useTokenIssuer } from './token-issuer-fixture.js';
import {
  createServiceClient,
  ServiceUnavailableError,
  type ServiceClientOptions,
  type ServiceTokens,
} from '../src/index.js';

/** Runs a service, and makes clients of it with tokens of a real issuer, for each test of the surrounding block. */
export function useService() {
  const issuer = useTokenIssuer();
  let server: TestServer;
  let tokens: ServiceTokens;
  let principal: TokenPrincipal;

  beforeEach(async () => {
    server = await TestServer.start(() => ({ body: { ok: true } }));
    tokens = issuer.current.tokens();
    principal = await issuer.current.principal({ subject: 'ada' });
  });
  afterEach(() => server.close());

  return {
    get issuer() {
      return issuer.current;
    },
    get server() {
      return server;
    },
    get tokens() {
      return tokens;
    },
    get principal() {
      return principal;
    },
    client: (more: Partial<ServiceClientOptions> = {}) =>
      createServiceClient({
        service: 'inventory',
        baseUrl: server.url,
        scopes: 'inventory:write',
        tokens,
        // Only tests of deadlines depend on them; a busy machine must not.
        timeoutMilliseconds: 60_000,
        ...more,
      }),
    /** The claims of the token that the service received. */
    bearerOf: (index = -1) =>
      decodeJwt(server.received.at(index)!.headers.authorization!.replace('Bearer ', '')),
  };
}

/** The error of a call, or `no error`. */
export const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => error,
  );

/** Why the service could not be used; any other outcome as {@link failure} returns it. */
export async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  const error = await failure(work);
  return error instanceof ServiceUnavailableError ? error.reason : error;
}
