import { Global, Module } from '@nestjs/common';
import { ExchangedTokenStore } from './exchanged-token-store.js';
import { TokenExchangeService } from './token-exchange.service.js';

const PARTS = [ExchangedTokenStore, TokenExchangeService];

/** Global, as whoever revokes a token, a client or a key must revoke what came from it. */
@Global()
@Module({ providers: PARTS, exports: PARTS })
export class TokenExchangeModule {}
