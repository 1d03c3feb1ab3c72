import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { InvalidEnvironmentError, loadConfig } from '../src/load-config.js';

/** How one variable behaves. */
export interface VariableRow {
  /** A valid value in an otherwise minimal environment. */
  readonly good: string;
  /** The configuration that `good` leads to. Default: `good` itself. */
  readonly reads?: unknown;
  /** The configuration if the variable is not set; `required` if that is an error. Default: undefined. */
  readonly absent?: unknown;
  /** The default as docs/configuration.md describes it, if `absent` is undefined. Default: `none`. */
  readonly fallback?: string;
  /** Values of the wrong kind; `none` if any text is valid. */
  readonly wrongType: readonly [string, ...string[]] | 'none';
  /** Values of the right kind that are too small, too large or unsupported; `none` if there is no range. */
  readonly outOfRange: readonly [string, ...string[]] | 'none';
  /** Other variables that this one requires. */
  readonly with?: Readonly<Record<string, string>>;
}

/** Part of every wrong value that may be a secret. */
const SECRET = 'hunter2';

/** Marks a variable that must be set. */
export const required = Symbol('required');

/** One row for each variable of a schema. A new variable without a row does not compile. */
export type VariableRows<Shape> = { readonly [Name in keyof Shape]-?: VariableRow };

/**
 * Tests every variable of a schema with every kind of value.
 *
 * @param minimal the required variables, and no others
 */
export function describeEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  rows: VariableRows<Schema['shape']>,
  minimal: Readonly<Record<string, string>>,
): void {
  const read = (env: Record<string, string | undefined>) =>
    loadConfig(schema, env) as Record<string, unknown>;
  const complaint = (env: Record<string, string | undefined>): string => {
    try {
      read(env);
    } catch (error) {
      if (error instanceof InvalidEnvironmentError) return error.message;
      throw error;
    }
    return 'nothing is wrong';
  };
  const table = Object.entries<VariableRow>(rows);
  const wrongValues = ({ wrongType, outOfRange }: VariableRow) =>
    [wrongType, outOfRange].flatMap((values) => (values === 'none' ? [] : values));

  it('has a row for each variable, and no rule that an unrelated mistake would skip', () => {
    expect(table.map(([name]) => name).sort()).toEqual(Object.keys(schema.shape).sort());
    for (const check of schema.def.checks ?? [])
      expect(check._zod.def.check === 'overwrite' || check._zod.def.when).toBeTruthy();
  });

  it.each(table)('reads %s', (name, { good, reads = good, with: others }) => {
    expect(read({ ...minimal, ...others, [name]: good })[name]).toEqual(reads);
  });

  it.each(table)('treats an empty or blank %s as not set', (name, { absent }) => {
    for (const nothing of [undefined, '', ' ', '\t\r\n ']) {
      const env = { ...minimal, [name]: nothing };
      if (absent === required) expect(complaint(env)).toContain(`  ${name} is not set: `);
      else expect(read(env)[name]).toEqual(absent);
    }
  });

  it.each(
    table.flatMap(([name, row]) => wrongValues(row).map((value) => [name, value, row] as const)),
  )(
    'refuses %s=%s with a message that names the variable, not the value',
    (name, value, { with: others }) => {
      const message = complaint({ ...minimal, ...others, [name]: value });
      expect(message).toMatch(new RegExp(`^ {2}${name} is wrong: .+`, 'm'));
      expect(message).not.toContain(SECRET);
    },
  );

  const limited = table.filter(([, { wrongType }]) => wrongType !== 'none');
  it.each(limited)('refuses %s in quotes, as `docker --env-file` leaves them', (name, row) => {
    for (const quote of ['"', "'"]) {
      const env = { ...minimal, ...row.with, [name]: `${quote}${row.good}${quote}` };
      expect(complaint(env)).toContain(`  ${name} is wrong: `);
    }
  });

  it('reports all mistakes at once, also those against rules across variables', () => {
    const wrong = table.filter(([, row]) => wrongValues(row).length > 0);
    const env = Object.fromEntries(wrong.map(([name, row]) => [name, wrongValues(row)[0]]));
    const message = complaint(env);
    for (const [name] of wrong) expect(message).toContain(`  ${name} is wrong: `);
  });

  describe('with X_FILE', () => {
    let directory: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'latchkey-environment-'));
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    const inFile = table.filter(([name]) => !name.endsWith('_FILE'));
    it.each(inFile)('reads %s from a file, without the trailing line break', (name, row) => {
      const path = join(directory, name);
      writeFileSync(path, `${row.good}\r\n`);
      const env = { ...minimal, ...row.with, [name]: '', [`${name}_FILE`]: path };
      expect(read(env)[name]).toEqual(row.reads ?? row.good);
      expect(complaint({ ...env, [name]: row.good })).toContain(`  ${name} is set twice`);
      const missing = join(directory, 'missing');
      expect(complaint({ ...env, [`${name}_FILE`]: missing })).toBe(
        'The environment is invalid. Set or correct these variables:\n' +
          `  ${name}_FILE is wrong: ${missing} cannot be read (ENOENT)`,
      );
    });
  });
}
