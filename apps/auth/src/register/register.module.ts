import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RegisterController } from './register.controller.js';
import { RegisterService } from './register.service.js';

@Module({
  imports: [PasswordsModule],
  controllers: [RegisterController],
  providers: [RegisterService],
})
export class RegisterModule {}
