/** The signals that end a command, each with the exit status that shells report for it: 128 plus its number. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
