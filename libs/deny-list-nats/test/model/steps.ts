import { WATERMARK_SUBJECT } from '@latchkey/contracts';
import fc from 'fast-check';
import { asRead, type Fate, type Publication } from './broker.js';
import type { World } from './world.js';

/** One operation of a history; the checker runs after it. */
export class Step implements fc.AsyncCommand<object, World> {
  constructor(
    private readonly name: string,
    private readonly happen: (world: World) => void | Promise<void>,
  ) {}

  check(): boolean {
    return true;
  }

  async run(_: object, world: World): Promise<void> {
    world.clock.pass(1);
    await this.happen(world);
    world.check();
  }

  toString(): string {
    return this.name;
  }
}

type Happening<T> = (world: World, value: T) => void | Promise<void>;

const step = <T>(name: string, value: fc.Arbitrary<T>, happen: Happening<T>) =>
  value.map(
    (drawn) => new Step(`${name} ${JSON.stringify(drawn)}`, (world) => happen(world, drawn)),
  );

const index = fc.nat({ max: 7 });
const which = fc.nat({ max: 1 });
const fate = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('arrives') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('unanswered', 'lost', 'late') },
);

/** Log-outs and other transactions that revoke something. */
const record = [
  step(
    'begin',
    fc.record({
      kind: fc.constantFrom('session' as const, 'session' as const, 'key' as const),
      seconds: fc.constantFrom(5, 60, 360),
    }),
    ({ record }, { kind, seconds }) => void record.begin(kind, seconds),
  ),
  step('commit', index, (world, at) => {
    const row = world.pick(world.open, at);
    if (row) world.record.commit(row);
  }),
  step('roll back', index, (world, at) => {
    const row = world.pick(world.open, at);
    if (row) row.state = 'rolled_back';
  }),
  step('log out', which, ({ record, relays }, relay) => {
    const row = record.begin('session', 360);
    record.commit(row);
    relays[relay]?.publishNow(row);
  }),
];

const relays = [
  step(
    'relay',
    fc.record({ relay: which, steps: fc.integer({ min: 1, max: 16 }), fate }),
    ({ relays, clock }, { relay, steps, fate }) => {
      const stepping = relays[relay];
      if (!stepping) return;
      stepping.fate = fate;
      for (let left = steps; left > 0; left--) {
        clock.pass(1);
        stepping.stepRound();
      }
    },
  ),
  step('whole round', which, ({ relays }, relay) => {
    const stepping = relays[relay];
    if (!stepping) return;
    stepping.fate = 'arrives';
    do stepping.stepRound();
    while (!stepping.idle);
  }),
  step(
    'request',
    fc.record({ relay: which, at: index, steps: fc.integer({ min: 1, max: 4 }), fate }),
    ({ relays }, { relay, at, steps, fate }) => {
      const stepping = relays[relay];
      if (!stepping) return;
      stepping.fate = fate;
      for (let left = steps; left > 0; left--) stepping.stepRequest(at);
    },
  ),
];

const verifiers = [
  step('hear', fc.record({ verifier: which, at: fc.constantFrom(0, 0, 0, 1, 2) }), (world, drawn) =>
    world.verifiers[drawn.verifier]?.hear(drawn.at),
  ),
  step('read', fc.record({ verifier: which, count: index }), (world, { verifier, count }) =>
    world.verifiers[verifier]?.read(count),
  ),
  step('catch up', which, (world, verifier) => world.verifiers[verifier]?.catchUp()),
  step('tick', fc.record({ verifier: which, overdue: fc.boolean() }), (world, drawn) =>
    world.verifiers[drawn.verifier]?.tick(drawn),
  ),
];

/** Faults that an honest broker is not responsible for. */
const faults = [
  step('pass', fc.constantFrom(100, 1_000, 30_000, 200_000), ({ clock }, by) => clock.pass(by)),
  step('relay dies', which, ({ relays }, relay) => relays[relay]?.crash()),
  step('late arrives', fc.constant(0), ({ broker }) => broker.storeLate()),
  step('purge', fc.constant(0), ({ record }) => record.purgeExpired()),
  step('new key', fc.constant(0), ({ authority }) => void authority.key++),
  step('learn keys', which, ({ verifiers, authority }, verifier) => {
    for (let key = 1; key <= authority.key; key++) verifiers[verifier]?.keys.add(key);
  }),
  step('drop live', fc.record({ verifier: which, at: index }), ({ verifiers }, drawn) => {
    const live = verifiers[drawn.verifier]?.live;
    live?.splice(drawn.at % (live.length || 1), 1);
  }),
  step('repeat live', fc.record({ verifier: which, at: index }), (world, drawn) => {
    const live = world.verifiers[drawn.verifier]?.live ?? [];
    const message = world.pick(live, drawn.at);
    if (message) live.push(message);
  }),
  step('disconnect', which, ({ verifiers }, verifier) => verifiers[verifier]?.disconnect()),
  step('connect', which, ({ verifiers }, verifier) => verifiers[verifier]?.connect()),
  step('restart', which, ({ verifiers }, verifier) => verifiers[verifier]?.restart()),
  step(
    'machine sleeps',
    fc.record({ verifier: which, milliseconds: fc.constantFrom(3_000, 60_000) }),
    ({ clock, verifiers }, { verifier, milliseconds }) => {
      clock.pass(milliseconds);
      verifiers[verifier]?.sleep(milliseconds);
    },
  ),
  step(
    'wall clock',
    fc.record({ verifier: which, ahead: fc.constantFrom(-400_000, -2_000, 0, 2_000, 400_000) }),
    ({ verifiers }, { verifier, ahead }) => {
      const set = verifiers[verifier];
      if (set) set.wallAhead = ahead;
    },
  ),
  step('stream deleted', fc.constant(0), ({ broker }) => broker.delete()),
];

