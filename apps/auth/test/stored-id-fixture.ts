import type {
  ClientId,
  SessionId,
  SigningKeyId,
  TokenId,
  UserId,
} from '../src/platform/ids/stored-id.js';

/** The id of a row that the test itself has inserted. */
export const storedId = <Id extends ClientId | SessionId | SigningKeyId | TokenId | UserId>(
  text: string,
): Id => text as Id;
