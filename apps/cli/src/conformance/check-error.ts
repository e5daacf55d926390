/** The plugin does not do what it should; the message is what happened, in one line. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

/** The check cannot be made; the message is why, in one line. */
export class CheckSkip extends Error {
  override readonly name = 'CheckSkip';
}

export function fail(happened: string): never {
  throw new CheckFailure(happened);
}

export function skip(reason: string): never {
  throw new CheckSkip(reason);
}

/** Fails unless the condition holds. */
export function demand(condition: boolean, happened: string): asserts condition {
  if (!condition) fail(happened);
}
