import { moment } from '@latchkey/load-generator';
import type { NatsConnection } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { Laboratory } from '../experiment.js';
import type { FanoutResult } from './fanout-report.js';
import type { Users } from './users.js';
import type { VerifierFleet } from './verifier-fleet.js';

/** About the size of a signed event with the headers that the stream adds. */
const BARE_MESSAGE_BYTES = 1_350;
const BARE_MESSAGE = Buffer.alloc(BARE_MESSAGE_BYTES, 'x');
/** A random pause, so that rounds do not synchronize with each other or with watermarks. */
const PAUSE_MILLISECONDS = { least: 20, more: 60 };
const CONFIRM_MILLISECONDS = 5_000;

interface Parts {
  readonly fleet: VerifierFleet;
  readonly users: Users;
  readonly bare: NatsConnection;
}

/** Alternates log-outs and plain messages. */
export class FanoutRounds {
  constructor(
    private readonly laboratory: Laboratory,
    private readonly parts: Parts,
  ) {}

  async run({ logOuts, confirmed }: { logOuts: number; confirmed: number }): Promise<FanoutResult> {
    const { fleet, users } = this.parts;
    const { onProgress, interrupted } = this.laboratory;
    const tokens = await users.logIn(logOuts + confirmed, (done) =>
      onProgress(`${done} of ${logOuts + confirmed} sessions opened`),
    );
    const sinceSent: number[][] = [];
    const sinceAnswer: number[][] = [];
    const bare: number[][] = [];
    for (const [round, token] of tokens.slice(0, logOuts).entries()) {
      interrupted.throwIfAborted();
      onProgress(`${fleet.size} verifiers, log-out ${round + 1} of ${logOuts}`);
      const { sentAt, answeredAt, moments } = await this.#logOut(token);
      sinceSent.push(moments.map((at) => at - sentAt));
      sinceAnswer.push(moments.map((at) => at - answeredAt));
      bare.push(await this.#sendBare());
    }
    const missing = sinceSent.reduce((sum, times) => sum + fleet.size - times.length, 0);
    return {
      verifiers: fleet.size,
      processes: fleet.processCount,
      sinceSent,
      sinceAnswer,
      bare,
      confirmed: await this.#confirm(tokens.slice(logOuts)),
      missing,
    };
  }

  async #logOut(token: string) {
    const { fleet, users } = this.parts;
    const refusals = await fleet.watch(token);
    await pause();
    const { sentAt, answeredAt, status } = await users.logOut(token);
    if (status !== 204) throw new Error(`/logout responded with ${status}`);
    return { sentAt, answeredAt, moments: await refusals.moments };
  }

  async #sendBare(): Promise<number[]> {
    const { fleet, bare } = this.parts;
    const receipts = await fleet.listen();
    await pause();
    const sentAt = moment();
    bare.publish('bare', BARE_MESSAGE);
    return (await receipts.moments).map((at) => at - sentAt);
  }

  async #confirm(tokens: readonly string[]): Promise<FanoutResult['confirmed']> {
    const { fleet, users } = this.parts;
    const confirmed: FanoutResult['confirmed'][number][] = [];
    for (const [round, token] of tokens.entries()) {
      this.laboratory.onProgress(
        `${fleet.size} verifiers, confirmed log-out ${round + 1} of ${tokens.length}`,
      );
      await pause();
      const { sentAt, answeredAt, status, receipts } = await users.logOut(
        token,
        CONFIRM_MILLISECONDS,
      );
      if (!receipts) throw new Error(`/logout?confirm responded with ${status}`);
      confirmed.push({ tookMs: answeredAt - sentAt, receipts });
    }
    return confirmed;
  }
}

const pause = () => delay(PAUSE_MILLISECONDS.least + Math.random() * PAUSE_MILLISECONDS.more);
