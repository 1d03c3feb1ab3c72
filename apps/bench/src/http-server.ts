import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { benchModule, type HttpVariant, type PublicIssuer } from './http-variants.js';

/** What the parent says to this process, and is told by it. */
export type ServerRequest =
  | { readonly type: 'start'; readonly variant: HttpVariant; readonly issuer: PublicIssuer }
  | { readonly type: 'cpu' };
export type ServerReply =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'cpu'; readonly microseconds: number };

const tell = (reply: ServerReply) => process.send?.(reply);

process.on('message', (request: ServerRequest) => {
  if (request.type === 'start') void start(request.variant, request.issuer);
  else {
    const { user, system } = process.cpuUsage();
    tell({ type: 'cpu', microseconds: user + system });
  }
});
process.on('disconnect', () => process.exit());

async function start(variant: HttpVariant, issuer: PublicIssuer): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(
    benchModule(variant, issuer),
    new FastifyAdapter(),
    { logger: false },
  );
  await app.listen(0, '127.0.0.1');
  tell({ type: 'listening', port: (app.getHttpServer().address() as AddressInfo).port });
}
