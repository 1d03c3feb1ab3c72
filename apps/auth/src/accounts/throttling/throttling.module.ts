import { Module } from '@nestjs/common';
import { CounterStore } from './counter-store.js';
import { LoginThrottle } from './login-throttle.js';
import { RegistrationThrottle } from './registration-throttle.js';

@Module({
  providers: [CounterStore, LoginThrottle, RegistrationThrottle],
  exports: [CounterStore, LoginThrottle, RegistrationThrottle],
})
export class ThrottlingModule {}
