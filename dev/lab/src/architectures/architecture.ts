import { z } from 'zod';

/** The credential that a request carries. */
export type CredentialKind = 'none' | 'token' | 'cookie';

/** A part that all replicas share and that a service asks on every request, besides its own database. */
export const sharedPartSchema = z.enum(['redis', 'session-postgres', 'auth']);
export type SharedPart = z.infer<typeof sharedPartSchema>;

/** A way to authenticate callers; the service and its routes are always the same. */
export interface Architecture {
  readonly id: string;
  readonly label: string;
  readonly credential: CredentialKind;
  readonly asksPerRequest?: SharedPart;
  /** Replicas receive log-outs over NATS. */
  readonly hearsOfLogOuts?: true;
}

/** In the order of every table and chart. */
export const ARCHITECTURES = [
  { id: 'unprotected', label: 'no protection', credential: 'none' },
  { id: 'jwt-new', label: 'JWT, Latchkey, token new', credential: 'token', hearsOfLogOuts: true },
  {
    id: 'jwt',
    label: 'JWT, Latchkey, token seen before',
    credential: 'token',
    hearsOfLogOuts: true,
  },
  { id: 'passport-jwt', label: 'JWT, passport-jwt', credential: 'token' },
  {
    id: 'session-redis',
    label: 'session cookie, Redis',
    credential: 'cookie',
    asksPerRequest: 'redis',
  },
  {
    id: 'session-postgres',
    label: 'session cookie, Postgres',
    credential: 'cookie',
    asksPerRequest: 'session-postgres',
  },
  {
    id: 'introspection',
    label: 'JWT, introspected at auth',
    credential: 'token',
    asksPerRequest: 'auth',
  },
] as const satisfies readonly Architecture[];

export const architectureIdSchema = z.enum(ARCHITECTURES.map(({ id }) => id));
export type ArchitectureId = z.infer<typeof architectureIdSchema>;

/** @throws RangeError for an unknown id */
export function architectureOf(id: ArchitectureId): Architecture & { readonly id: ArchitectureId } {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id);
  if (!found) throw new RangeError(`there is no architecture '${id}'`);
  return found;
}

/** For tables and charts. */
export const PART_LABELS: Readonly<Record<SharedPart, string>> = {
  redis: 'Redis',
  'session-postgres': 'Postgres (sessions)',
  auth: 'auth',
};
