import type { ServiceClient } from '@latchkey/service-client';
import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, Public } from '@latchkey/verifier-nestjs';
import { Body, Controller, Get, Injectable, Post } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InjectServiceClient } from '../src/index.js';

/** Calls the service of the test. */
@Injectable()
export class Inventory {
  constructor(@InjectServiceClient('inventory') private readonly client: ServiceClient) {}

  reserve(principal: Principal, body: unknown) {
    return this.client.for(principal).post<object>('/reservations', body);
  }
  stock() {
    return this.client.own().get<object>('/stock');
  }
}

/** The error that `GET /failing` throws. */
export const failing: { error: Error } = { error: new Error('no test has set it') };

@Controller()
export class ShopController {
  constructor(private readonly inventory: Inventory) {}

  @Post('orders')
  async place(@CurrentPrincipal() principal: Principal, @Body() body: unknown) {
    return (await this.inventory.reserve(principal, body)).body;
  }
  @Get('stock')
  @Public()
  async stock() {
    return (await this.inventory.stock()).body;
  }
  @Get('failing')
  @Public()
  failing() {
    throw failing.error;
  }
}

/** A request as the server received it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The issuer and the called service in one. The service answers with the body that it received. */
export class IssuerAndService {
  received: Received[] = [];
  /** Whether the service answers at all. */
  hangs = false;
  readonly #server: Server;

  private constructor(
    server: Server,
    readonly url: string,
    readonly issuer: TestIssuer,
  ) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request).then((body) => {
        if (body !== undefined)
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
  }

  static async start(): Promise<IssuerAndService> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new IssuerAndService(server, url, await makeIssuer({ issuer: url, audience: 'orders' }));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<object | undefined> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '';
    this.received.push({ path, headers: request.headers, body });
    if (path !== '/token') return this.hangs ? undefined : { received: body };
    const form = new URLSearchParams(body);
    const subject = form.has('subject_token') ? decodeJwt(form.get('subject_token')!) : undefined;
    const scope = form.get('scope') ?? '';
    return {
      access_token: await this.issuer.makeToken({
        audience: [form.get('audience')!],
        subject: subject?.sub ?? 'orders',
        scope,
        claims: { sid: subject?.['sid'], client_id: 'orders' },
      }),
      token_type: 'Bearer',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      expires_in: 300,
      scope,
    };
  }
}
