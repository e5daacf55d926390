type Standard<T extends object> = abstract new (...given: never[]) => T;

/**
 * Puts a class of ours in front of one of the Fetch standard: `instanceof` holds, and every member that ours does not have
 * is handed to the real object, which `realOf` makes when it is first needed.
 *
 * Where Node keeps the state of the real object under symbols (Node 20), these lead to the real one as well, so that
 * `fetch(facade)` and `new Request(facade)` work. Later versions use private fields, which nobody can stand in for.
 */
export function standInFor<F extends object, T extends object>(
  facade: Standard<F>,
  standard: Standard<T>,
  sample: T,
  realOf: (facade: F) => T,
): void {
  const ours = facade.prototype as F;
  const theirs = standard.prototype as T;
  Object.setPrototypeOf(ours, theirs);
  for (const key of Reflect.ownKeys(theirs)) {
    if (Object.hasOwn(ours, key)) continue;
    const { get, value } = (Object.getOwnPropertyDescriptor(theirs, key) ?? {}) as { get?: unknown; value?: unknown };
    if (get !== undefined) defineGetter(ours, key, realOf);
    else if (typeof value === 'function') {
      Object.defineProperty(ours, key, {
        configurable: true,
        value(this: F, ...args: unknown[]): unknown {
          return Reflect.apply(value, realOf(this), args);
        },
      });
    }
  }
  for (const key of Object.getOwnPropertySymbols(sample)) defineGetter(ours, key, realOf);
}

function defineGetter<F extends object>(ours: F, key: PropertyKey, realOf: (facade: F) => object): void {
  Object.defineProperty(ours, key, {
    configurable: true,
    get(this: F): unknown {
      return Reflect.get(realOf(this), key);
    },
  });
}
