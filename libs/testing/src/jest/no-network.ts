import net from 'node:net';

/**
 * Unit tests touch no network: whoever opens a connection fails at once.
 * Tests that need real services are named `*.int-spec.ts`.
 */
net.Socket.prototype.connect = function refuseInUnitTests(): never {
  throw new Error('a unit test opened a network connection: name the file *.int-spec.ts');
};
