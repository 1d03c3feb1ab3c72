/** What a request carries. */
export type CredentialKind = 'none' | 'token' | 'cookie';

/** What a service asks at each request, beside its own database. */
export type SharedPart = 'redis' | 'session-postgres' | 'auth';

/** One way of knowing who calls; the service and its routes are always the same. */
export interface Architecture {
  readonly id: string;
  readonly label: string;
  readonly credential: CredentialKind;
  readonly asksPerRequest?: SharedPart;
  /** Whether its replicas are told of log-outs over NATS. */
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

export type ArchitectureId = (typeof ARCHITECTURES)[number]['id'];

/** @throws RangeError for one that is not there */
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
