import type { ErrorHandler } from '@angular/core';
import { inject, Injectable, Injector } from '@angular/core';
import { ApiError } from '../api/api-error';
import { ToastService } from '../notifications/toast.service';

/** Where plugin bundles are served from: an error that comes from there is the plugin's, not the console's. */
const BUNDLE_ADDRESS = /\/api\/plugins\//;

/**
 * The last stop for errors that nobody caught. They go to the browser's console; people see one sentence, and for a
 * plugin's stray errors nothing at all, because its page reports what concerns it (FE-3).
 */
@Injectable()
export class ConsoleErrorHandler implements ErrorHandler {
  private readonly injector = inject(Injector);

  handleError(error: unknown): void {
    const cause = unwrap(error);
    console.error(cause);
    if (isFromPlugin(cause)) return;
    // Resolved late: the snack bar needs an application that has finished starting.
    this.injector.get(ToastService).show(messageFor(cause), 'error');
  }
}

function isFromPlugin(error: unknown): boolean {
  return error instanceof Error && BUNDLE_ADDRESS.test(error.stack ?? '');
}

function messageFor(error: unknown): string {
  if (error instanceof ApiError) return error.detail;
  if (error instanceof Error && /dynamically imported module|ChunkLoad/i.test(error.message)) {
    return 'A part of the console could not be loaded. Reload the page.';
  }
  return 'Something went wrong in the console. Reload the page if it does not react.';
}

function unwrap(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'rejection' in error ? error.rejection : error;
}
