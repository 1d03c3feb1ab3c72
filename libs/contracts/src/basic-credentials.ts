/** As a form writes it: RFC 6749 appendix B. */
const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

/**
 * `Authorization` of a client with a secret (`client_secret_basic`, RFC 6749 §2.3.1): both are
 * form-encoded before they are joined, so that neither a colon nor a percent sign is misread.
 */
export function basicCredentials(clientId: string, clientSecret: string): string {
  const joined = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return `Basic ${Buffer.from(joined).toString('base64')}`;
}
