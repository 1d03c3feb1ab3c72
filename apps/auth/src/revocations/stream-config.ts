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

const MAX_CONSUMER_IDLE_MILLISECONDS = 10_000;

/** JetStream does not allow changes of these after creation. */
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
    // No limits of count or size, because those would evict live entries.
    max_msgs: -1,
    max_bytes: -1,
    discard: DiscardPolicy.Old,
    max_age: nanos(streamMaxAgeSeconds(longestTokenSeconds) * 1000),
    duplicate_window: nanos(DUPLICATE_WINDOW_SECONDS * 1000),
    allow_direct: true,
    // Verifiers create no consumers (ADR 0033). Those that others leave behind expire.
    consumer_limits: { inactive_threshold: nanos(MAX_CONSUMER_IDLE_MILLISECONDS) },
    republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
    metadata: identityMetadata(identity),
  } satisfies Partial<StreamUpdateConfig>;
}

/** Keeps a longer `max_age`, which is harmless, and metadata set by others. */
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
 * Members that affect neither what is stored nor who can read it. `deny_delete` and `deny_purge` cannot be
 * unset once they are set, and are harmless.
 */
const IGNORED: ReadonlySet<string> = new Set([
  'name',
  'description',
  'placement',
  'compression',
  'first_seq',
  'deny_delete',
  'deny_purge',
  'mirror_direct',
]);

/** Values that the server reports for members that are not set. */
const UNSET: readonly unknown[] = [undefined, null, false, 0, -1, '', 'default'];

function isUnset(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return UNSET.includes(value);
}

/** Members without a wanted value must not be set, including those that only newer servers know. */
function agrees(name: string, found: unknown, wanted: unknown): boolean {
  if (name === 'max_age') return Number(found) >= Number(wanted);
  if (name === 'metadata' || name === 'republish') return includes(found, wanted);
  return wanted === undefined ? isUnset(found) : isDeepStrictEqual(found, wanted);
}

/** Allows members that the server adds; they do not change the meaning of the others. */
function includes(found: unknown, wanted: unknown): boolean {
  const { headers_only: headersOnly, ...rest } = (found ?? {}) as Record<string, unknown>;
  return (
    isUnset(headersOnly) &&
    Object.entries(wanted as object).every(([name, value]) => rest[name] === value)
  );
}

/** The names of all members that differ from the wanted configuration. */
export function deviations(found: Partial<StreamConfig>, wanted: ChangeableConfig): string[] {
  const all: Record<string, unknown> = { ...FIXED_CONFIG, ...wanted };
  const names = new Set([...Object.keys(all), ...Object.keys(found)]);
  return [...names].filter(
    (name) => !IGNORED.has(name) && !agrees(name, found[name as keyof StreamConfig], all[name]),
  );
}
