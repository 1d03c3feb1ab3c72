const KEY = /^[\w.-]+$/;
/** The characters of W3C Baggage §3.3.1.3, and spaces, because `Authorization=Bearer …` is common. */
const VALUE = /^[\x20-\x7e]*$/;
const FORBIDDEN = /["\\;]/;

/**
 * Parses `key=value,key=value`, the format of `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_HEADERS`. Values are
 * percent-encoded.
 *
 * @throws TypeError that does not quote the text
 */
export function keyValuePairs(text: string): Readonly<Record<string, string>> {
  const entries = text.split(',').map((pair) => {
    const [key = '', ...rest] = pair.split('=');
    const value = rest.join('=').trim();
    if (rest.length === 0 || !KEY.test(key.trim()) || !VALUE.test(value) || FORBIDDEN.test(value))
      throw new TypeError(
        'must be key=value pairs, separated by commas, with percent-encoded values',
      );
    return [key.trim(), decoded(value)] as const;
  });
  if (new Set(entries.map(([key]) => key)).size < entries.length)
    throw new TypeError('must not contain a key twice');
  return Object.fromEntries(entries);
}

/** Like {@link keyValuePairs}, for pairs that become headers of HTTP requests. */
export function headerPairs(text: string): Readonly<Record<string, string>> {
  const pairs = keyValuePairs(text);
  try {
    new Headers(pairs);
  } catch {
    throw new TypeError('must contain valid names and values of HTTP headers');
  }
  return pairs;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new TypeError('must have correctly percent-encoded values');
  }
}
