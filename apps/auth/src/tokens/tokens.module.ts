import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { OwnTokenVerifier, ownTokenVerifierProvider } from './own-token-verifier.js';
import { ConfigurableModuleClass } from './tokens.module-definition.js';

/** Signs access tokens, and verifies those of this service, without looking at revocations. */
@Module({
  // No key here, because every signature uses the key that is active at that moment.
  imports: [JwtModule.register({})],
  providers: [AccessTokenIssuer, ownTokenVerifierProvider],
  exports: [AccessTokenIssuer, OwnTokenVerifier],
})
export class TokensModule extends ConfigurableModuleClass {}
