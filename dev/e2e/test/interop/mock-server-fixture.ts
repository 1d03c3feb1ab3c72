import { OAuth2Server } from 'oauth2-mock-server';

/** oauth2-mock-server, configured to issue tokens that a resource server can use. */
export class MockOAuthServer {
  readonly #server = new OAuth2Server();

  private constructor() {}

  /** @param audience `aud` of the access tokens, which have none by default for a user */
  static async start(audience: string): Promise<MockOAuthServer> {
    const mock = new MockOAuthServer();
    await mock.#server.issuer.keys.generate('RS256');
    await mock.#server.start(0, '127.0.0.1');
    mock.#server.issuer.url = `http://127.0.0.1:${mock.#server.address().port}`;
    mock.#server.service.on('beforeTokenSigning', ({ payload }) => {
      payload['aud'] ??= audience;
    });
    return mock;
  }

  get issuer(): string {
    return String(this.#server.issuer.url);
  }

  get jwksUri(): string {
    return `${this.issuer}/jwks`;
  }

  /** Publishes another key, which signs the next access token. @returns its `kid` */
  async rotate(): Promise<string> {
    const { keys } = this.#server.issuer;
    const older = keys.toJSON();
    const { kid } = await keys.generate('RS256');
    // The server signs with each key in turn, so use up the turns of the older keys.
    for (const key of older) keys.get(key.kid);
    return kid;
  }

  async close(): Promise<void> {
    await this.#server.stop();
  }
}