/** The record goes back to an earlier state, alone or together with the stream. */
const disasters = [
  step('back up', fc.constant(0), ({ record }) => record.backUp()),
  step('go back', fc.constant(0), ({ record }) => record.goBack()),
  step('snapshot', fc.constant(0), (world) => world.takeSnapshot()),
  step('restore snapshot', which, (world, cutOff) => {
    world.restoreSnapshot(world.verifiers[cutOff]);
  }),
];
const rollBack = step('stream rolled back', index, ({ broker }, count) => broker.rollBack(count));

const databaseClock = step(
  'database clock',
  fc.constantFrom(-400_000, -2_000, 0, 2_000, 400_000, 3_600_000),
  ({ record }, ahead) => {
    record.databaseAhead = ahead;
  },
);

/** An old event, or garbage, under any subject. */
function forge({ authority, broker }: World, text: number, subject: number): Publication {
  const signed = [...authority.signed.keys()];
  const subjects = broker.stream?.messages.map((each) => each.subject) ?? [];
  const places = [...subjects, WATERMARK_SUBJECT, 'latchkey.revocations.session.x'];
  return {
    text: signed[text % (signed.length + 1)] ?? 'garbage',
    subject: places[subject % places.length] ?? WATERMARK_SUBJECT,
  };
}

const forgery = fc.record({ text: fc.nat({ max: 40 }), subject: index });

/** Faults by a lying broker, or by an adversary who can publish to it. */
const lies = [
  step('lose', index, ({ broker }, at) => broker.lose(at)),
  step('hide', index, ({ broker }, at) => broker.hide(at)),
  step('keep copy', fc.constant(0), ({ broker }) => broker.keepCopy()),
  step('play copy', fc.constant(0), ({ broker }) => broker.playCopy()),
  step('renumber', fc.constantFrom(1, 5), ({ broker }, by) => broker.renumber(by)),
  step('lie about the end', fc.constantFrom(0, 1, 1_000), ({ broker }, lastSequence) => {
    broker.stateLie = { lastSequence };
  }),
  step('tell the truth', fc.constant(0), ({ broker }) => broker.becomeHonest()),
  step('intrude', forgery, (world, { text, subject }) => {
    world.broker.intrude(forge(world, text, subject));
  }),
  step(
    'inject live',
    fc.record({ verifier: which, ahead: fc.constantFrom(-1, 0, 1, 2, 9), forgery }),
    (world, { verifier, ahead, forgery: { text, subject } }) => {
      const to = world.verifiers[verifier];
      const sequence = (to?.follower.sequence ?? 0) + ahead;
      to?.live.unshift(asRead({ ...forge(world, text, subject), sequence }));
    },
  ),
];

const weighted = (weight: number, steps: readonly fc.Arbitrary<Step>[]) =>
  steps.map((arbitrary) => ({ weight, arbitrary }));

export type Broker = 'honest' | 'lying';
/** Whether the database's clock is right, or leaps ahead and back. */
export type Database = 'right' | 'leaping';

/** Generates histories of any operations in any order. */
export function anySteps(broker: Broker, maxCommands: number, database: Database = 'right') {
  const anything = fc.oneof(
    ...weighted(6, record),
    ...weighted(12, relays),
    ...weighted(12, verifiers),
    ...weighted(1, [...faults, rollBack]),
    ...weighted(database === 'leaping' ? 1 : 0, [databaseClock]),
    ...weighted(broker === 'lying' ? 2 : 0, lies),
    // A broker that lies at that moment could hide what only it still knows.
    ...weighted(broker === 'honest' ? 1 : 0, disasters),
  );
  return fc.commands([anything], { maxCommands, size: 'max' });
}
