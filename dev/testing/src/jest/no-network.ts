import net from 'node:net';

/**
 * Makes every network connection in a unit test fail immediately. Tests that need real services are named
 * `*.int-spec.ts`.
 */
function refuseInUnitTests(): never {
  throw new Error('A unit test opened a network connection. Name the file *.int-spec.ts.');
}

// eslint-disable-next-line @typescript-eslint/unbound-method -- restored, never called
const { connect } = net.Socket.prototype;

// All test files of a worker share Node's own modules, and an integration test may come next.
beforeAll(() => {
  net.Socket.prototype.connect = refuseInUnitTests;
});
afterAll(() => {
  net.Socket.prototype.connect = connect;
});
