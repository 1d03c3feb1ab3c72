import pg from 'pg';
import { currentRequestId } from '../../src/index.js';

/** The settings that every new connection states, whenever the pool opens one. */
const SETTINGS = /^\s*SET statement_timeout|set_config\(/;

/**
 * Records the SQL statements that this process sends to Postgres while `work` runs, on any pool.
 * Statements of background work count too, so keep it from running meanwhile.
 */
export function recordStatements(work: () => Promise<unknown>): Promise<string[]> {
  return record(work, () => true);
}

/** Like {@link recordStatements}, for a service with background work: records the statements of requests only. */
export function recordRequestStatements(work: () => Promise<unknown>): Promise<string[]> {
  return record(work, () => currentRequestId() !== undefined);
}

async function record(work: () => Promise<unknown>, counts: () => boolean): Promise<string[]> {
  const statements: string[] = [];
  const prototype = pg.Client.prototype as { query: (...parameters: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: unknown, ...parameters: unknown[]) {
    const text = textOf(parameters[0]);
    if (counts() && !SETTINGS.test(text)) statements.push(text.replaceAll(/\s+/g, ' ').trim());
    return query.apply(this, parameters);
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return statements;
}

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { text: string }).text;
}
