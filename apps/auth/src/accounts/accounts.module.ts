import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PasswordHasher } from './passwords/password-hasher.js';
import { RegisterController } from './register/register.controller.js';
import { RegisterService } from './register/register.service.js';
import { CounterEntity } from './throttling/counter.entity.js';
import { CounterStore } from './throttling/counter-store.js';
import { LoginThrottle } from './throttling/login-throttle.js';
import { RegistrationThrottle } from './throttling/registration-throttle.js';
import { InitialAdmin } from './users/initial-admin.js';
import { UserScopes } from './users/user-scopes.js';
import { UserStore } from './users/user-store.js';
import { UserEntity } from './users/user.entity.js';

/** Users, their passwords, and the throttling of guesses. */
@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, CounterEntity])],
  controllers: [RegisterController],
  providers: [
    CounterStore,
    InitialAdmin,
    LoginThrottle,
    PasswordHasher,
    RegisterService,
    RegistrationThrottle,
    UserScopes,
    UserStore,
  ],
  exports: [LoginThrottle, PasswordHasher, UserScopes, UserStore],
})
export class AccountsModule {}
