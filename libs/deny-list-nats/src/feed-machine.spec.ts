import { FeedMachine, type FeedPhase, type FeedSignal } from './feed-machine.js';

const after = (...signals: FeedSignal[]): FeedPhase => {
  const machine = new FeedMachine();
  for (const signal of signals) machine.handle(signal);
  return machine.phase;
};

describe('FeedMachine', () => {
  it.each<[FeedPhase, FeedSignal[]]>([
    ['disconnected', []],
    ['must_read', ['connected']],
    ['catching_up', ['connected', 'reading']],
    ['following', ['connected', 'reading', 'reached_end']],
  ])('is %s after %j', (phase, signals) => {
    expect(after(...signals)).toBe(phase);
  });

  it('reads again if something was missed while it read', () => {
    expect(after('connected', 'reading', 'missed')).toBe('must_read');
    expect(after('connected', 'reading', 'missed', 'reached_end')).toBe('must_read');
  });

  it.each<FeedSignal>(['missed', 'connected'])('stops following after %s', (signal) => {
    expect(after('connected', 'reading', 'reached_end', signal)).toBe('must_read');
  });

  it('reads the stream after each reconnect', () => {
    expect(after('connected', 'reading', 'reached_end', 'disconnected')).toBe('disconnected');
    expect(after('connected', 'reading', 'disconnected', 'reached_end')).toBe('disconnected');
    expect(after('connected', 'disconnected', 'missed', 'connected')).toBe('must_read');
  });

  it('remains closed', () => {
    expect(after('connected', 'closed', 'disconnected', 'connected', 'reading')).toBe('closed');
  });

  it('is connected unless it is disconnected or closed', () => {
    const machine = new FeedMachine();
    expect(machine.isConnected).toBe(false);
    machine.handle('connected');
    expect(machine.isConnected).toBe(true);
    machine.handle('closed');
    expect(machine.isConnected).toBe(false);
  });
});
