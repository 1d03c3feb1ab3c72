import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from '@latchkey/load-generator';
import { benchModule, type HttpSetting, type HttpVariant } from './http-variants.js';

/** Start and say where; afterwards: how much of the processor's time it has taken. */
export type ServerQuestion =
  { readonly start: HttpVariant; readonly setting: HttpSetting } | { readonly start?: never };

/** A port, or microseconds. */
answerQuestions<ServerQuestion>((question) =>
  question.start ? start(question.start, question.setting) : cpuMicroseconds(),
);

async function start(variant: HttpVariant, setting: HttpSetting): Promise<number> {
  const app = await NestFactory.create<NestFastifyApplication>(
    await benchModule(variant, setting),
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
