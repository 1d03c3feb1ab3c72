import {
  AuthClient,
  sessionTokens,
  type Account,
  type Answer,
  type SessionTokens,
} from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';

const PASSWORD = 'a long enough passphrase';

/** A user of a running auth service, as seen from outside. */
export class TestUser implements Account {
  readonly #auth: AuthClient;

  constructor(
    authUrl: string,
    readonly username: string,
    readonly password: string = PASSWORD,
  ) {
    this.#auth = new AuthClient(authUrl);
  }

  /** @param username default a name that no other user has */
  static async register(authUrl: string, username = `user-${randomUUID()}`): Promise<TestUser> {
    const user = new TestUser(authUrl, username);
    await user.#auth.register(user);
    return user;
  }

  /** The same user at another replica of the auth service. */
  at(authUrl: string): TestUser {
    return new TestUser(authUrl, this.username, this.password);
  }

  /** Starts another session. */
  logIn(): Promise<SessionTokens> {
    return this.#auth.logIn(this);
  }

  logOut(token: string): Promise<Answer> {
    return this.#auth.logOut(token);
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.#auth.refresh(refreshToken);
  }

  /** @throws unless the refresh token is accepted */
  async refreshed(refreshToken: string): Promise<SessionTokens> {
    return sessionTokens(await this.refresh(refreshToken));
  }
}
