import type { ReceiptsReply } from '@latchkey/contracts';
import { moment } from '@latchkey/load-generator';
import type { NatsConnection } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { Laboratory } from '../experiment.js';
import type { Users } from './users.js';
import type { VerifierFleet } from './verifier-fleet.js';

/** A signed event with the headers that the stream adds takes about as much. */
const BARE_MESSAGE_BYTES = 1_350;
const BARE_MESSAGE = Buffer.alloc(BARE_MESSAGE_BYTES, 'x');
/** So that a round does not meet the end of the one before, nor always the same watermark. */
const PAUSE_MILLISECONDS = { least: 20, more: 60 };
const CONFIRM_MILLISECONDS = 5_000;

/** Milliseconds, one list of verifiers for each log-out. */
export interface FanoutResult {
  readonly verifiers: number;
  readonly processes: number;
  /** From when the log-out was sent. */
  readonly sinceSent: readonly (readonly number[])[];
  /** From when it was answered; negative before it. */
  readonly sinceAnswer: readonly (readonly number[])[];
  /** Of the plain messages, from when they were sent. */
  readonly bare: readonly (readonly number[])[];
  readonly confirmed: readonly { readonly tookMs: number; readonly receipts: ReceiptsReply }[];
  /** Verifiers that did not refuse a token within ten seconds. */
  readonly missing: number;
}

interface Parts {
  readonly fleet: VerifierFleet;
  readonly users: Users;
  readonly bare: NatsConnection;
}

/** Log-outs and plain messages, in turn. */
export class FanoutRounds {
  constructor(
    private readonly laboratory: Laboratory,
    private readonly parts: Parts,
  ) {}

  async run({ logOuts, confirmed }: { logOuts: number; confirmed: number }): Promise<FanoutResult> {
    const { fleet, users } = this.parts;
    const { onProgress, interrupted } = this.laboratory;
    const tokens = await users.logIn(logOuts + confirmed, (done) =>
      onProgress(`${done} of ${logOuts + confirmed} sessions are opened`),
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
    if (status !== 204) throw new Error(`/logout answered ${status}`);
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
    const confirmed = [];
    for (const [round, token] of tokens.entries()) {
      this.laboratory.onProgress(
        `${fleet.size} verifiers, confirmed log-out ${round + 1} of ${tokens.length}`,
      );
      await pause();
      const { sentAt, answeredAt, status, receipts } = await users.logOut(
        token,
        CONFIRM_MILLISECONDS,
      );
      if (!receipts) throw new Error(`/logout?confirm answered ${status}`);
      confirmed.push({ tookMs: answeredAt - sentAt, receipts });
    }
    return confirmed;
  }
}

const pause = () => delay(PAUSE_MILLISECONDS.least + Math.random() * PAUSE_MILLISECONDS.more);
