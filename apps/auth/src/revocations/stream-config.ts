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
import { DUPLICATE_WINDOW_SECONDS, streamMaxAgeSeconds } from './revocation-lifetime.js';

const LONGEST_IDLE_CONSUMER_MILLISECONDS = 10_000;

/** Names one incarnation of the stream, in its own metadata. */
const EPOCH_METADATA = 'latchkey-epoch';

/** What cannot be changed once a stream exists. */
export const FIXED_CONFIG = {
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
} satisfies Partial<StreamConfig>;

export type ChangeableConfig = ReturnType<typeof changeableConfig>;

export function changeableConfig(
  epoch: string,
  {
    accessTokenLifetimeSeconds,
    streamReplicas,
  }: Pick<RevocationsModuleOptions, 'accessTokenLifetimeSeconds' | 'streamReplicas'>,
) {
  return {
    num_replicas: streamReplicas,
    subjects: [REVOCATION_SUBJECTS],
    max_msgs_per_subject: 1,
    // No limit of number or size: nothing but age may push out a live entry.
    max_msgs: -1,
    max_bytes: -1,
    discard: DiscardPolicy.Old,
    max_age: nanos(streamMaxAgeSeconds(accessTokenLifetimeSeconds) * 1000),
    duplicate_window: nanos(DUPLICATE_WINDOW_SECONDS * 1000),
    allow_direct: true,
    // A verifier reads with consumers that it deletes; those of one that died go by themselves.
    consumer_limits: { inactive_threshold: nanos(LONGEST_IDLE_CONSUMER_MILLISECONDS) },
    republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
    metadata: { [EPOCH_METADATA]: epoch },
  } satisfies Partial<StreamUpdateConfig>;
}

export function epochOf(config: Partial<StreamConfig>): string | undefined {
  return config.metadata?.[EPOCH_METADATA];
}

/** Replicas that are given different token lifetimes agree on the longest. */
export function longestAge(
  wanted: ChangeableConfig,
  found: Partial<StreamConfig>,
): ChangeableConfig {
  return { ...wanted, max_age: Math.max(wanted.max_age, found.max_age ?? 0) };
}

/** Whether the stream needs no change; the server adds members of its own. */
export function fits(found: StreamConfig, wanted: ChangeableConfig): boolean {
  const { metadata, max_age, republish, ...others } = wanted;
  return (
    epochOf(found) === epochOf({ metadata }) &&
    found.max_age >= max_age &&
    found.republish?.src === republish.src &&
    found.republish.dest === republish.dest &&
    Object.entries(others).every(([name, value]) =>
      isDeepStrictEqual(found[name as keyof typeof others], value),
    )
  );
}
