import * as contracts from '@latchkey/contracts';
import * as authApi from '@latchkey/contracts/auth-api';
import type { z } from 'zod';
import { KeySet } from '../keys/jwks/jwks.controller.js';
import { ServerMetadataReply } from '../keys/jwks/server-metadata.controller.js';
import * as tokenRequests from '../oauth/token-request.js';
import { authExamples } from './auth-examples.js';
import { ADA } from './example-world.js';

const schemas: Readonly<Record<string, unknown>> = {
  ...{ ...contracts, ...authApi, ...tokenRequests },
  ...{ KeySet, ServerMetadataReply },
  // The document names these after their operations.
  IntrospectTokenReply: authApi.IntrospectionReply,
  AddCredentialRequest: authApi.NewCredentialRequest,
};
const EXAMPLES = authExamples('https://auth.example.com');

describe.each(Object.entries(EXAMPLES))('each example of %s', (name, examples) => {
  it.each(Object.entries(examples))('fits its schema, without other members: %s', (_, example) => {
    const schema = schemas[name] as z.ZodType;
    expect(schema.parse(example)).toMatchObject(example as object);
  });
});

describe('the examples', () => {
  const strings = (value: unknown, name = ''): [name: string, text: string][] => {
    if (typeof value === 'string') return [[name, value]];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) =>
      strings(part, Array.isArray(value) ? name : key),
    );
  };
  const all = strings(EXAMPLES);
  const SECRET = /password|secret|csrf|^(token|access_token|refresh_?token|.*_assertion)$/i;

  it('contain nothing that looks like a real token, password, secret or key', () => {
    expect(all.filter(([, text]) => /eyJ|-----BEGIN|\$argon2/.test(text))).toEqual([]);
    const secrets = all.filter(([name]) => SECRET.test(name) || name === 'subject_token');
    expect(new Set(secrets.map(([name]) => name)).size).toBeGreaterThan(8);
    for (const [, text] of secrets)
      expect(text.startsWith('example-') || text.startsWith(ADA.password)).toBe(true);
  });
});
