/** Changes of the stream's configuration, each of which has lost or stopped log-outs in the past. */
const CHANGES = {
  subject_transform: {
    subject_transform: { src: 'latchkey.revocations.>', dest: 'latchkey.revocations.x.>' },
  },
  max_msg_size: { max_msg_size: 200 },
  max_msgs: { max_msgs: 1 },
  max_bytes: { max_bytes: 1_000 },
  no_ack: { no_ack: true },
  sealed: { sealed: true },
  discard: { discard: 'new' },
  discard_new_per_subject: {
    discard: 'new',
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
  },
  allow_direct: { allow_direct: false },
  allow_rollup_hdrs: { allow_rollup_hdrs: true },
  subjects: { subjects: ['latchkey.revocations.none'] },
  'no republish': { republish: undefined },
  'another republish': { republish: { src: 'latchkey.revocations.>', dest: 'latchkey.live.x.>' } },
  'no metadata': { metadata: {} },
} as const satisfies Record<string, object>;

export type StreamEdit = keyof typeof CHANGES;
export const STREAM_EDITS = Object.keys(CHANGES) as StreamEdit[];

/** The members to change; undefined removes a member. */
export const changeOf = (edit: StreamEdit): object => CHANGES[edit];
