import { Module } from '@nestjs/common';
import { PasswordsModule } from '../../accounts/passwords/passwords.module.js';
import { ThrottlingModule } from '../../accounts/throttling/throttling.module.js';
import { LoginController } from './login.controller.js';
import { LoginService } from './login.service.js';

@Module({
  imports: [PasswordsModule, ThrottlingModule],
  controllers: [LoginController],
  providers: [LoginService],
  exports: [LoginService],
})
export class LoginModule {}
