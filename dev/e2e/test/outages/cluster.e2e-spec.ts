import { REVOCATION_STREAM } from '@latchkey/contracts';
import {
  VERIFYING_REPLICAS,
  waitFor,
  type LatchkeyStack,
  type Nats,
  type NatsCluster,
  type ServiceProcess,
  type StreamPlacement,
} from '@latchkey/local-stack';
import { createFaultProxy, type FaultProxy, TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { metricOf } from '../../src/metrics.js';
import { LogOutFlow, WatermarkWatch } from './cluster-fixture.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/**
 * Another replica takes over the work of a frozen or dead one in its next round, a second later. A busy machine needs
 * longer, and the frozen or dead replica would never publish.
 */
const TAKEN_OVER_WITHIN_MILLISECONDS = 10_000;

/** Three elections and catching up three times. */
const LONGEST_MILLISECONDS = 300_000;

describe('three NATS servers and two auth replicas', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let cluster: NatsCluster;
  let auth: ServiceProcess;
  let otherAuth: ServiceProcess;
  let watermarks: WatermarkWatch;
  /** Proxies in front of each server, for the first auth replica. */
  const legs: FaultProxy[] = [];
  const flows: LogOutFlow[] = [];

  beforeAll(async () => {
    running = await startStack({
      authReplicas: 2,
      natsServers: 3,
      route: async ({ from, to }, url) => {
        if (from !== 'auth' || to !== 'nats') return url;
        const leg = await createFaultProxy(url);
        legs.push(leg);
        return leg.through(url);
      },
    });
    stack = running.stack;
    if (!stack.natsCluster || !stack.replicas['auth-2'])
      throw new Error('the cluster was not started');
    cluster = stack.natsCluster;
    [auth, otherAuth] = [stack.replicas.auth, stack.replicas['auth-2']];
    watermarks = await WatermarkWatch.begin(stack);
  });
  afterAll(async () => {
    await Promise.all(flows.map((flow) => flow.stop()));
    await watermarks.close();
    await running.close();
    await Promise.all(legs.map((leg) => leg.close()));
  });

  async function beginFlow(): Promise<LogOutFlow> {
    const flow = await LogOutFlow.begin(stack.authReplicas);
    flows.push(flow);
    return flow;
  }

  const placedOnThree = (): Promise<StreamPlacement> =>
    waitFor(
      async () => {
        const found = await cluster.placement(REVOCATION_STREAM);
        return found?.behind.length === 0 && found.followers.length === 2 && found;
      },
      { timeoutMs: 20_000, what: 'a stream on three servers' },
    );

  /**
   * Waits until every server has all acknowledged messages. After a crash, a nats-server may not catch
   * up until its next restart, which an operator would do before another server fails.
   */
  async function healthy(): Promise<StreamPlacement> {
    try {
      return await placedOnThree();
    } catch (error) {
      const placement = await cluster.placement(REVOCATION_STREAM);
      if (!placement || placement.behind.length === 0) throw error;
      process.emitWarning(`${placement.behind.map(({ name }) => name).join(', ')} never caught up`);
      await Promise.all(placement.behind.map((server) => server.restart()));
      return placedOnThree();
    }
  }

  // A verifier that lost its server repairs its gap with a consumer. JetStream creates one only after
  // a new leader has been elected, about 10 seconds after the old one died.
  const refused = (token: string, timeoutMs = 30_000) => refusedEverywhere(stack, token, timeoutMs);

  const lastPublished = ({ answered }: LogOutFlow) =>
    answered.findLast(({ status }) => status === 204)?.token ?? '';

  it(
    'lose no answered log-out while the servers end and restart one after another',
    async () => {
      const flow = await beginFlow();
      const without = async (server: Nats, end: () => Promise<void>) => {
        await Promise.all([flow.publishes(auth), flow.publishes(otherAuth)]);
        await end();
        await Promise.all([flow.publishes(auth), flow.publishes(otherAuth)]);
        // Every verifier is connected to one of the remaining servers.
        await refused(lastPublished(flow));
        await server.restart();
      };
      const { leader } = await healthy();
      await without(leader, () => leader.kill());
      const follower = (await healthy()).followers.find((server) => server !== leader);
      await without(follower!, () => follower!.kill());
      await healthy();
      const third = cluster.servers.find((server) => server !== leader && server !== follower);
      await without(third!, () => third!.stop());
      await flow.stop();
      for (const { status, token } of flow.answered) {
        expect([202, 204]).toContain(status);
        await refused(token);
      }
      // Each verifier was connected to one of the three.
      for (const name of VERIFYING_REPLICAS) {
        const series = 'latchkey_feed_events_total{type="disconnected"}';
        expect(await metricOf(stack.replicas[name], series)).toBeGreaterThan(0);
      }
    },
    LONGEST_MILLISECONDS,
  );

  it('keep publishing while one auth replica is down, and with both when it is back', async () => {
    const flow = await beginFlow();
    await flow.publishes(otherAuth);
    await otherAuth.kill();
    await flow.publishes(auth, 10);
    await watermarks.next();
    await otherAuth.start();
    await flow.publishes(otherAuth);
    await flow.stop();
    for (const { token } of flow.answered) await refused(token);
  });

  it('publish what a dead auth replica has left behind', async () => {
    const ada = await TestUser.register(auth.url, 'ada');
    const { access_token: token } = await ada.logIn();
    for (const leg of legs) leg.cut();
    otherAuth.signal('SIGSTOP');
    expect((await ada.logOut(token)).status).toBe(202);
    expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
    await auth.kill();
    otherAuth.signal('SIGCONT');
    await refused(token, TAKEN_OVER_WITHIN_MILLISECONDS);
    for (const leg of legs) leg.heal();
    await auth.start();
  });

  it('publish for an auth replica that is cut off from NATS', async () => {
    const grace = await TestUser.register(auth.url, 'grace');
    const { access_token: token } = await grace.logIn();
    for (const leg of legs) leg.cut();
    expect((await grace.logOut(token)).status).toBe(202);
    await refused(token, TAKEN_OVER_WITHIN_MILLISECONDS);
    for (const leg of legs) leg.heal();
  });

  it('published no watermark that claims a missing revocation', async () => {
    await watermarks.next(4);
    const answered = flows.flatMap((flow) => flow.answered);
    const numbered = answered.filter(({ position }) => position !== undefined);
    expect(numbered.length).toBeGreaterThan(18);
    for (const { timeMilliseconds, through } of watermarks.heard)
      for (const { position, answeredAt } of numbered)
        if (answeredAt < timeMilliseconds) expect(through).toBeGreaterThanOrEqual(position ?? 0);
    for (const name of VERIFYING_REPLICAS)
      await waitFor(
        async () => (await metricOf(stack.replicas[name], 'latchkey_staleness_seconds')) < 2.5,
      );
  });
});
