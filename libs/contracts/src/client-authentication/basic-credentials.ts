/** `application/x-www-form-urlencoded` (RFC 6749 appendix B). */
const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

/**
 * Returns the value of the `Authorization` header for `client_secret_basic` (RFC 6749 §2.3.1). OAuth form-encodes
 * the id and the secret before it joins them, unlike plain HTTP Basic.
 */
export function basicCredentials(clientId: string, clientSecret: string): string {
  const joined = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return `Basic ${Buffer.from(joined).toString('base64')}`;
}
