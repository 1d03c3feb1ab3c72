import { decodeBase64url } from '../decode/base64url.js';

/** A block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** Such as `PUBLIC KEY`. */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** From the first to the last dash, with line breaks as `\n`. */
  readonly text: string;
  /** It is encrypted with a pass phrase in the old way of OpenSSL. */
  readonly encrypted: boolean;
}

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;

/** OpenSSL writes the name of the curve before a private key, which names it as well. */
const PARAMETERS = 'EC PARAMETERS';

/** Finds the blocks of a PEM text. Line breaks may be missing, or escaped as in a JSON string. */
export function pemBlocks(source: string): PemBlock[] {
  const text = source.replaceAll(/\\r\\n|\\n/g, '\n');
  const blocks = [...text.matchAll(BEGIN)].map((match) => blockAt(text, match));
  const others = blocks.filter(({ label }) => label !== PARAMETERS);
  return others.length > 0 ? others : blocks;
}

function blockAt(text: string, match: RegExpExecArray): PemBlock {
  const [begin, label = ''] = match;
  const start = match.index + begin.length;
  // A block whose end is missing must not contain all others.
  const end = text.indexOf('-----', start);
  const body = text.slice(start, end < 0 ? undefined : end);
  return {
    label,
    bytes: decodeBase64url(body).bytes,
    text: `${begin}${body}-----END ${label}-----`.replaceAll('\r\n', '\n'),
    encrypted: label.startsWith('ENCRYPTED') || body.includes('Proc-Type:'),
  };
}

export const pemOf = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${toBase64(bytes)}\n-----END ${label}-----`;

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
