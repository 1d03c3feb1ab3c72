import { unavailable } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { RevocationRelay } from './revocation-relay.js';
import { RecordWentBackError, SerialHighWaterMark } from './serial-high-water-mark.js';

/**
 * Keeps answers about what is not revoked from a record that was restored from a backup, or failed over to a lagging
 * standby, and does not have its lost revocations back yet.
 */
@Injectable()
export class CurrentRecord {
  constructor(
    private readonly relay: RevocationRelay,
    private readonly highWaterMark: SerialHighWaterMark,
  ) {}

  /** @throws ProblemError 503 if the record has gone backward, until it is repaired */
  async read<Row extends { readonly nextSerial: number }>(query: () => Promise<Row>): Promise<Row> {
    try {
      const [row] = await this.highWaterMark.watch(async (): Promise<[Row]> => [await query()]);
      return row;
    } catch (error) {
      if (!(error instanceof RecordWentBackError)) throw error;
      const title = 'The record of revocations has gone backward, and is being repaired';
      throw unavailable('record_went_back', title, error);
    }
  }

  /** @throws ProblemError 503 until this process has compared the record with the stream, which NATS has */
  requireCompared(): void {
    if (this.relay.status.watermarkAgeSeconds < Infinity) return;
    const title = 'The record of revocations has not been compared with the stream yet';
    throw unavailable('record_not_compared', title);
  }
}
