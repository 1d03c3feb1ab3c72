import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { ClientStore, type ClientStanding } from './client-store.js';

/** The client that calls an OAuth endpoint. */
export interface CallingClient {
  readonly clientId: string;
  /** Undefined for a public client, which cannot prove its identity. */
  readonly authenticated: ClientStanding | undefined;
}

interface ClientForm {
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

/** RFC 6749 §5.2 requires the challenge after Basic authentication, RFC 9110 §15.5.2 with every 401. */
const invalidClient = () =>
  new ProblemError(401, 'invalid_client', 'The client is unknown or its secret is wrong', {
    headers: { 'www-authenticate': 'Basic realm="latchkey"' },
  });

const invalidRequest = (title: string) => new ProblemError(400, 'invalid_request', title);

/** A bearer token is ignored: it cannot authenticate a client, and some gateways add one to every request. */
const BEARER = /^bearer( |$)/i;

/** `client_secret_basic`, `client_secret_post` and `none` (RFC 6749 §2.3, RFC 7591 §2). */
@Injectable()
export class ClientAuthentication {
  constructor(private readonly clients: ClientStore) {}

  /**
   * @returns undefined if the request names no client
   * @throws ProblemError invalid_client, or invalid_request if the request uses two methods
   */
  async identify(
    authorization: string | undefined,
    form: ClientForm,
  ): Promise<CallingClient | undefined> {
    const credentials = credentialsOf(authorization, form);
    if (credentials) return this.#authenticate(credentials);
    const { client_id: clientId } = form;
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

  async #authenticate({ clientId, secret }: Credentials): Promise<CallingClient> {
    const authenticated = await this.clients.authenticate(clientId, secret);
    if (!authenticated) throw invalidClient();
    return { clientId, authenticated };
  }
}

function credentialsOf(
  authorization: string | undefined,
  { client_id: clientId, client_secret: secret }: ClientForm,
): Credentials | undefined {
  if (authorization === undefined || BEARER.test(authorization)) {
    if (secret === undefined) return undefined;
    if (clientId === undefined) throw invalidRequest('client_secret requires client_id');
    return { clientId, secret };
  }
  const credentials = basicCredentials(authorization);
  if (!credentials) throw invalidClient();
  // RFC 6749 §2.3 allows one method in a request.
  if (secret !== undefined)
    throw invalidRequest('Use either the Authorization header or client_secret, not both');
  if (clientId !== undefined && clientId !== credentials.clientId)
    throw invalidRequest('client_id differs from the client in the Authorization header');
  return credentials;
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basicCredentials(authorization: string): Credentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  try {
    return { clientId: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
  } catch {
    // A malformed escape cannot belong to a valid name or secret.
    return undefined;
  }
}

const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
