import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ThrottlingModule } from '../throttling/throttling.module.js';
import { RegisterController } from './register.controller.js';
import { RegisterService } from './register.service.js';

@Module({
  imports: [PasswordsModule, ThrottlingModule],
  controllers: [RegisterController],
  providers: [RegisterService],
})
export class RegisterModule {}
