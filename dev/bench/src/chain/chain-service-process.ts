import 'reflect-metadata';
import { DenyList } from '@latchkey/deny-list';
import { answerQuestions } from '@latchkey/load-generator';
import { Verifier } from '@latchkey/verifier';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import type { ChainOptions, OrdersOptions } from './chain-options.js';
import { inventoryModule } from './inventory-service.js';
import { ordersModule } from './orders-service.js';
import { callInParallel, type ParallelCalls } from './parallel-calls.js';

/** Starts a service and returns its port, runs parallel calls, or returns the processor time so far. */
export type ChainQuestion =
  | { readonly inventory: ChainOptions }
  | { readonly orders: OrdersOptions }
  | { readonly parallel: ParallelCalls }
  | { readonly cpu: true };

let app: NestFastifyApplication | undefined;

answerQuestions<ChainQuestion>((question) => {
  if ('inventory' in question) return start(inventoryModule(question.inventory));
  if ('orders' in question) return start(ordersModule(question.orders));
  if ('cpu' in question) return cpuMicroseconds();
  if (!app) throw new Error('the service was not started');
  return callInParallel(question.parallel, app.get(Verifier), app.get(DenyList));
});

async function start(module: new () => object): Promise<number> {
  app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  return (app.getHttpServer().address() as AddressInfo).port;
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
