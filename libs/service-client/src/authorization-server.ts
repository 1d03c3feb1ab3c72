import * as oauth from 'oauth4webapi';
import { causeOf } from './causes.js';
import type { Deadline } from './deadline.js';
import { ServiceUnavailableError } from './errors.js';
import { exchange } from './http-exchange.js';
import { serverUrl } from './http-url.js';

const MAX_METADATA_BYTES = 256 * 1024;
const METADATA_LIFETIME_MILLISECONDS = 3_600_000;

/** Finds the token endpoint of an issuer. */
export class AuthorizationServer {
  #found: { server: oauth.AuthorizationServer; until: number } | undefined;

  /** @param tokenEndpoint if it need not be discovered */
  constructor(
    private readonly issuer: string,
    private readonly tokenEndpoint: URL | undefined,
    private readonly allowHttp: boolean,
  ) {}

  /**
   * The issuer with its token endpoint. Metadata is kept for an hour.
   *
   * @throws ServiceUnavailableError if it cannot be discovered, or is that of another issuer
   */
  async find(deadline: Deadline): Promise<oauth.AuthorizationServer> {
    if (this.tokenEndpoint) return { issuer: this.issuer, token_endpoint: this.tokenEndpoint.href };
    if (this.#found && performance.now() < this.#found.until) return this.#found.server;
    const metadata = await this.#discover(deadline);
    const server = { issuer: metadata.issuer, token_endpoint: this.#checkedEndpoint(metadata) };
    this.#found = { server, until: performance.now() + METADATA_LIFETIME_MILLISECONDS };
    return server;
  }

  /** RFC 8414 §3, or OpenID Connect Discovery §4 for servers that know only that. */
  async #discover(deadline: Deadline): Promise<oauth.AuthorizationServer> {
    const metadata = await this.#metadata('oauth2', deadline);
    const response = metadata.status === 404 ? await this.#metadata('oidc', deadline) : metadata;
    if (response.status >= 500)
      throw new ServiceUnavailableError(this.issuer, 'server_error', { status: response.status });
    try {
      return await oauth.processDiscoveryResponse(new URL(this.issuer), response);
    } catch (error) {
      const { status } = response;
      const detail = 'its metadata (RFC 8414) is missing, invalid, or names another issuer';
      throw new ServiceUnavailableError(this.issuer, 'invalid_reply', {
        cause: causeOf(error),
        status,
        detail,
      });
    }
  }

  #metadata(algorithm: 'oauth2' | 'oidc', deadline: Deadline): Promise<Response> {
    return oauth.discoveryRequest(new URL(this.issuer), {
      algorithm,
      // The issuer was checked with the other options.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: fetchWithin(this.issuer, deadline, MAX_METADATA_BYTES),
    });
  }

  #checkedEndpoint({ token_endpoint: endpoint }: oauth.AuthorizationServer): string {
    try {
      return serverUrl('token_endpoint', endpoint, this.allowHttp).href;
    } catch (error) {
      const detail = (error as Error).message;
      throw new ServiceUnavailableError(this.issuer, 'invalid_reply', { detail });
    }
  }
}

interface OAuthRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: URLSearchParams | undefined;
}

/** A `fetch` for oauth4webapi that has read the whole answer, which is bounded. */
export function fetchWithin(service: string, deadline: Deadline, maxBytes: number) {
  return async (url: string, { method, headers, body }: OAuthRequest): Promise<Response> => {
    const request = { method, headers, ...(body && { body }) };
    const answer = await exchange(service, url, request, deadline, maxBytes);
    const hasBody = ![101, 204, 205, 304].includes(answer.status);
    return new Response(hasBody ? answer.text : null, answer);
  };
}
