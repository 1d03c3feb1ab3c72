import { Checkpoint } from './checkpoint.js';
import type { StreamMessage } from './signed-event-reader.js';

const message = (sequence: number, text = 'event'): StreamMessage => ({
  subject: `subject.${sequence}`,
  sequence,
  data: Buffer.from(text),
});

describe('Checkpoint', () => {
  let lost: number[];
  let checkpoint: Checkpoint;
  let stored: StreamMessage[];
  const isOn = (lastSequence: number, through: number) =>
    checkpoint.isOn({ epoch: 'e', lastSequence }, through, (sequence) =>
      Promise.resolve(stored.find((each) => each.sequence === sequence)),
    );

  beforeEach(() => {
    lost = [];
    stored = [];
    checkpoint = new Checkpoint((sequence) => lost.push(sequence));
  });

  it('needs nothing while no number was counted', async () => {
    expect(await isOn(9, -1)).toBe(true);
    expect(await isOn(9, 3)).toBe(false);
    expect(lost).toEqual([]);
  });

  it('compares the last message if the stream has not grown', async () => {
    checkpoint.noteRead(message(9));
    stored = [message(9)];
    expect(await isOn(9, 5)).toBe(true);
    stored = [message(9, 'another')];
    expect(await isOn(9, 5)).toBe(false);
    expect(lost).toEqual([9]);
  });

  it('compares the event with the highest number if the stream has grown', async () => {
    checkpoint.noteCounted(5, message(4));
    checkpoint.noteCounted(3, message(8));
    checkpoint.noteRead(message(9));
    stored = [message(4), message(12)];
    expect(await isOn(12, 5)).toBe(true);
    stored = [message(12)];
    expect(await isOn(12, 5)).toBe(false);
    expect(lost).toEqual([4]);
  });

  it('is not on a stream if no event confirms the highest number', async () => {
    checkpoint.noteCounted(5, message(4));
    stored = [message(4)];
    expect(await isOn(12, 6)).toBe(false);
  });

  it('forgets what it noted', async () => {
    checkpoint.noteCounted(5, message(4));
    checkpoint.clear();
    stored = [message(4)];
    expect(await isOn(12, 5)).toBe(false);
  });
});
