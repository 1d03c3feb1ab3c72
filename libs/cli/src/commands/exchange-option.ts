import { InvalidArgumentError, Option } from 'commander';

/** Scopes by service; null for all scopes that the service knows. */
export type Exchange = Record<string, string[] | null>;

/** Parses `inventory` or `inventory=inventory:read,inventory:write`. */
function parseTarget(text: string, before: Exchange = {}): Exchange {
  const [service = '', ...rest] = text.split('=');
  const scopes = rest.join('=').split(',');
  if (service.trim() === '') throw new InvalidArgumentError('It must begin with a service');
  if (rest.length > 0 && scopes.some((scope) => scope.trim() === ''))
    throw new InvalidArgumentError('A scope must not be blank');
  if (Object.hasOwn(before, service)) throw new InvalidArgumentError(`${service} is named twice`);
  const entry = [service, rest.length === 0 ? null : scopes] as const;
  return Object.fromEntries([...Object.entries(before), entry]);
}

/** `--exchange`, which can be repeated. */
export const exchangeOption = () =>
  new Option(
    '--exchange <service[=scope,scope]>',
    "exchange users' tokens for this service, for all or some of its scopes; can be repeated",
  ).argParser(parseTarget);

/** An exchange policy in the syntax of {@link exchangeOption}. */
export const formatExchange = (exchange: Exchange): string =>
  Object.entries(exchange)
    .map(([service, scopes]) => (scopes ? `${service}=${scopes.join(',')}` : service))
    .join(' ');
