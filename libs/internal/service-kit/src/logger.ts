import type { LoggerService } from '@nestjs/common';
import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import { currentRequestId } from './request-context.js';
import { currentSpan } from './tracing/current-span.js';

/** A second line of defence: no code logs headers, bodies or tokens. Redaction covers three levels of fields. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'secret',
  'client_secret',
  'clientSecret',
  'privateKey',
  'parameters',
];
const REDACTED_PATHS = ['', '*.', '*.*.'].flatMap((prefix) =>
  SECRET_FIELDS.map((name) => (prefix ? `${prefix}["${name}"]` : `["${name}"]`).replace('.[', '[')),
);

/** Compact tokens and bearer credentials inside the messages of other libraries. */
const TOKEN_TEXT = /\b[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\b/g;
const PASSWORD_IN_URL = /(\w+:\/\/[^\s:/@]+:)[^\s@]+@/g;

function scrub(text: string): string {
  return text.replace(TOKEN_TEXT, '[token]').replace(PASSWORD_IN_URL, '$1[password]@');
}

function serializeError(error: Error): object {
  const { message, stack, ...rest } = stdSerializers.err(error) as unknown as Record<
    string,
    string
  >;
  // Query parameters and driver details contain user input.
  const { type, code } = rest;
  return { type, code, message: scrub(message ?? ''), stack: scrub(stack ?? '') };
}

/** Logs JSON lines to standard output, each with the id of its request, and of its span while traces are on. */
export function createLogger(
  service: string,
  level: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    name: service,
    level,
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    serializers: { err: serializeError, cause: serializeCause },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => {
      const requestId = currentRequestId();
      const span = currentSpan();
      return {
        ...(requestId !== undefined && { requestId }),
        ...(span && { trace_id: span.traceId, span_id: span.spanId }),
      };
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

function serializeCause(cause: unknown): unknown {
  return cause instanceof Error ? serializeError(cause) : cause;
}

/** Writes Nest's own messages to the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  #write(level: 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = rest.findLast((part) => typeof part === 'string');
    const fields = message instanceof Error ? { err: message, context } : { context };
    this.logger[level](fields, message instanceof Error ? message.name : scrub(String(message)));
  }
}
