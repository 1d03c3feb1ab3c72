import net from 'node:net';

/**
 * Unit tests touch no network: whoever opens a connection fails at once.
 * Tests that need real services are named `*.int-spec.ts`.
 */
function refuseInUnitTests(): never {
  throw new Error('a unit test opened a network connection: name the file *.int-spec.ts');
}

// eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was, never called
const { connect } = net.Socket.prototype;

// Node's own modules are shared by all test files of a worker: an integration test may come next.
beforeAll(() => {
  net.Socket.prototype.connect = refuseInUnitTests;
});
afterAll(() => {
  net.Socket.prototype.connect = connect;
});
