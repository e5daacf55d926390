/** A trouble with the stored enabled state that an operator has to know about. */
export interface EnabledStateProblem {
  /** One sentence: what is wrong, what was done about it and what to do. */
  readonly detail: string;
  /** The plugin concerned; absent where it is the whole state. */
  readonly plugin?: string;
}

/** Which plugins somebody has enabled (LIF-3, LIF-4). Ids are compared without case. */
export abstract class EnabledState {
  /**
   * Reads what is stored. Never throws: whatever cannot be read counts as not enabled (fail closed) and is reported
   * through `problems`.
   */
  abstract load(): Promise<void>;

  /** Whether a plugin is to run, as of the last `load` or `set`. One that was never recorded follows the setting. */
  abstract isEnabled(id: string): boolean;

  /**
   * Records one plugin and resolves once that survives a crash. Writes are serialised, and everything else that is
   * stored stays as it is, changes made by others included.
   * @throws AppError `enabled_state_unusable` when it cannot be stored; then nothing has changed.
   */
  abstract set(id: string, enabled: boolean): Promise<void>;

  /** What is wrong at present; empty where all is well. */
  abstract problems(): readonly EnabledStateProblem[];
}
