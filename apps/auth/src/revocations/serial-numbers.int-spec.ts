import { request, useRecord } from '../../test/record-testbed.js';
import { RecordWentBackError, SerialHighWaterMark } from './serial-high-water-mark.js';

describe('SerialNumbers', () => {
  const bed = useRecord();

  it('assigns each revocation a permanent serial', async () => {
    const ids = [
      (await bed.revoke(request('logout'))).id,
      (await bed.revoke(request('logout'))).id,
    ];
    const { revocations: once } = await bed.numbers().number(ids);
    const [first, second] = once.map(({ serial }) => serial);
    expect(second).toBe(first! + 1);
    expect((await bed.numbers().number(ids)).revocations).toEqual(once);
  });

  it('leaves no gap despite concurrent calls and rollbacks', async () => {
    const { serials: before } = await bed.streamRecord.numbered();
    const replicas = [bed.numbers(), bed.numbers(), bed.numbers()];
    const rolledBack = bed.dataSource
      .transaction(async (manager) => {
        await bed.record.revoke(manager, request('logout'));
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    const ids = await Promise.all(
      Array.from({ length: 60 }, async () => (await bed.revoke(request('logout'))).id),
    );
    // Two replicas number each revocation concurrently.
    await Promise.all([
      rolledBack,
      ...ids.flatMap((id, index) =>
        [index, index + 1].map((which) => replicas[which % 3]!.number([id])),
      ),
    ]);
    const rows = await bed.dataSource.query<{ serial: number }[]>(
      'SELECT serial::float8 FROM revocations ORDER BY serial',
    );
    const first = before.through + 1;
    expect(rows.map(({ serial }) => serial)).toEqual(ids.map((_, index) => first + index));
    expect((await bed.streamRecord.numbered()).serials).toEqual({
      from: first,
      through: first + 59,
    });
  });

  it('skips revocations that are no longer in the record', async () => {
    expect((await bed.numbers().number([crypto.randomUUID()])).revocations).toEqual([]);
  });

  it('assigns no serials if the record has gone backward', async () => {
    const highWaterMark = new SerialHighWaterMark();
    const remembering = bed.numbers(highWaterMark);
    await remembering.number([(await bed.revoke(request('logout'))).id]);
    const { nextSerial } = await bed.streamRecord.stream();
    expect(highWaterMark.nextSerial).toBe(nextSerial);
    await bed.dataSource.query('DELETE FROM revocations WHERE serial >= $1', [nextSerial - 1]);
    await bed.dataSource.query('UPDATE revocation_stream SET next_serial = next_serial - 1');
    const { id } = await bed.revoke(request('logout'));
    await expect(remembering.number([id])).rejects.toThrow(RecordWentBackError);
    await expect(remembering.number([id])).rejects.toThrow(RecordWentBackError);
    await bed.streamRecord.beginNewEpoch(
      (await bed.streamRecord.stream()).epoch,
      highWaterMark.nextSerial,
    );
    const [numbered] = (await remembering.number([id])).revocations;
    expect(numbered!.serial).toBeGreaterThan(nextSerial);
  });

  it('assigns higher serials for a new epoch', async () => {
    const { id } = await bed.revoke(request('logout'));
    const [old] = (await bed.numbers().number([id])).revocations;
    await bed.streamRecord.beginNewEpoch((await bed.streamRecord.stream()).epoch);
    const [again] = (await bed.numbers().number([id])).revocations;
    expect(again!.serial).toBeGreaterThan(old!.serial);
  });
});
