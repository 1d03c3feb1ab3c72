import { AccessTokenGuard, RequireScopes, VerifierModule } from '@latchkey/verifier-nestjs';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CHAIN_SCOPE, INVENTORY, type ChainOptions } from './chain-options.js';

/** The end of the chain. Its route costs next to nothing itself. */
@Controller()
class StockController {
  @Get('stock')
  @RequireScopes(CHAIN_SCOPE)
  read(): { readonly available: number } {
    return { available: 7 };
  }
}

/** The called service, which accepts an access token, or a transaction token beside its caller's own. */
export function inventoryModule({ trustDomain, ...options }: ChainOptions): new () => object {
  @Module({
    imports: [
      VerifierModule.forRoot({
        ...options,
        audience: INVENTORY,
        whenStale: 'refuse',
        transactionTokens: { trustDomain },
      }),
    ],
    controllers: [StockController],
    providers: [{ provide: APP_GUARD, useExisting: AccessTokenGuard }],
  })
  class InventoryModule {}
  return InventoryModule;
}
