import { Module } from '@nestjs/common';
import { LogoutController } from './logout.controller.js';
import { LogoutCookies } from './logout-cookies.js';
import { LogoutService } from './logout.service.js';
import { PresentedSessions } from './presented-sessions.js';

@Module({
  controllers: [LogoutController],
  providers: [LogoutCookies, LogoutService, PresentedSessions],
  exports: [LogoutService],
})
export class LogoutModule {}
