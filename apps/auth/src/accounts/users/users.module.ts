import { Global, Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { InitialAdmin } from './initial-admin.js';
import { UserStore } from './user-store.js';

@Global()
@Module({
  imports: [PasswordsModule],
  providers: [UserStore, InitialAdmin],
  exports: [UserStore],
})
export class UsersModule {}
