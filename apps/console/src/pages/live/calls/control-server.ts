import { CONTROL_KEY_HEADER, type StackPart } from '@latchkey/contracts/live';
import type { ControlAddress } from '../../../control/control-address.js';
import { call, type Answer, type CallOptions } from './call.js';

/** How long a part stays broken. Staleness takes five seconds to matter. */
export const FAULT_SECONDS = 30;

/** The control server of `npm start`, which knows the parts of the local stack and can break them. */
export class ControlServer {
  constructor(private readonly address: ControlAddress) {}

  /** Asks for the state of the stack; the body of a 200 is a `StackReport`. */
  stack(): Promise<Answer> {
    return this.#call('/stack');
  }

  break(part: StackPart['part']): Promise<Answer> {
    return this.#call('/stack/faults', { json: { part, seconds: FAULT_SECONDS } });
  }

  /** Asks what the calls of an order are good for; the body of a 200 has `hops`. The token goes to this machine only. */
  hops(token: string): Promise<Answer> {
    return this.#call('/stack/hops', { json: { token } });
  }

  heal(part: StackPart['part']): Promise<Answer> {
    return this.#call(`/stack/faults/${encodeURIComponent(part)}`, { method: 'DELETE' });
  }

  #call(path: string, options: CallOptions = {}): Promise<Answer> {
    const headers = { [CONTROL_KEY_HEADER]: this.address.key };
    return call(this.address.url + path, { ...options, headers });
  }
}
