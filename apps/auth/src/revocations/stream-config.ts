import { LIVE_SUBJECTS, REVOCATION_SUBJECTS } from '@latchkey/contracts';
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { isDeepStrictEqual } from 'node:util';
import type { RevocationsModuleOptions } from './revocations.module-definition.js';
import { DUPLICATE_WINDOW_SECONDS, streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import type { StreamIdentity } from './stream-identity.js';
import { identityMetadata } from './stream-identity.js';

const LONGEST_IDLE_CONSUMER_MILLISECONDS = 10_000;

/** What cannot be changed once a stream exists. */
export const FIXED_CONFIG = {
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
} satisfies Partial<StreamConfig>;

export type ChangeableConfig = ReturnType<typeof changeableConfig>;

export function changeableConfig(
  identity: StreamIdentity,
  {
    longestTokenSeconds,
    streamReplicas,
  }: Pick<RevocationsModuleOptions, 'streamReplicas'> & { readonly longestTokenSeconds: number },
) {
  return {
    num_replicas: streamReplicas,
    subjects: [REVOCATION_SUBJECTS],
    max_msgs_per_subject: 1,
    // No limit of number or size: nothing but age may push out a live entry.
    max_msgs: -1,
    max_bytes: -1,
    discard: DiscardPolicy.Old,
    max_age: nanos(streamMaxAgeSeconds(longestTokenSeconds) * 1000),
    duplicate_window: nanos(DUPLICATE_WINDOW_SECONDS * 1000),
    allow_direct: true,
    // Verifiers create no consumers (ADR 0033). One that somebody else leaves behind goes by itself.
    consumer_limits: { inactive_threshold: nanos(LONGEST_IDLE_CONSUMER_MILLISECONDS) },
    republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
    metadata: identityMetadata(identity),
  } satisfies Partial<StreamUpdateConfig>;
}

/** An age that is too long does no harm, and foreign metadata stays. */
export function mergedConfig(
  wanted: ChangeableConfig,
  found: Partial<StreamConfig>,
): ChangeableConfig & Partial<StreamUpdateConfig> {
  const unset = deviations(found, wanted).filter((name) => !(name in wanted));
  return {
    ...Object.fromEntries(unset.map((name) => [name, undefined])),
    ...wanted,
    max_age: Math.max(wanted.max_age, found.max_age ?? 0),
    metadata: { ...found.metadata, ...wanted.metadata },
  };
}

/**
 * Members that decide neither what is stored nor who can read it. A stream that forbids deletions
 * cannot be talked out of it, and takes nothing away.
 */
const FREE: ReadonlySet<string> = new Set([
  'name',
  'description',
  'placement',
  'compression',
  'first_seq',
  'deny_delete',
  'deny_purge',
  'mirror_direct',
]);

/** How the server spells that a member is not set. */
const UNSET: readonly unknown[] = [undefined, null, false, 0, -1, '', 'default'];

function isUnset(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return UNSET.includes(value);
}

/** Each member has a rule: one that is not wanted, also of a newer server, must not be set. */
function agrees(name: string, found: unknown, wanted: unknown): boolean {
  if (name === 'max_age') return Number(found) >= Number(wanted);
  if (name === 'metadata' || name === 'republish') return includes(found, wanted);
  return wanted === undefined ? isUnset(found) : isDeepStrictEqual(found, wanted);
}

/** The server adds members of its own, none of which changes what the others mean. */
function includes(found: unknown, wanted: unknown): boolean {
  const { headers_only: headersOnly, ...rest } = (found ?? {}) as Record<string, unknown>;
  return (
    isUnset(headersOnly) &&
    Object.entries(wanted as object).every(([name, value]) => rest[name] === value)
  );
}

/** The members of the whole configuration that are not as they have to be. */
export function deviations(found: Partial<StreamConfig>, wanted: ChangeableConfig): string[] {
  const all: Record<string, unknown> = { ...FIXED_CONFIG, ...wanted };
  const names = new Set([...Object.keys(all), ...Object.keys(found)]);
  return [...names].filter(
    (name) => !FREE.has(name) && !agrees(name, found[name as keyof StreamConfig], all[name]),
  );
}
