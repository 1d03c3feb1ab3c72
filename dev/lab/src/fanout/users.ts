import { ReceiptsReply } from '@latchkey/contracts';
import { TokenReply } from '@latchkey/contracts/auth-api';
import { moment } from '@latchkey/load-generator';

const PASSWORD = 'a long enough passphrase';
/** Password hashing is bound by the cores: more concurrent log-ins would only queue. */
const LOG_INS_AT_ONCE = 2;

export interface LogOut {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly status: number;
  readonly receipts: ReceiptsReply | undefined;
}

/** An account with many sessions, used through the HTTP API. */
export class Users {
  private constructor(private readonly issuer: string) {}

  static async register(issuer: string): Promise<Users> {
    const users = new Users(issuer);
    const { status } = await users.#post('/register', users.#credentials);
    if (status !== 202) throw new Error(`/register answered ${status}`);
    return users;
  }

  /** Opens sessions and returns their access tokens. */
  async logIn(count: number, onProgress: (done: number) => void): Promise<string[]> {
    const tokens: string[] = [];
    const logInInTurn = async () => {
      while (tokens.length < count) {
        const { status, body } = await this.#post('/login', this.#credentials);
        if (status !== 200) throw new Error(`/login answered ${status}`);
        tokens.push(TokenReply.parse(body).access_token);
        onProgress(tokens.length);
      }
    };
    await Promise.all(Array.from({ length: LOG_INS_AT_ONCE }, logInInTurn));
    return tokens.slice(0, count);
  }

  /** @param confirm milliseconds to wait for receipts; default: no receipts */
  async logOut(token: string, confirm?: number): Promise<LogOut> {
    const query = confirm === undefined ? '' : `?confirm=${confirm}`;
    const sentAt = moment();
    const response = await fetch(`${this.issuer}/logout${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    const answeredAt = moment();
    const text = await response.text();
    const { status } = response;
    const receipts = status === 200 ? ReceiptsReply.parse(JSON.parse(text)) : undefined;
    return { sentAt, answeredAt, status, receipts };
  }

  get #credentials() {
    return { username: 'fanout', password: PASSWORD };
  }

  async #post(path: string, json: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.issuer + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(json),
    });
    return { status: response.status, body: await response.json() };
  }
}
