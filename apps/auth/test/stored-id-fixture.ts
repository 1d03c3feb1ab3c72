import type {
  ClientId,
  SessionId,
  SigningKeyId,
  TokenId,
  UserId,
} from '../src/platform/ids/stored-id.js';

/** Of a row that a test has made itself. */
export const storedId = <Id extends ClientId | SessionId | SigningKeyId | TokenId | UserId>(
  text: string,
): Id => text as Id;
