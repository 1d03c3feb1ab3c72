import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { OwnTokenVerifier, ownTokenVerifierProvider } from './own-token-verifier.js';
import { TokenSigner } from './token-signer.js';
import { ConfigurableModuleClass } from './tokens.module-definition.js';
import { TransactionTokenIssuer } from './transaction-token-issuer.js';

/** Signs access tokens and transaction tokens, and verifies those of this service, without looking at revocations. */
@Module({
  // No key here, because every signature uses the key that is active at that moment.
  imports: [JwtModule.register({})],
  providers: [AccessTokenIssuer, ownTokenVerifierProvider, TokenSigner, TransactionTokenIssuer],
  exports: [AccessTokenIssuer, OwnTokenVerifier, TransactionTokenIssuer],
})
export class TokensModule extends ConfigurableModuleClass {}
