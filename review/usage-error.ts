/** What was asked for cannot be reviewed: the message says what was wrong, and what to pass. */
export class UsageError extends Error {}
