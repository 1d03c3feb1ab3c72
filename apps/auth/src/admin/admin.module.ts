import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AdminController } from './admin.controller.js';
import { AuditController } from './audit.controller.js';
import { ClientsController } from './clients.controller.js';
import { AdminService } from './admin.service.js';
import { SigningKeyRevocation } from './signing-key-revocation.js';
import { SigningKeysController } from './signing-keys.controller.js';
import { AdminUsersController } from './users/admin-users.controller.js';
import { AdminUsersService } from './users/admin-users.service.js';
import { UserSessionsController } from './users/user-sessions.controller.js';

/** Administration of users, sessions, clients and signing keys, and the audit trail. */
@Module({
  imports: [AccountsModule, ClientsModule, OAuthModule, SessionsModule],
  controllers: [
    AdminController,
    AdminUsersController,
    AuditController,
    ClientsController,
    SigningKeysController,
    UserSessionsController,
  ],
  providers: [AdminService, AdminUsersService, SigningKeyRevocation],
})
export class AdminModule {}
