import type { TokenOverrides } from '@latchkey/testing';
import { Controller, Get } from '@nestjs/common';
import { Public, RequireActor, RequireClient, RequireScopes } from '../src/index.js';

/** A user's own token. */
const user: TokenOverrides = {};
/** A token with which `sub` acts for a user. */
const actedBy = (sub: string, nested?: object): TokenOverrides => ({
  claims: { client_id: sub, act: { sub, ...(nested && { act: nested }) } },
});
/** A client's own token. */
const own = (client: string): TokenOverrides => ({
  subject: client,
  claims: { client_id: client, sid: undefined, auth_time: undefined },
});

/** Every kind of token, by name. */
export const TOKENS = {
  'a user': user,
  'a user whose name is that of a client': { subject: 'orders' },
  'a user of the client orders': { claims: { client_id: 'orders' } },
  'the actor orders': actedBy('orders'),
  'the actor shipping': actedBy('shipping'),
  'the actor payments': actedBy('payments'),
  'the actor payments, after orders': actedBy('payments', { sub: 'orders' }),
  'the actor orders, after payments': actedBy('orders', { sub: 'payments' }),
  'an actor whose client is orders': { claims: { act: { sub: 'eve', client_id: 'orders' } } },
  'an actor in other letters': actedBy('Orders'),
  'the client inventory': own('inventory'),
  'the client orders': own('orders'),
  'the client inventory with a session': {
    ...own('inventory'),
    claims: { client_id: 'inventory' },
  },
  'the client inventory with an actor': {
    subject: 'inventory',
    claims: { client_id: 'inventory', sid: undefined, act: { sub: 'inventory' } },
  },
  'a subject without a session that is not its client': {
    subject: 'inventory',
    claims: { client_id: 'orders', sid: undefined },
  },
} satisfies Record<string, TokenOverrides>;
export type TokenName = keyof typeof TOKENS;

const ORDERS: readonly TokenName[] = ['the actor orders', 'the actor orders, after payments'];
const ALL: readonly TokenName[] = Object.keys(TOKENS) as TokenName[];
/** The challenge of a route, after its code. */
const mustBe = (text: string) => `The token must be ${text}`;

interface RouteExpectation {
  readonly admits: readonly TokenName[];
  readonly detail: string;
}

/** The answer of each route of {@link CALLER_CONTROLLERS}. */
export const ROUTES: Readonly<Record<string, RouteExpectation>> = {
  '/callers/actor': { admits: ORDERS, detail: mustBe('one with which orders acts for a user') },
  '/callers/actors': {
    admits: [...ORDERS, 'the actor shipping'],
    detail: mustBe('one with which orders or shipping acts for a user'),
  },
  '/callers/client': {
    admits: ['the client inventory'],
    detail: mustBe('the own token of inventory'),
  },
  '/callers/clients': {
    admits: ['the client inventory', 'the client orders'],
    detail: mustBe('the own token of inventory or orders'),
  },
  '/callers/any-client': {
    admits: ['the client inventory', 'the client orders'],
    detail: mustBe("a client's own"),
  },
  '/callers/either': {
    admits: [...ORDERS, 'the client inventory'],
    detail: mustBe('one with which orders acts for a user or the own token of inventory'),
  },
  '/inherited/controllers': {
    admits: ORDERS,
    detail: mustBe('one with which orders acts for a user'),
  },
  '/inherited/replaced': {
    admits: ['the actor payments', 'the actor payments, after orders'],
    detail: mustBe('one with which payments acts for a user'),
  },
  '/inherited/client': {
    admits: ['the client inventory'],
    detail: mustBe('the own token of inventory'),
  },
  '/open-to-all/closed': {
    admits: ORDERS,
    detail: mustBe('one with which orders acts for a user'),
  },
  '/open-to-all/client': {
    admits: ['the client inventory', 'the client orders'],
    detail: mustBe("a client's own"),
  },
  '/callers/everybody': { admits: ALL, detail: '' },
};

@Controller('callers')
class CallersController {
  @Get('actor')
  @RequireActor('orders')
  actor() {
    return {};
  }
  @Get('actors')
  @RequireActor('orders', 'shipping')
  actors() {
    return {};
  }
  @Get('client')
  @RequireClient('inventory')
  client() {
    return {};
  }
  @Get('clients')
  @RequireClient('inventory', 'orders')
  clients() {
    return {};
  }
  @Get('any-client')
  @RequireClient()
  anyClient() {
    return {};
  }
  @Get('either')
  @RequireActor('orders')
  @RequireClient('inventory')
  either() {
    return {};
  }
  @Get('scoped')
  @RequireActor('orders')
  @RequireScopes('rare')
  scoped() {
    return {};
  }
  @Get('everybody')
  everybody() {
    return {};
  }
}

@Controller('inherited')
@RequireActor('orders')
class InheritedCallersController {
  @Get('controllers')
  controllers() {
    return {};
  }
  @Get('replaced')
  @RequireActor('payments')
  replaced() {
    return {};
  }
  /** Not "or the actor orders": the handler says who calls it. */
  @Get('client')
  @RequireClient('inventory')
  client() {
    return {};
  }
}

@Controller('open-to-all')
@Public()
class OpenToAllController {
  @Get('closed')
  @RequireActor('orders')
  closed() {
    return {};
  }
  @Get('client')
  @RequireClient()
  client() {
    return {};
  }
}

/** Controllers with every variant of the two decorators. */
export const CALLER_CONTROLLERS = [
  CallersController,
  InheritedCallersController,
  OpenToAllController,
];
