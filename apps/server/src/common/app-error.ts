import { ERRORS, type ErrorCode, type InputError } from '@toru/contracts';

/** What goes with an error beside its sentence. */
export interface AppErrorOptions {
  readonly cause?: unknown;
  /** The plugin concerned. */
  readonly plugin?: string;
  /** The inputs that are wrong, one entry each. */
  readonly errors?: readonly InputError[];
  /** When to try again, in whole seconds: becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/**
 * A foreseen failure. Services throw it; nothing in it is HTTP: status and title come from the table of codes.
 * `detail` is shown to the caller: it says what happened and what to do, and holds no secret.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly plugin: string | undefined;
  readonly errors: readonly InputError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.plugin = options.plugin;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The same, naming the plugin that it is about, unless it names one already. */
  about(plugin: string): AppError {
    if (this.plugin !== undefined) return this;
    const { code, message, errors, retryAfterSeconds } = this;
    return new AppError(code, message, {
      ...{ cause: this, plugin },
      ...(errors === undefined ? {} : { errors }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
