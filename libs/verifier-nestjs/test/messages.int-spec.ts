import { jest } from '@jest/globals';
import { DenyList } from '@latchkey/deny-list';
import { freePort } from '@latchkey/local-stack';
import { TestAuthority, waitFor } from '@latchkey/testing';
import { TokenError, Verifier, type Principal } from '@latchkey/verifier';
import { Controller, Inject, type INestApplication, type LoggerService } from '@nestjs/common';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
  type ClientProxy,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { firstValueFrom, timeout } from 'rxjs';
import { WebSocket } from 'ws';
import {
  bearer,
  get,
  GUARDS,
  optionsFor,
  portOf,
  ProbeController,
  startApp,
} from './guarded-app-fixture.js';
import { Public, VerifierLifecycle, VerifierModule } from '../src/index.js';

/** Longer than any reply takes. */
const HANG_MILLISECONDS = 20_000;
const GUARD_NAMES = Object.keys(GUARDS) as (keyof typeof GUARDS)[];

/** Collects the errors that Nest logs. */
class Lines implements LoggerService {
  readonly errors: string[] = [];
  log(): void {}
  warn(): void {}
  error(...parts: unknown[]): void {
    this.errors.push(parts.map(String).join(' '));
  }
}

const handled: string[] = [];

@WebSocketGateway({ path: '/guarded' })
class GuardedGateway {
  @SubscribeMessage('hello')
  hello() {
    handled.push('gateway');
    return { event: 'hello', data: 'there' };
  }
}

/** The gateway of the README. */
@Public()
@WebSocketGateway({ path: '/open' })
class VerifyingGateway implements OnGatewayConnection {
  readonly #tokens = new WeakMap<WebSocket, string>();
  constructor(@Inject(Verifier) private readonly verifier: Verifier) {}

  async handleConnection(socket: WebSocket, { headers }: IncomingMessage): Promise<void> {
    const [, token = ''] = (headers['sec-websocket-protocol'] ?? '').split(/, */);
    this.#tokens.set(socket, token);
    await this.#verify(socket).catch(() => undefined); // the socket is closed by now
  }

  @SubscribeMessage('hello')
  async hello(@ConnectedSocket() socket: WebSocket) {
    const { subject } = await this.#verify(socket);
    return { event: 'hello', data: subject };
  }

  async #verify(socket: WebSocket): Promise<Principal> {
    try {
      return await this.verifier.verify(this.#tokens.get(socket) ?? '');
    } catch (error) {
      const isInvalid = error instanceof TokenError;
      const reason = isInvalid ? 'invalid_token' : 'try_again';
      socket.close(isInvalid ? 1008 : 1013, reason);
      throw new WsException(reason);
    }
  }
}

@Controller()
class MessageController {
  constructor(@Inject(Verifier) private readonly verifier: Verifier) {}

  @MessagePattern('guarded')
  guarded() {
    handled.push('message');
    return 'there';
  }
  @EventPattern('happened')
  happened(@Payload() _: unknown) {
    handled.push('event');
  }
  /** The message handler of the README. */
  @MessagePattern('verifying')
  @Public()
  async verifying(@Payload() { token }: { token: string }) {
    const { subject } = await this.verifier.verify(token).catch(() => {
      throw new RpcException({ status: 'error', code: 'invalid_token' });
    });
    return subject;
  }
}

