import { REQUEST_ID_HEADER } from '@latchkey/contracts';
import pg from 'pg';
import { currentRequestId } from '../../src/request-context.js';

/** The settings that every new connection states, whenever the pool opens one. */
const SETTINGS = /^SET statement_timeout|set_config\(/;

interface Statement {
  readonly text: string;
  readonly requestId: string | undefined;
}

/**
 * Records the SQL statements that this process sends to Postgres while `work` runs, on any pool.
 * Statements of background work count too, so keep it from running meanwhile.
 */
export async function recordStatements(work: () => Promise<unknown>): Promise<string[]> {
  const { statements } = await record(work);
  return statements.map(({ text }) => text);
}

/**
 * Like {@link recordStatements}, for a service with background work: records only the statements of the request that
 * was answered. A timer keeps the context of the request that started it, so the mere presence of one proves nothing.
 */
export async function recordRequestStatements(
  send: () => Promise<{ readonly headers: Headers }>,
): Promise<string[]> {
  const { statements, result } = await record(send);
  const requestId = result.headers.get(REQUEST_ID_HEADER);
  if (requestId === null) throw new Error(`The answer has no ${REQUEST_ID_HEADER}`);
  return statements.filter((each) => each.requestId === requestId).map(({ text }) => text);
}

async function record<Result>(
  work: () => Promise<Result>,
): Promise<{ statements: Statement[]; result: Result }> {
  const statements: Statement[] = [];
  const prototype = pg.Client.prototype as { query: (...parameters: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: unknown, ...parameters: unknown[]) {
    const text = textOf(parameters[0]).replaceAll(/\s+/g, ' ').trim();
    if (!SETTINGS.test(text)) statements.push({ text, requestId: currentRequestId() });
    return query.apply(this, parameters);
  };
  try {
    return { statements, result: await work() };
  } finally {
    prototype.query = query;
  }
}

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { text: string }).text;
}
