import { Inject } from '@nestjs/common';

/** The injection token of a service's client. */
export const serviceClientToken = (service: string): string => `LATCHKEY:SERVICE_CLIENT:${service}`;

/**
 * Injects the `ServiceClient` of a service, by its name in the options of the module.
 *
 * @example
 * constructor(@InjectServiceClient('inventory') private readonly inventory: ServiceClient) {}
 */
export const InjectServiceClient = (service: string) => Inject(serviceClientToken(service));
