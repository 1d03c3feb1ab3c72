import {
  AUDIT_EVENT_NAMES,
  AuditListReply,
  UserReply,
  type AuditEventReply,
} from '@latchkey/contracts/auth-api';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AuthApi } from '../auth/auth-api.js';
import { clientId, example, username, type Invoke } from './arguments.js';
import { time } from './publication.js';

/** The most that auth sends at once. */
const PAGE_SIZE = 100;
const DEFAULT_LIMIT = 50;

const COLUMNS = [
  { heading: 'TIME', cell: ({ at }: AuditEventReply) => time(at) },
  { heading: 'EVENT', cell: ({ event }: AuditEventReply) => event },
  { heading: 'BY', cell: ({ by = '' }: AuditEventReply) => by },
  { heading: 'USER', cell: ({ subject = '' }: AuditEventReply) => subject },
  { heading: 'CLIENT', cell: ({ client = '' }: AuditEventReply) => client },
  { heading: 'ADDRESS', cell: ({ address = '' }: AuditEventReply) => address },
  { heading: 'DETAILS', cell: ({ details }: AuditEventReply) => detailsOf(details) },
];

const detailsOf = (details: Readonly<Record<string, unknown>>) =>
  Object.entries(details)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');

interface AuditOptions {
  readonly event?: string;
  readonly user?: string;
  readonly client?: string;
  readonly by?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

/** `latchkey audit`: who did what. */
export function addAuditCommand(program: Command, invoke: Invoke): void {
  program
    .command('audit')
    .description('show who did what, the newest event first')
    .addOption(new Option('--event <event>', 'only events of this kind').choices(AUDIT_EVENT_NAMES))
    .option('--user <username>', 'only events about this user', username)
    .option('--client <client>', 'only events about this client', clientId)
    .option('--by <username>', 'only what this administrator did', username)
    .option(
      '--since <time>',
      'only events at this time or later, such as 2026-11-30T12:00Z',
      moment,
    )
    .option('--until <time>', 'only events before this time', moment)
    .option('--limit <number>', 'at most as many events', amount, DEFAULT_LIMIT)
    .addHelpText(
      'after',
      example(
        'latchkey audit --user ada',
        'latchkey audit --event login_failed --limit 1000 --json',
      ),
    )
    .action(async (options: AuditOptions, command: Command) => {
      const cli = invoke(command);
      await cli.output.list('events', eventsIn(cli.api(), options), COLUMNS);
    });
}

async function* eventsIn(
  api: AuthApi,
  { user, by, limit, ...filters }: AuditOptions,
): AsyncGenerator<readonly AuditEventReply[]> {
  const query = new URLSearchParams(filters);
  if (user !== undefined) query.set('subject', await idOf(api, user));
  if (by !== undefined) query.set('by', await idOf(api, by));
  let left = limit;
  let next: string | undefined;
  do {
    query.set('limit', String(Math.min(left, PAGE_SIZE)));
    const page: AuditListReply = await api.get(`/admin/audit?${query.toString()}`, AuditListReply);
    yield page.events;
    left -= page.events.length;
    ({ next } = page);
    if (next !== undefined) query.set('after', next);
  } while (next !== undefined && left > 0);
}

/** The trail names users by id. */
const idOf = async (api: AuthApi, name: string) =>
  (await api.get(`/admin/users/${encodeURIComponent(name)}`, UserReply)).id;

function moment(text: string): string {
  const at = Date.parse(text);
  // Other texts are in the time zone of this machine, or mean nothing.
  if (!/^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$/i.test(text) || Number.isNaN(at))
    throw new InvalidArgumentError('It must be a date, or a time such as 2026-11-30T12:00Z');
  return new Date(at).toISOString();
}

function amount(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0');
}
