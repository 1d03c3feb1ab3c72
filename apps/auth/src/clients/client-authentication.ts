import { Injectable } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ClientAssertions } from './client-assertions.js';
import type { CallingClient } from './calling-client.js';
import { ClientStore } from './client-store.js';
import { invalidClient } from './invalid-client.js';
import { isGeneratedSecret } from './new-credential.js';
import { presentedCredentials, type ClientForm } from './presented-credentials.js';

/**
 * `client_secret_basic`, `client_secret_post`, `private_key_jwt` and `none` (RFC 6749 §2.3, RFC 7591 §2,
 * OpenID Connect Core §9).
 */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: ClientStore,
    private readonly assertions: ClientAssertions,
  ) {}

  /**
   * @returns undefined if the request names no client
   * @throws ProblemError invalid_client, or invalid_request if the request uses two methods
   */
  async identify(
    authorization: string | undefined,
    form: ClientForm,
  ): Promise<CallingClient | undefined> {
    const credentials = presentedCredentials(authorization, form);
    const { client_id: clientId } = form;
    if (credentials?.method === 'secret')
      return this.#bySecret(credentials.clientId, credentials.secret);
    if (credentials) return this.assertions.authenticate(credentials.assertion, clientId);
    if (clientId === undefined) return undefined;
    if (!this.clients.isPublic(clientId)) throw invalidClient();
    return { clientId, authenticated: undefined };
  }

  /** @throws ProblemError invalid_client, also if the request names no client */
  async require(authorization: string | undefined, form: ClientForm): Promise<CallingClient> {
    const client = await this.identify(authorization, form);
    if (!client) throw invalidClient();
    return client;
  }

  /** @throws ProblemError invalid_client, also for a public client */
  async requireAuthenticated(
    authorization: string | undefined,
    form: ClientForm,
  ): Promise<CallingClient> {
    const client = await this.require(authorization, form);
    if (!client.authenticated) throw invalidClient();
    return client;
  }

  /** A wrong guess must not take a connection that others need, so a secret that cannot be right is rejected first. */
  async #bySecret(clientId: string, secret: string): Promise<CallingClient> {
    const configured = this.clients.configured(clientId);
    const isPossible = configured
      ? isOneOf(configured.secretsSha256, secret)
      : isGeneratedSecret(secret);
    if (!isPossible) throw invalidClient();
    const { secretsSha256, standing } = await this.clients.load(clientId);
    if (!isOneOf(secretsSha256, secret)) throw invalidClient();
    return { clientId, authenticated: standing };
  }
}

/** Compares in constant time, so that the time does not tell how much of a hash was guessed. */
function isOneOf(secretsSha256: readonly string[], secret: string): boolean {
  const given = createHash('sha256').update(secret).digest();
  return secretsSha256.some((hash) => timingSafeEqual(given, Buffer.from(hash, 'hex')));
}
