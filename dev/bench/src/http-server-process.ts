import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from '@latchkey/load-generator';
import { benchModule, type HttpOptions, type HttpVariant } from './http-variants.js';

/** Starts the server and returns its port; later questions return its processor time so far. */
export type ServerQuestion =
  { readonly start: HttpVariant; readonly options: HttpOptions } | { readonly start?: never };

/** Answers with a port, or with microseconds. */
answerQuestions<ServerQuestion>((question) =>
  question.start ? start(question.start, question.options) : cpuMicroseconds(),
);

async function start(variant: HttpVariant, options: HttpOptions): Promise<number> {
  const app = await NestFactory.create<NestFastifyApplication>(
    await benchModule(variant, options),
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  await app.listen(0, '127.0.0.1');
  return (app.getHttpServer().address() as AddressInfo).port;
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
