import { isAtLeast, versionOf } from './program-version.js';

describe('isAtLeast', () => {
  it.each(['2.10.23', '2.10.27', '2.11.0', '2.12.1-RC.1', '3.0.0', 'nats-server: v2.10.100'])(
    'takes %s',
    (version) => expect(isAtLeast(version, '2.10.23')).toBe(true),
  );
  it.each(['2.9.10', '2.10.7', '2.10.22', '1.99.99', '', 'devel'])('refuses "%s"', (version) =>
    expect(isAtLeast(version, '2.10.23')).toBe(false),
  );
});

describe('versionOf', () => {
  it('is undefined for what does not run', () => {
    expect(versionOf('/nowhere/nats-server')).toBeUndefined();
  });
});
