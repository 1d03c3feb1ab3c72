import { Module } from '@nestjs/common';
import { CounterStore } from './counter-store.js';
import { LoginThrottle } from './login-throttle.js';

@Module({
  providers: [CounterStore, LoginThrottle],
  exports: [CounterStore, LoginThrottle],
})
export class ThrottlingModule {}
