/** Names the app that a relaying process runs. */
export const RELAYING_APP_VARIABLE = 'LAB_RELAYING_APP';

/** The app that this process runs, with the user's own token for its calls. */
export const relayingApp = (): string => process.env[RELAYING_APP_VARIABLE] ?? '';