describe.each(GUARD_NAMES)('the global %s', (guard) => {
  let authority: TestAuthority;
  let app: INestApplication;
  let client: ClientProxy;
  const lines = new Lines();

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    const port = await freePort();
    app = await startApp(
      'fastify',
      {
        imports: [VerifierModule.forRoot(optionsFor(authority))],
        controllers: [ProbeController, MessageController],
        providers: [GuardedGateway, VerifyingGateway, ...GUARDS[guard]],
      },
      (it) => {
        it.useLogger(lines);
        it.useWebSocketAdapter(new WsAdapter(it));
        const server = { transport: Transport.TCP, options: { host: '127.0.0.1', port } } as const;
        it.connectMicroservice(server, { inheritAppConfig: true });
      },
    );
    await app.startAllMicroservices();
    await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
    client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    await client.connect();
  });
  afterAll(async () => {
    await client.close();
    await app.close();
    await authority.close();
  });
  beforeEach(() => {
    handled.length = 0;
    lines.errors.length = 0;
  });

  const token = () => authority.issuer.makeToken({ subject: 'ada' });
  const stillServes = async () =>
    expect((await get(app, '/me', bearer(await token()))).status).toBe(200);

  /** Sends the token as a browser can, which cannot set `Authorization`. */
  async function connect(path: string, token: string) {
    const url = `ws://127.0.0.1:${portOf(app)}${path}`;
    const socket = new WebSocket(url, ['access-token', token]);
    const messages: unknown[] = [];
    socket.on('message', (message: Buffer) => messages.push(JSON.parse(message.toString())));
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    await once(socket, 'open');
    return { socket, messages, closed };
  }
  const reasonOf = async (closed: Promise<[number, Buffer]>) => {
    const [code, reason] = await closed;
    return [code, reason.toString()];
  };
  const say = (socket: WebSocket, event: string) => socket.send(JSON.stringify({ event, data: 1 }));

  it('refuses WebSocket messages: the client gets an error, and the log says why', async () => {
    const { socket, messages } = await connect('/guarded', await token());
    say(socket, 'hello');
    await waitFor(() => messages.length > 0);
    expect(messages).toMatchObject([
      { event: 'exception', data: { status: 'error', message: 'Internal server error' } },
    ]);
    expect(handled).toEqual([]);
    expect(lines.errors.join()).toContain('a WebSocket message has none');
    socket.close();
    await stillServes();
  });

  it('lets a public gateway verify each message itself', async () => {
    const ended = await authority.issuer.makeToken({ sessionId: 'ended' });
    const { socket, messages, closed } = await connect('/open', ended);
    expect(socket.protocol).toBe('access-token');
    say(socket, 'hello');
    await waitFor(() => messages.length > 0);
    expect(messages).toMatchObject([{ event: 'hello' }]);
    await authority.revokeSession('ended');
    await waitFor(() => {
      if (socket.readyState === WebSocket.OPEN) say(socket, 'hello');
      return socket.readyState !== WebSocket.OPEN;
    });
    expect(await reasonOf(closed)).toEqual([1008, 'invalid_token']);
  });

  it('lets a public gateway close a connection with an invalid token', async () => {
    const { messages, closed } = await connect('/open', 'a.b.c');
    expect(await reasonOf(closed)).toEqual([1008, 'invalid_token']);
    expect(messages).toEqual([]);
    await stillServes();
  });

  it('lets a public gateway ask the client to try again while tokens cannot be verified', async () => {
    const loaded = jest.spyOn(app.get(DenyList), 'loaded', 'get').mockReturnValue(false);
    const { closed } = await connect('/open', await token());
    expect(await reasonOf(closed)).toEqual([1013, 'try_again']);
    loaded.mockRestore();
    await stillServes();
  });

  const request = (pattern: string, payload: object) =>
    firstValueFrom(client.send<unknown>(pattern, payload).pipe(timeout(HANG_MILLISECONDS)));

  it('refuses messages: the caller gets an error, and the log says why', async () => {
    await expect(request('guarded', { token: await token() })).rejects.toEqual({
      status: 'error',
      message: 'Internal server error',
    });
    expect(handled).toEqual([]);
    expect(lines.errors.join()).toContain('a message (rpc) has none');
    await stillServes();
  });

  it('refuses events, and keeps serving', async () => {
    await firstValueFrom(client.emit('happened', { token: await token() }), { defaultValue: null });
    await waitFor(() => lines.errors.length > 0);
    expect(handled).toEqual([]);
    await stillServes();
  });

  it('lets a public message handler verify the token itself', async () => {
    expect(await request('verifying', { token: await token() })).toBe('ada');
    await expect(request('verifying', { token: 'a.b.c' })).rejects.toEqual({
      status: 'error',
      code: 'invalid_token',
    });
  });
});
