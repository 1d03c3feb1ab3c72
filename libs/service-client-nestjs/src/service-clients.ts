import {
  createServiceClient,
  type ServiceClient,
  type ServiceTokens,
} from '@latchkey/service-client';
import type { OnApplicationShutdown } from '@nestjs/common';
import { currentHeaders } from './current-headers.js';
import type { ServiceTokensModuleOptions } from './service-tokens.module-definition.js';

/** Creates a client of each service, and closes them. */
export class ServiceClients implements OnApplicationShutdown {
  readonly #clients: ReadonlyMap<string, ServiceClient>;

  /** @throws TypeError that names the invalid option and the service */
  constructor(
    { services, context = currentHeaders, allowHttp }: ServiceTokensModuleOptions,
    private readonly tokens: ServiceTokens,
  ) {
    this.#clients = new Map(
      Object.entries(services).map(([service, { url, scopes = [], ...options }]) => {
        const inherited = allowHttp === undefined ? {} : { allowHttp };
        const own = { ...inherited, ...options, service, baseUrl: url, scopes, tokens, context };
        return [service, named(service, () => createServiceClient(own))];
      }),
    );
  }

  /** The names of the services. */
  get names(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** @throws Error if the options do not name the service */
  of(service: string): ServiceClient {
    const client = this.#clients.get(service);
    if (client) return client;
    throw new Error(`ServiceTokensModule: services does not contain ${service}`);
  }

  /**
   * Called by Nest once the server has answered the requests that it had accepted. Aborts the calls of all
   * other work, so that the process can end.
   */
  onApplicationShutdown(): void {
    for (const client of this.#clients.values()) client.close();
    this.tokens.close();
  }
}

function named<Result>(service: string, create: () => Result): Result {
  try {
    return create();
  } catch (error) {
    throw error instanceof TypeError
      ? new TypeError(`services.${service}: ${error.message}`, { cause: error })
      : error;
  }
}
