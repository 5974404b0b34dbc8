/** A mistake in how nightshift was called, or bad input: told in one sentence, exit code 2. */
export class WrongUse extends Error {}
