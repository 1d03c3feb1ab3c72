import { readdirSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { required, type VariableRow, type VariableRows } from './environment.suite.js';
import { loadConfig } from '../src/load-config.js';

const ROOT = new URL('../../../../', import.meta.url);
const EVERY_SERVICE = 'all services';
const EVERY_VERIFIER = 'all services but auth';
const DAY_SECONDS = 86_400;

interface DocumentedVariable {
  readonly name: string;
  readonly services: readonly string[];
  readonly fallback: string;
}

/**
 * Tests that docs/configuration.md has a row for each variable of a service, that each row has a variable, and
 * that both have the same default.
 *
 * @param service its folder in `apps`, which the headings of the table name
 */
export function describeConfigurationTable<Schema extends z.ZodObject>(
  service: string,
  schema: Schema,
  rows: VariableRows<Schema['shape']>,
  minimal: Readonly<Record<string, string>>,
): void {
  const table = documentedVariables();
  const documented = table.filter(({ services }) =>
    services.some((each) => headingsOf(service).includes(each)),
  );
  const read = (name: string, text: string) =>
    (loadConfig(schema, { ...minimal, [name]: text }) as Record<string, unknown>)[name];

  describe('docs/configuration.md', () => {
    it('has one row for each variable, and none for a variable that does not exist', () => {
      expect(documented.map(({ name }) => name).sort()).toEqual(Object.keys(schema.shape).sort());
    });

    it('has headings that name services', () => {
      const known = [EVERY_SERVICE, EVERY_VERIFIER, ...readdirSync(new URL('apps', ROOT))];
      expect(known).toEqual(expect.arrayContaining(table.flatMap(({ services }) => services)));
    });

    it.each(documented)('has the default of $name: $fallback', ({ name, fallback }) => {
      const row: VariableRow | undefined = rows[name as keyof typeof rows];
      const absent = row?.absent;
      if (absent === required) expect(fallback).toBe('required');
      else if (absent === undefined) expect(fallback).toBe(row?.fallback ?? 'none');
      else if (fallback === 'none') expect(absent).toEqual([]);
      else expect(read(name, settingOf(fallback, service))).toEqual(absent);
    });
  });
}

/** The headings of the rows that concern a service. */
const headingsOf = (service: string) =>
  service === 'auth' ? [EVERY_SERVICE, service] : [EVERY_SERVICE, EVERY_VERIFIER, service];

/** The rows of the first table. A row can have several names, and then one default for each or one for all. */
function documentedVariables(): DocumentedVariable[] {
  const lines = readFileSync(new URL('docs/configuration.md', ROOT), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  let services: readonly string[] = [];
  return lines.slice(start + 2, end).flatMap((line) => {
    const [, names = '', fallbacks = ''] = line.split('|').map((cell) => cell.trim());
    const [, heading] = /^\*\*(.*)\*\*$/.exec(names) ?? [];
    if (heading !== undefined) services = heading.split(', ');
    return heading === undefined ? variablesOf(names, fallbacks, services) : [];
  });
}

function variablesOf(
  names: string,
  fallbacks: string,
  services: readonly string[],
): DocumentedVariable[] {
  const all = fallbacks.split(', ');
  return names.split(', ').map((name, index) => ({
    name: name.replaceAll('`', ''),
    services,
    fallback: (all.length === 1 ? all[0] : all[index]) ?? '',
  }));
}

/** The value to set a variable to, so that it is the same as its documented default. */
function settingOf(fallback: string, service: string): string {
  if (fallback === "the service's name") return service;
  const [, days] = /^(\d+) days$/.exec(fallback) ?? [];
  return days === undefined ? fallback.replaceAll('`', '') : String(Number(days) * DAY_SECONDS);
}
