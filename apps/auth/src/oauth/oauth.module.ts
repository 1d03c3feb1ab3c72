import { Module } from '@nestjs/common';
import { ClientCredentialsService } from './client-credentials/client-credentials.service.js';
import { RefreshService } from '../sessions/refresh/refresh.service.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { IntrospectController } from './introspect.controller.js';
import { RevokeController } from './revoke.controller.js';
import { RevokeService } from './revoke.service.js';
import { TokenController } from './token.controller.js';

@Module({
  controllers: [TokenController, RevokeController, IntrospectController],
  providers: [ClientAuthentication, ClientCredentialsService, RefreshService, RevokeService],
  exports: [ClientAuthentication],
})
export class OAuthModule {}
