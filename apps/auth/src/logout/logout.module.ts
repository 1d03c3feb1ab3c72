import { Module } from '@nestjs/common';
import { LogoutController } from './logout.controller.js';
import { LogoutService } from './logout.service.js';
import { PresentedSession } from './presented-session.js';

@Module({
  controllers: [LogoutController],
  providers: [LogoutService, PresentedSession],
  exports: [LogoutService],
})
export class LogoutModule {}
