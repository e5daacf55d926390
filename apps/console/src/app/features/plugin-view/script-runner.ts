import { DOCUMENT } from '@angular/common';
import { inject, Injectable } from '@angular/core';

/** Runs scripts in the page: the two things about bundles that only a real browser does. */
@Injectable({ providedIn: 'root' })
export class ScriptRunner {
  private readonly document = inject(DOCUMENT);

  /** Runs a classic script. Rejects when it cannot be loaded, and with what it throws while it runs. */
  run(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const window = this.document.defaultView;
      const script = this.document.createElement('script');
      let thrown: Error | null = null;
      const onError = (event: ErrorEvent): void => {
        if (event.filename !== script.src) return;
        thrown = event.error instanceof Error ? event.error : new Error(event.message);
        // Reported on the plugin's page; the console's own error handling has nothing to add.
        event.stopImmediatePropagation();
      };
      const finish = (settle: () => void): void => {
        window?.removeEventListener('error', onError, { capture: true });
        script.remove();
        settle();
      };
      script.onload = () => finish(() => (thrown ? reject(thrown) : resolve()));
      script.onerror = () => finish(() => reject(new Error('The browser could not load the script.')));
      window?.addEventListener('error', onError, { capture: true });
      script.src = url;
      this.document.head.append(script);
    });
  }

  /** Loads an ES module and resolves to its exports. */
  import(url: string): Promise<unknown> {
    return import(/* @vite-ignore */ url) as Promise<unknown>;
  }
}
