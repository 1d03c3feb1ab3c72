const ID_BYTES = 16;
const HEX_DIGITS = 32;

/**
 * The session id of that number: looks random, is always the same, and is a new string each time,
 * so that a million of them can be asked for again without being kept.
 */
export function sessionId(index: number): string {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  for (let word = 0; word < ID_BYTES / 4; word++)
    bytes.writeUInt32BE(mixed(index * 4 + word), word * 4);
  const hex = bytes.toString('hex', 0, HEX_DIGITS / 2);
  const dashed =
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-` +
    `${hex.slice(16, 20)}-${hex.slice(20)}`;
  // Flat, as it comes out of JSON; what was concatenated takes more memory until it is flattened.
  return Buffer.from(dashed, 'latin1').toString('latin1');
}

/** MurmurHash3's finalizer: every value comes out once. */
function mixed(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
