/** The name of the channel on which the tabs of an origin tell each other of new tokens and of log-outs. */
export const CHANNEL_NAME = 'latchkey';
