import { Module } from '@nestjs/common';
import { PasswordsModule } from '../../accounts/passwords/passwords.module.js';
import { ThrottlingModule } from '../../accounts/throttling/throttling.module.js';
import { ChangePasswordController } from './change-password.controller.js';
import { ChangePasswordService } from './change-password.service.js';

@Module({
  imports: [PasswordsModule, ThrottlingModule],
  controllers: [ChangePasswordController],
  providers: [ChangePasswordService],
})
export class ChangePasswordModule {}
