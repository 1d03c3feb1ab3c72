const ID_BYTES = 16;
const HEX_DIGITS = 32;

/**
 * Derives a session id from a number. It looks random, is deterministic, and is a new string each time, so
 * that a million ids need not be kept.
 */
export function sessionId(index: number): string {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  for (let word = 0; word < ID_BYTES / 4; word++)
    bytes.writeUInt32BE(mixed(index * 4 + word), word * 4);
  const hex = bytes.toString('hex', 0, HEX_DIGITS / 2);
  const dashed =
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-` +
    `${hex.slice(16, 20)}-${hex.slice(20)}`;
  // A flat string, as from JSON; concatenated strings take more memory until they are flattened.
  return Buffer.from(dashed, 'latin1').toString('latin1');
}

/** The finalizer of MurmurHash3, which is a bijection. */
function mixed(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
