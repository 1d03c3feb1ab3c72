import { PROBLEM_MEDIA_TYPE, type Problem } from '@latchkey/contracts';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Logger } from 'pino';
import { databaseTroubleOf, type DatabaseTrouble } from './database/database-unavailable.js';
import { ProblemError, unavailable } from './problem-error.js';
import { currentRequestId } from './request-context.js';

/** The code and title of each 503. */
const DATABASE_TROUBLES = {
  unreachable: ['database_unavailable', 'The database cannot be reached'],
  busy: ['database_busy', 'All connections to the database are in use'],
  slow: ['database_slow', 'The database did not answer in time'],
} satisfies Record<DatabaseTrouble, readonly [code: string, title: string]>;

/** A 503 for a database that cannot answer now. */
export function databaseProblem(trouble: DatabaseTrouble): ProblemError {
  const [code, title] = DATABASE_TROUBLES[trouble];
  return unavailable(code, title);
}

/** Renders every exception as a problem document. Details of unexpected errors are logged, not sent. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const problem = this.#problemOf(thrown);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    void reply.headers(headersOf(thrown));
    sendProblem(reply, problem);
  }

  #problemOf(thrown: unknown): ProblemError {
    if (thrown instanceof ProblemError) {
      if (thrown.status >= 500)
        this.logger.warn({ code: thrown.code, err: thrown.cause }, thrown.title);
      return thrown;
    }
    const trouble = databaseTroubleOf(thrown);
    if (trouble !== undefined) {
      const problem = databaseProblem(trouble);
      this.logger.warn({ err: thrown, code: problem.code }, problem.title);
      return problem;
    }
    if (thrown instanceof HttpException) {
      if (thrown.getStatus() >= 500) this.logger.warn({ err: thrown }, 'request failed');
      return fromHttpException(thrown);
    }
    const status = clientStatusOf(thrown);
    if (status) return new ProblemError(status, codeOf(status), STATUS_CODES[status] ?? 'Error');
    this.logger.error({ err: thrown }, 'unexpected error');
    return new ProblemError(500, 'internal_error', 'The service failed unexpectedly');
  }
}

/** Answers a request with a problem. Hooks call it themselves, because Nest's exception filters do not cover them. */
export function sendProblem(reply: FastifyReply, problem: ProblemError): void {
  void reply
    .status(problem.status)
    .headers({ ...problem.details.headers })
    .type(PROBLEM_MEDIA_TYPE)
    .send(problemDocument(problem));
}

/** Headers that a guard set on its exception, such as `WWW-Authenticate`. */
function headersOf(thrown: unknown): Record<string, string> {
  if (!(thrown instanceof HttpException) || !('headers' in thrown)) return {};
  return thrown.headers as Record<string, string>;
}

/** Keeps the problem document of an exception that has one, and makes one for Nest's own exceptions. */
function fromHttpException(exception: HttpException): ProblemError {
  const status = exception.getStatus();
  const body = exception.getResponse();
  const given = (typeof body === 'object' ? body : {}) as Partial<Problem>;
  const title = given.title ?? STATUS_CODES[status] ?? 'Error';
  return new ProblemError(status, given.code ?? codeOf(status), title, {
    ...detailOf(status, given),
    ...(given.errors && { errors: given.errors }),
  });
}

/** Only the body parser throws a 400 without a code; schema errors name their fields. */
function detailOf(status: number, { detail, code }: Partial<Problem>): { detail?: string } {
  if (detail !== undefined) return { detail };
  if (status !== 400 || code !== undefined) return {};
  return { detail: 'The body could not be parsed. Check that it is valid JSON.' };
}

/**
 * Fastify's own errors (body too large, unknown media type, broken JSON) carry a 4xx status. Other errors with such a
 * status, for example of an HTTP client, are not the caller's fault.
 */
function clientStatusOf(thrown: unknown): number | undefined {
  const { statusCode: status, code } = (thrown ?? {}) as { statusCode?: unknown; code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

/** `Payload Too Large` → `payload_too_large`. */
export function codeOf(status: number): string {
  return (STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '_');
}

/** What a service answers if one of these is thrown. */
export const problemOf = (thrown: ProblemError | HttpException): Problem =>
  problemDocument(thrown instanceof ProblemError ? thrown : fromHttpException(thrown));

/** The problem document of an error (RFC 9457 §3). */
function problemDocument({ status, code, title, details }: ProblemError): Problem {
  const requestId = currentRequestId();
  return {
    type: `urn:latchkey:problem:${code}`,
    title,
    status,
    code,
    ...(details.detail !== undefined && { detail: details.detail }),
    ...(requestId !== undefined && { requestId }),
    ...(details.errors && { errors: [...details.errors] }),
    ...details.extensions,
  };
}
