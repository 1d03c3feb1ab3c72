import type { RegisterRequest } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { refuseOwnName, refuseWeakPassword } from '../passwords/weak-password.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import type { Sender } from '../../platform/admission/sender.js';
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
   * Creates the account if the name is free, without revealing whether it was (ADR 0009): either way
   * the password is hashed, which takes nearly all of the time, and the same statement runs.
   *
   * @throws ProblemError 400 for a weak password, 429 after too many registrations from one address,
   *   503 if too many passwords wait to be hashed
   */
  async register({ username, password }: RegisterRequest, sender: Sender): Promise<void> {
    refuseWeakPassword(password, '/password');
    refuseOwnName(password, username, '/password');
    await this.throttle.admit(sender.address);
    const hash = await this.hasher.hash(password, sender, 'registration');
    // At the first start, a request could otherwise take the name before InitialAdmin does.
    if (username === this.settings.initialAdmin?.username) return;
    await this.users.add(username, hash, []);
  }
}
