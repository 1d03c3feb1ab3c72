import { createServiceClient, ServiceClient, ServiceTokens } from '@latchkey/service-client';
import { InjectServiceClient, ServiceTokensModule } from '@latchkey/service-client-nestjs';
import { subjectTokenOf, type Principal } from '@latchkey/verifier';
import {
  AccessToken,
  AccessTokenGuard,
  CurrentPrincipal,
  RequireScopes,
  VerifierModule,
} from '@latchkey/verifier-nestjs';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { z } from 'zod';
import {
  CHAIN_ROUTES,
  CHAIN_SCOPE,
  INVENTORY,
  ORDERS,
  type OrdersOptions,
} from './chain-options.js';

const Stock = z.strictObject({ available: z.number() });
type Stock = z.infer<typeof Stock>;

/** The URL of inventory, for the call without the library. */
const INVENTORY_URL = Symbol('INVENTORY_URL');

/** Calls inventory in each of the ways that are compared. */
@Controller()
@RequireScopes(CHAIN_SCOPE)
class ChainController {
  readonly #relay: ServiceClient;

  constructor(
    @InjectServiceClient(INVENTORY) private readonly inventory: ServiceClient,
    @Inject(ServiceTokens) private readonly tokens: ServiceTokens,
    @Inject(INVENTORY_URL) private readonly url: string,
  ) {
    this.#relay = relayingClient(url);
  }

  /** Passes the user's token on, in the shortest way that one would write. */
  @Get(CHAIN_ROUTES.relayByFetch)
  async relayByFetch(@AccessToken() token: string): Promise<Stock> {
    const response = await fetch(`${this.url}/stock`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`inventory responded with ${response.status}`);
    return Stock.parse(await response.json());
  }

  /** Passes the user's token on, with the deadline, retries and circuit breaker of the client. */
  @Get(CHAIN_ROUTES.relayByClient)
  relayByClient(@CurrentPrincipal() principal: Principal): Promise<Stock> {
    return readStock(this.#relay, principal);
  }

  @Get(CHAIN_ROUTES.exchange)
  exchange(@CurrentPrincipal() principal: Principal): Promise<Stock> {
    return readStock(this.inventory, principal);
  }

  @Get(CHAIN_ROUTES.transaction)
  async transaction(@CurrentPrincipal() principal: Principal): Promise<Stock> {
    const transaction = await this.tokens.beginTransaction(principal, { scopes: CHAIN_SCOPE });
    return readStock(this.inventory, transaction);
  }
}

async function readStock(inventory: ServiceClient, principal: Principal): Promise<Stock> {
  const { body } = await inventory.for(principal).get('/stock', { reply: Stock });
  return body;
}

/** A client whose tokens are those that the users came with. */
function relayingClient(baseUrl: string): ServiceClient {
  const onlyRelays = () => Promise.reject(new Error('this client only relays'));
  return createServiceClient({
    service: INVENTORY,
    baseUrl,
    scopes: CHAIN_SCOPE,
    tokens: {
      own: onlyRelays,
      withinTransaction: onlyRelays,
      onBehalfOf: (principal) => Promise.resolve(subjectTokenOf(principal)!.token),
    },
  });
}

/** The calling service. */
export function ordersModule(options: OrdersOptions): new () => object {
  const { issuer, feed, trustDomain, clientSecret, inventoryUrl } = options;
  @Module({
    imports: [
      VerifierModule.forRoot({ issuer, feed, audience: ORDERS, whenStale: 'refuse' }),
      ServiceTokensModule.forRoot({
        issuer,
        clientId: ORDERS,
        authentication: { clientSecret },
        trustDomain,
        services: { [INVENTORY]: { url: inventoryUrl, scopes: CHAIN_SCOPE } },
      }),
    ],
    controllers: [ChainController],
    providers: [
      { provide: APP_GUARD, useExisting: AccessTokenGuard },
      { provide: INVENTORY_URL, useValue: inventoryUrl },
    ],
  })
  class OrdersModule {}
  return OrdersModule;
}
