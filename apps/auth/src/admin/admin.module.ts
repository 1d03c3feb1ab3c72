import { Module } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import { SigningKeysController } from './signing-keys.controller.js';

@Module({
  controllers: [AdminController, SigningKeysController],
  providers: [AdminService],
})
export class AdminModule {}
