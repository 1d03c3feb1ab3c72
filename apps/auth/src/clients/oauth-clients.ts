import { ClientId, ClientJwk, ClientScopes, ExchangeTargets } from '@latchkey/contracts/auth-api';
import { z } from 'zod';
import { readClientKey } from './client-key.js';
import { exchangePolicy } from './client-policy.js';

const EXAMPLE = '[{"clientId":"shop","secretSha256":"<hex>"}]';

const clientKey = ClientJwk.transform((jwk, context) => {
  try {
    return readClientKey(jwk);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
});

const OAuthClients = z.array(
  z
    .strictObject({
      // RFC 9700 §4.15: `sub` is the client's id in its own tokens, and must not look like a user's UUID.
      clientId: ClientId.refine((id) => !z.guid().safeParse(id).success, 'must not be a UUID'),
      secretSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the secret in hex')
        .optional(),
      jwks: z.object({ keys: z.array(clientKey).min(1).max(10) }).optional(),
      scopes: ClientScopes.default([]).transform((scopes) => new Set(scopes)),
      exchange: ExchangeTargets.default([]).transform(exchangePolicy),
    })
    .refine(
      ({ secretSha256, jwks }) => secretSha256 !== undefined || jwks !== undefined,
      'needs secretSha256 or jwks',
    )
    .transform(({ jwks, ...client }) => ({ ...client, keys: jwks?.keys ?? [] })),
);

/** The variable `OAUTH_CLIENTS`. Its messages name the place of a mistake, and quote no value. */
export const oauthClients = z.string().transform((text, context) => {
  const parsed = OAuthClients.safeParse(asJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const mistake = issue && issue.path.length > 0 ? `: ${describe(issue)}` : '';
  context.addIssue(`must be a JSON array such as ${EXAMPLE}${mistake}`);
  return z.NEVER;
});

function describe({ code, path, message }: z.core.$ZodIssue): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  // Zod's message would name the members, and a misplaced secret could be one of them.
  const text = code === 'unrecognized_keys' ? 'has an unknown member' : message;
  return `${place.join('')} ${text}`;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON text has this value, so the schema reports it.
    return undefined;
  }
}
