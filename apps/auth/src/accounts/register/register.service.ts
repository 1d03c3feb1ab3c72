import type { RegisterRequest } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { refuseOwnName, refuseWeakPassword } from '../passwords/weak-password.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import type { Client } from '../../platform/admission/client-address.js';
import { RegistrationThrottle } from '../throttling/registration-throttle.js';
import { UserStore } from '../users/user-store.js';

@Injectable()
export class RegisterService {
  constructor(
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly throttle: RegistrationThrottle,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Makes the account if the name is free, and does not tell (ADR 0009): the password is hashed in
   * either case, which is nearly all of the time that this takes, and the same statement is run.
   *
   * @throws ProblemError 400 for a weak password, 429 for too many accounts from one address, 503 when
   *   too many passwords wait
   */
  async register({ username, password }: RegisterRequest, client: Client): Promise<void> {
    refuseWeakPassword(password, '/password');
    refuseOwnName(password, username, '/password');
    await this.throttle.admit(client.address);
    const hash = await this.hasher.hash(password, client, 'registration');
    // At the very first start somebody else could be faster than the service itself.
    if (username === this.settings.initialAdmin?.username) return;
    await this.users.add(username, hash, this.settings.userScope);
  }
}
