import { ReceiptsReply } from '@latchkey/contracts';
import { AuthClient } from '@latchkey/local-stack';

const ACCOUNT = { username: 'fanout', password: 'a long enough passphrase' };
/** Password hashing is bound by the cores: more concurrent log-ins would only queue. */
const LOG_INS_AT_ONCE = 2;

export interface LogOut {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly status: number;
  readonly receipts: ReceiptsReply | undefined;
}

/** An account with many sessions. */
export class Users {
  private constructor(private readonly auth: AuthClient) {}

  static async register(issuer: string): Promise<Users> {
    const auth = new AuthClient(issuer);
    await auth.register(ACCOUNT);
    return new Users(auth);
  }

  /** Opens sessions and returns their access tokens. */
  async logIn(count: number, onProgress: (done: number) => void): Promise<string[]> {
    const tokens: string[] = [];
    const logInInTurn = async () => {
      while (tokens.length < count) {
        tokens.push((await this.auth.logIn(ACCOUNT)).access_token);
        onProgress(tokens.length);
      }
    };
    await Promise.all(Array.from({ length: LOG_INS_AT_ONCE }, logInInTurn));
    return tokens.slice(0, count);
  }

  /** @param confirmMilliseconds to wait for receipts; default: no receipts */
  async logOut(token: string, confirmMilliseconds?: number): Promise<LogOut> {
    const { status, body, sentAt, answeredAt } = await this.auth.logOut(token, confirmMilliseconds);
    const receipts = status === 200 ? ReceiptsReply.parse(body) : undefined;
    return { sentAt, answeredAt, status, receipts };
  }
}
