import type { SegmentName, TextChange, Verdict } from '@latchkey/inspector';

export const decode = {
  title: 'Decode and validate a token',
  lead: 'Paste anything that contains a token. It stays in this browser, and is neither stored nor put into the address. Only the ids of a token that auth has issued are sent to auth, to ask whether it is revoked.',
  input: {
    label: 'Token',
    placeholder:
      'Paste a token, an Authorization header, a cookie, a URL, or the JSON answer of a token endpoint',
    clear: 'Clear',
    copy: 'Copy',
    copied: 'Copied',
    found: (count: number) => `${count} tokens in this text`,
    unnamed: (place: number) => `Token ${place}`,
    back: 'Back to the token around it',
    changes: {
      line_breaks_removed: 'Line breaks inside of the token were removed.',
      percent_decoded: 'Percent signs of a URL were decoded.',
      invisible_removed: 'Characters that cannot be seen were removed from the token.',
      base64_decoded: 'The token was in base64 as a whole, as in a Secret of Kubernetes.',
      repetition_removed: 'The token was there twice, without anything in between.',
    } satisfies Record<TextChange, string>,
  },
  segments: {
    header: 'Header',
    payload: 'Claims',
    signature: 'Signature',
    encrypted_key: 'Encrypted key',
    initialization_vector: 'Initialization vector',
    ciphertext: 'Ciphertext',
    authentication_tag: 'Authentication tag',
    extra: 'Left over',
  } satisfies Record<SegmentName, string>,
  bytes: (count: number) => `${count.toLocaleString('en')} B`,
  faults: {
    title: 'Where it is broken',
    error: 'Fault',
    note: 'Note',
    show: 'Show the place',
    segment: (name: string) => `in the ${name.toLowerCase()}`,
    character: (offset: number) => `character ${(offset + 1).toLocaleString('en')} of the token`,
    json: (line: number, column: number) => `line ${line}, column ${column} of its JSON`,
    more: (count: number) => `${count} more`,
  },
  verdicts: {
    valid: 'Valid',
    invalid: 'Invalid',
    unverified: 'Not verified',
    encrypted: 'Encrypted',
    not_a_token: 'Not a token',
  } satisfies Record<Verdict, string>,
  judging: 'Checking …',
  expires: 'Expires',
  expired: 'Expired',
  never: 'Never expires',
  empty: {
    title: 'See what a token says, and whether to trust it',
    points: [
      [
        'All of it',
        'Header, claims and signature, also of tokens that are broken, nested or encrypted.',
      ],
      ['The verdict', 'Rule by rule, with what was found and why it matters.'],
      [
        'Revoked or not',
        'For tokens of the system that serves this page: whether its session has ended, by whom, and when.',
      ],
    ],
    insecure:
      'Without TLS, the browser gives this page no cryptography: it can check no signature, and make no token.',
    examples: 'Or look at one that is made here, with a fresh key:',
  },
  examples: {
    valid: 'A valid token',
    expired: 'An expired one',
    tampered: 'A changed one',
    unsigned: 'An unsigned one',
    broken: 'A broken one',
    nested: 'One inside another',
  },
} as const;
