import {
  appliedRevocations,
  TRACEPARENT_HEADER,
  type AppliedRevocation,
} from '@latchkey/contracts/diagnostics';
import { waitFor } from '@latchkey/testing';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { useFeed } from '../test/feed-testbed.js';

const VALID = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('the traceparent of a message', () => {
  const bed = useFeed();
  const applied: AppliedRevocation[] = [];
  const note = (message: unknown) => void applied.push(message as AppliedRevocation);

  beforeEach(async () => {
    applied.length = 0;
    await bed.publisher.createStream();
  });
  afterEach(() => appliedRevocations.unsubscribe(note));

  const revoke = async (sessionId: string, ...traceparents: string[]) => {
    const { subject, event } = await bed.publisher.event(sessionId);
    const carrier = headers();
    for (const traceparent of traceparents) carrier.append(TRACEPARENT_HEADER, traceparent);
    const options = { headers: carrier, timeout: 500 };
    const { seq } = await jetstream(bed.publisher.connection).publish(subject, event, options);
    bed.publisher.sequence = seq;
  };
  const reported = (count: number) => waitFor(() => applied.length >= count);

  it.each([
    ['is valid', [VALID], VALID],
    ['is missing', [], undefined],
    ['is garbage', ['garbage'], undefined],
    ['is empty', [''], undefined],
    ['is long', [VALID + '0'.repeat(3_000)], undefined],
    ['is repeated', [VALID, VALID], undefined],
  ])('that %s is reported so, and the revocation takes effect', async (_, sent, expected) => {
    appliedRevocations.subscribe(note);
    await bed.start();
    await revoke('phone', ...sent);
    await bed.denied('phone');
    await reported(1);
    const time = applied[0]?.receivedAtMilliseconds;
    expect(applied).toEqual([
      {
        kind: 'session',
        serial: 1,
        live: true,
        traceparent: expected,
        receivedAtMilliseconds: time,
      },
    ]);
    expect(bed.observed.refusals).toEqual([]);
  });

  it('is reported for a revocation that was missed, but not while the list is first loaded', async () => {
    appliedRevocations.subscribe(note);
    await revoke('before', VALID);
    await bed.start();
    await bed.publisher.updateStream({ republish: false });
    await revoke('missed', VALID);
    await bed.publisher.updateStream();
    await bed.publisher.watermark();
    await bed.denied('missed');
    await reported(1);
    expect(applied).toMatchObject([{ serial: 2, live: false, traceparent: VALID }]);
    expect(bed.observed.isDenied('before')).toBe(true);
  });

  it('is not even read while there are no subscribers', async () => {
    await bed.start();
    await revoke('phone', VALID);
    await bed.denied('phone');
    appliedRevocations.subscribe(note);
    await revoke('laptop', VALID);
    await bed.denied('laptop');
    await reported(1);
    expect(applied).toMatchObject([{ serial: 2 }]);
  });
});
