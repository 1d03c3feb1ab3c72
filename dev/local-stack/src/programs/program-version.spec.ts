import { isAtLeast, versionOf } from './program-version.js';

describe('isAtLeast', () => {
  it.each(['2.10.23', '2.10.27', '2.11.0', '2.12.1-RC.1', '3.0.0', 'nats-server: v2.10.100'])(
    'accepts %s',
    (version) => expect(isAtLeast(version, '2.10.23')).toBe(true),
  );
  it.each(['2.9.10', '2.10.7', '2.10.22', '1.99.99', '', 'devel'])('refuses "%s"', (version) =>
    expect(isAtLeast(version, '2.10.23')).toBe(false),
  );

  it('treats a missing third number as 0', () => {
    expect(isAtLeast('psql (PostgreSQL) 14.0', '14.0')).toBe(true);
    expect(isAtLeast('psql (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)', '15.14.0')).toBe(true);
    expect(isAtLeast('psql (PostgreSQL) 13.9', '14.0')).toBe(false);
  });
});

describe('versionOf', () => {
  it('is undefined for a program that does not run', () => {
    expect(versionOf('/nowhere/nats-server')).toBeUndefined();
  });
});
