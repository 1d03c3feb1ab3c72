import { TokenForm } from '@latchkey/contracts/auth-api';
import { z } from 'zod';
import { TokenRequest } from './token-request.js';

describe('the documented requests of the token endpoint', () => {
  it('have all parameters that the endpoint supports, and no others', () => {
    const { properties = {} } = z.toJSONSchema(TokenForm, { io: 'input' });
    const documented = TokenRequest.options.flatMap(({ shape }) => Object.keys(shape));
    const unsupported = ['actor_token', 'actor_token_type'];
    expect([...new Set([...documented, ...unsupported])].sort()).toEqual(
      Object.keys(properties).sort(),
    );
  });
});
