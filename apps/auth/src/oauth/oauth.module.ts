import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { ClientCredentialsService } from './client-credentials/client-credentials.service.js';
import { IntrospectController } from './introspect.controller.js';
import { RevokeController } from './revoke.controller.js';
import { RevokeService } from './revoke.service.js';
import { DerivedTokens } from './token-exchange/derived-tokens.js';
import { ExchangedTokenStore } from './token-exchange/exchanged-token-store.js';
import { ExchangedTokenEntity } from './token-exchange/exchanged-token.entity.js';
import { SubjectTokens } from './token-exchange/subject-tokens.js';
import { TokenExchangeService } from './token-exchange/token-exchange.service.js';
import { TokenController } from './token.controller.js';
import { TransactionSubjects } from './transaction-tokens/transaction-subjects.js';
import { TransactionTokenService } from './transaction-tokens/transaction-token.service.js';

/** The OAuth endpoints: token, introspection and revocation. */
@Module({
  imports: [
    AccountsModule,
    ClientsModule,
    SessionsModule,
    TypeOrmModule.forFeature([ExchangedTokenEntity]),
  ],
  controllers: [TokenController, RevokeController, IntrospectController],
  providers: [
    ClientCredentialsService,
    DerivedTokens,
    ExchangedTokenStore,
    RevokeService,
    SubjectTokens,
    TokenExchangeService,
    TransactionSubjects,
    TransactionTokenService,
  ],
  exports: [ExchangedTokenStore],
})
export class OAuthModule {}
