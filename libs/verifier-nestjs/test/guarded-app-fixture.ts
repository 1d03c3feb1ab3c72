import type { TestAuthority } from '@latchkey/testing';
import type { Principal } from '@latchkey/verifier';
import {
  Controller,
  Get,
  Module,
  type INestApplication,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import {
  AccessToken,
  AccessTokenGuard,
  CurrentPrincipal,
  Public,
  RequireScopes,
  VerifierModule,
  WhenStale,
  type VerifierModuleOptions,
} from '../src/index.js';
import { LatchkeyPassportStrategy, PassportAccessTokenGuard } from '../src/passport.js';

@Controller()
export class ProbeController {
  @Get('me')
  me(@CurrentPrincipal() { subject }: Principal, @AccessToken() token: string) {
    return { subject, tokenLength: token.length };
  }
  @Get('public')
  @Public()
  open() {
    return { open: true };
  }
  @Get('scoped')
  @RequireScopes('orders:read', 'orders:admin')
  scoped() {
    return {};
  }
  @Get('strict')
  @WhenStale('refuse')
  strict() {
    return {};
  }
}

export const GUARDS = {
  guard: [{ provide: APP_GUARD, useExisting: AccessTokenGuard }],
  passport: [LatchkeyPassportStrategy, { provide: APP_GUARD, useClass: PassportAccessTokenGuard }],
};
export const PLATFORMS = { fastify: FastifyAdapter, express: ExpressAdapter };
export type GuardName = keyof typeof GUARDS;
export type PlatformName = keyof typeof PLATFORMS;
export const COMBINATIONS = (['guard', 'passport'] as const).flatMap((guard) =>
  (['fastify', 'express'] as const).map((platform) => [guard, platform] as const),
);

/** Nothing listens there, so the deny-list receives no revocations. */
export const UNREACHABLE_FEED = { servers: 'nats://127.0.0.1:1' };

/** Options of a verifier that trusts this authority and receives its revocations. */
export function optionsFor(
  authority: TestAuthority,
): Extract<VerifierModuleOptions, { issuer: string; feed: object }> {
  const { servers, user, pass: password } = authority.nats.credentials('orders');
  return {
    issuer: authority.issuer.issuer,
    audience: 'orders',
    whenStale: 'accept',
    feed: { servers, user, password },
  };
}

/** Starts an application whose only routes are those of the probe controller, behind a global guard. */
export function startGuardedApp(
  guard: GuardName,
  platform: PlatformName,
  options: VerifierModuleOptions,
): Promise<INestApplication> {
  return startApp(platform, {
    imports: [VerifierModule.forRoot(options)],
    controllers: [ProbeController],
    providers: GUARDS[guard],
  });
}

/** Starts an application on a free port of the loopback interface. */
export async function startApp(
  platform: PlatformName,
  metadata: ModuleMetadata,
  configure?: (app: INestApplication) => void,
): Promise<INestApplication> {
  @Module(metadata)
  class AppModule {}
  const app = await NestFactory.create<INestApplication>(
    AppModule as Type,
    new PLATFORMS[platform](),
    { logger: false, abortOnError: false },
  );
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

export const portOf = (app: INestApplication) =>
  ((app.getHttpServer() as Server).address() as AddressInfo).port;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends exactly these `Authorization` headers, even several or malformed ones. */
export function get(
  app: INestApplication,
  path: string,
  ...authorization: readonly string[]
): Promise<Answer> {
  return getWith(
    app,
    path,
    authorization.map((value) => ['authorization', value]),
  );
}

/** Sends exactly these headers, in this order. */
export async function getWith(
  app: INestApplication,
  path: string,
  sent: readonly (readonly [name: string, value: string])[],
): Promise<Answer> {
  const port = portOf(app);
  const headers = ['host', 'probe', 'connection', 'close', ...sent.flat()];
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, resolve).on('error', reject).end();
  });
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: JSON.parse(text) as Answer['body'],
  };
}

export const bearer = (token: string) => `Bearer ${token}`;

/** The parts that distinguish the responses of a guard. */
export const outcome = ({ status, headers, body }: Answer) => ({
  status,
  challenge: headers['www-authenticate'],
  code: body['code'],
});
