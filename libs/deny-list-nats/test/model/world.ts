import { eventClaimsToMessage, type Watermark } from '@latchkey/contracts';
import { ModelBroker, type Stream } from './broker.js';
import { Authority } from './authority.js';
import { ISSUER, ModelRecord, type RecordCopy, type RecordMutation } from './record.js';
import { ModelRelay, type RelayMutation } from './relay.js';
import type { Row } from './row.js';
import { ModelVerifier, type VerifierMutation } from './verifier.js';
import { WorldClock } from './world-clock.js';

export interface Mutation {
  readonly record?: RecordMutation;
  readonly relay?: RelayMutation;
  readonly verifier?: VerifierMutation;
}

const LONGEST_LIFETIME_MILLISECONDS = 361_000;
/** Rounds of one relay after which everything must have recovered. */
const ROUNDS_TO_RECOVER = 4;

/** A record, two relays, a broker and two verifiers, and the checker of their promises. */
export class World {
  readonly clock = new WorldClock();
  readonly record: ModelRecord;
  readonly authority = new Authority();
  readonly broker: ModelBroker;
  readonly relays: readonly ModelRelay[];
  readonly verifiers: readonly ModelVerifier[];
  #snapshot: { readonly record: RecordCopy; readonly stream: Stream | undefined } | undefined;

  constructor(mutation: Mutation = {}) {
    this.record = new ModelRecord(this.clock, mutation.record);
    this.broker = new ModelBroker(this.clock, (message) => {
      for (const verifier of this.verifiers) if (verifier.connected) verifier.live.push(message);
    });
    const { record, broker, authority, clock } = this;
    const checkWatermark = (watermark: Watermark) => this.#checkWatermark(watermark);
    const world = { record, broker, authority, checkWatermark };
    this.relays = [1, 2].map(() => new ModelRelay(world, mutation.relay));
    this.verifiers = [1, 2].map(
      () => new ModelVerifier(clock, broker, authority, mutation.verifier),
    );
  }

  /** Picks an element by any number. */
  pick<T>(from: readonly T[], index: number): T | undefined {
    return from[index % (from.length || 1)];
  }

  get open(): Row[] {
    return this.record.rows.filter(({ state }) => state === 'open');
  }

  /** Copies record and stream at one moment, like a snapshot of the machine that runs both. */
  takeSnapshot(): void {
    this.#snapshot = { record: this.record.copy(), stream: this.broker.copy() };
  }

  /** Restores record and stream. The relays restart, and one verifier may reconnect late. */
  restoreSnapshot(cutOff: ModelVerifier | undefined): void {
    if (!this.#snapshot) return;
    const { record, stream } = this.#snapshot;
    this.record.goBackWithStream(record);
    this.broker.goBackWithRecord(stream);
    for (const relay of this.relays) relay.crash();
    for (const verifier of this.verifiers) verifier.loseServer({ reconnects: verifier !== cutOff });
  }

  /** Checks what must hold at every moment. */
  check(): void {
    this.verifiers.forEach((verifier, index) => {
      const name = `verifier ${String(index)}`;
      this.#checkSafety(verifier, name);
      this.#checkHonesty(verifier, name);
      this.#checkReach(verifier, name);
    });
  }

  /** Ends all faults, and checks what must hold soon after. */
  async checkRecovery(): Promise<void> {
    await this.#heal();
    // A verifier that did not see an event that was removed without a trace stays incomplete until it expires.
    if (!this.broker.truthful) this.clock.pass(LONGEST_LIFETIME_MILLISECONDS);
    for (let round = 0; round < ROUNDS_TO_RECOVER; round++) await this.#quietSecond();
    this.check();
    this.verifiers.forEach((verifier, index) => {
      const name = `verifier ${String(index)}`;
      const { stalenessMilliseconds: stale } = verifier;
      if (!verifier.loaded || stale > 1_000)
        throw new Error(`L1: ${name} is ${String(stale)} ms stale after all faults have ended`);
      for (const row of this.record.rows)
        if (this.#accepts(verifier, row))
          throw new Error(`L1: ${name} does not deny ${row.names} after all faults have ended`);
    });
  }

  async #heal(): Promise<void> {
    for (const row of this.open) this.record.commit(row);
    while (this.broker.late.length > 0) this.broker.storeLate();
    this.broker.becomeHonest();
    this.record.databaseAhead = 0;
    for (const relay of this.relays) relay.crash();
    for (const verifier of this.verifiers) {
      verifier.wallAhead = 0;
      for (let key = 1; key <= this.authority.key; key++) verifier.keys.add(key);
      if (!verifier.connected) verifier.connect();
      await verifier.tick({ overdue: true });
      await verifier.catchUp();
    }
  }

  async #quietSecond(): Promise<void> {
    const [relay] = this.relays;
    if (!relay) return;
    this.clock.pass(1_000);
    relay.fate = 'arrives';
    do relay.stepRound();
    while (!relay.idle);
    for (const verifier of this.verifiers) {
      const overdue = verifier.stalenessMilliseconds > 2_500;
      await verifier.catchUp();
      await verifier.tick({ overdue });
    }
  }

  /** Whether a token that it matches can still be valid, by this clock. */
  #matters({ state, mattersUntil }: Row, now = this.clock.now): boolean {
    return state === 'committed' && mattersUntil > now;
  }

  #accepts(verifier: ModelVerifier, row: Row): boolean {
    const wall = Math.max(this.clock.now, this.clock.now + verifier.wallAhead);
    return this.#matters(row, wall) && !verifier.denies(row);
  }

  #checkSafety(verifier: ModelVerifier, name: string): void {
    if (!verifier.loaded) return;
    const { stalenessMilliseconds, clockErrorMilliseconds } = verifier;
    const known = this.clock.now - stalenessMilliseconds - clockErrorMilliseconds;
    for (const row of this.record.rows)
      if (row.committedAt < known && this.#accepts(verifier, row))
        throw new Error(
          `S1: ${name} says it is ${String(stalenessMilliseconds)} ms stale and does not deny ` +
            `${row.names}, committed ${String(this.clock.now - row.committedAt)} ms ago`,
        );
  }

  #checkHonesty(verifier: ModelVerifier, name: string): void {
    for (const row of this.record.rows)
      if (row.state !== 'committed' && row.state !== 'lost' && verifier.denies(row))
        throw new Error(`S2: ${name} denies ${row.names}, which is not revoked`);
  }

  #checkReach(verifier: ModelVerifier, name: string): void {
    if (verifier.outdated) return;
    const through = verifier.denyList.appliedThrough(ISSUER);
    for (const { serial, row } of this.record.given)
      if (serial <= through && this.#accepts(verifier, row))
        throw new Error(`S3: ${name} says that it has ${String(serial)} and does not deny it`);
  }

  /** A watermark requires only numbers that are on the stream, unless the stream loses messages. */
  #checkWatermark({ serials: { from, through }, epoch }: Watermark): void {
    if (!this.broker.lossless || this.broker.stream?.epoch !== epoch) return;
    const held = this.#serialsHeld();
    const asked = this.record.given.filter(({ serial }) => serial >= from && serial <= through);
    const missing = asked.find(({ serial }) => !held.has(serial));
    if (missing)
      throw new Error(`L2: a watermark asks for ${missing.row.names}, which is not on the stream`);
  }

  #serialsHeld(): Set<number> {
    const held = new Set<number>();
    for (const { text } of this.broker.stream?.messages ?? []) {
      const claims = this.authority.signed.get(text);
      const message = claims && eventClaimsToMessage(claims);
      if (message?.type === 'revocation') held.add(message.serial);
    }
    return held;
  }
}
