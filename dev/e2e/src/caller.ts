import { TokenReply } from '@latchkey/contracts/auth-api';
import { VERIFYING_REPLICAS, type LatchkeyStack } from '@latchkey/local-stack';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Call {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

const TIMEOUT_MILLISECONDS = 20_000;

/** One request, answered in whole. */
export async function call(url: string, sent: Call = {}): Promise<Answer> {
  const { method, token, headers: more, ...content } = sent;
  const { type, body } = encode(content);
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(type !== undefined && { 'content-type': type }),
      ...more,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get('content-type')?.includes('json') ?? false;
  return { status, headers, body: isJson ? JSON.parse(text) : text };
}

function encode({ json, form }: Pick<Call, 'json' | 'form'>): { type?: string; body?: string } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) };
  if (form === undefined) return {};
  const body = new URLSearchParams(form).toString();
  return { type: 'application/x-www-form-urlencoded', body };
}

/** A protected route of each verifying replica that any user may read. */
export const PROTECTED_ROUTES = {
  'orders-1': '/orders',
  'orders-2': '/orders',
  inventory: '/products',
  payments: '/payments',
} as const;

/** What each verifying replica answers to this token, in the order of `VERIFYING_REPLICAS`. */
export function statusesEverywhere(stack: LatchkeyStack, token: string): Promise<number[]> {
  return Promise.all(
    VERIFYING_REPLICAS.map(async (name) => {
      const { status } = await call(stack.replicas[name].url + PROTECTED_ROUTES[name], { token });
      return status;
    }),
  );
}

export const ACCEPTED_EVERYWHERE = VERIFYING_REPLICAS.map(() => 200);
export const REFUSED_EVERYWHERE = VERIFYING_REPLICAS.map(() => 401);

/** `kid` of a token's header. Nothing is verified here. */
export function decodeUnverifiedKeyId(token: string): string {
  const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
  return (JSON.parse(header) as { kid: string }).kid;
}

const PASSWORD = 'a long enough passphrase';

/** A user of the running stack, seen from outside. */
export class Caller {
  constructor(
    private readonly authUrl: string,
    readonly username: string,
    readonly password: string,
  ) {}

  static async register(authUrl: string, username: string): Promise<Caller> {
    const json = { username, password: PASSWORD };
    const { status } = await call(`${authUrl}/register`, { json });
    if (status !== 202) throw new Error(`/register answered ${status}`);
    return new Caller(authUrl, username, PASSWORD);
  }

  /** Another session. @throws when it is refused */
  async logIn(): Promise<TokenReply & { refresh_token: string }> {
    const { username, password } = this;
    const { status, body } = await call(`${this.authUrl}/login`, { json: { username, password } });
    if (status !== 200) throw new Error(`/login answered ${status}`);
    const reply = TokenReply.parse(body);
    if (reply.refresh_token === undefined) throw new Error('/login gave no refresh token');
    return { ...reply, refresh_token: reply.refresh_token };
  }

  refresh(refreshToken: string): Promise<Answer> {
    return call(`${this.authUrl}/oauth/token`, {
      form: {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: 'latchkey-web',
      },
    });
  }

  logOut(token: string): Promise<Answer> {
    return call(`${this.authUrl}/logout`, { method: 'POST', token });
  }
}
