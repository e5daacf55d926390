/**
 * The frontend mount API: what a plugin's bundle exports, and what the console hands to it.
 *
 * A bundle registers itself in one of three ways; the console takes the first that it finds:
 * 1. as an ES module with the exports `mount` and `unmount` (or a default export that has them);
 * 2. as `window.ToruPlugins[id] = { mount, unmount }`;
 * 3. as `window["toru_plugin_" + id] = { mount, unmount }`, the id as it is or with `_` in the place of each `-`.
 */
export interface PluginFrontend {
  /**
   * Called with an empty element of the plugin's own each time its page is opened. May be asynchronous: the page counts
   * as open when the promise settles, and as failed when it rejects or has not settled after 10 seconds.
   */
  mount(container: HTMLElement, api: PluginApi): unknown;

  /**
   * Called with the same element when its page is left, once `mount` has settled, and also after a `mount` that failed
   * or took too long. It should stop timers, close streams and drop listeners; the element itself is removed for it.
   */
  unmount?(container: HTMLElement): unknown;
}

/** What `mount` gets beside its element. Frozen; the values of `user`, `theme` and `locale` are always the current ones. */
export interface PluginApi extends PluginContext {
  /**
   * Asks the plugin's own backend, as the signed-in user: `fetch('/certificate?x=1')` reaches its route `/certificate`.
   * @param path below the plugin's route, with or without a leading slash. Other origins, `.` and `..` are refused.
   * @throws TypeError for a refused path, and as the browser's `fetch` does. Status codes are left to the caller.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;

  /**
   * Opens another page of the console: `/plugins/other` by its address, `details/7` below the plugin's own page.
   * Resolves to whether the console went there. Does nothing after the page was left.
   * @throws TypeError for an address outside the console.
   */
  navigate(path: string): Promise<boolean>;

  /** Shows a short message, by default as `info`. It is shown as plain text. */
  showToast(message: string, type?: PluginToastType): void;

  /** The plugin's own key-value storage, the same that its backend sees. */
  readonly kv: PluginKv;

  /** Calls the listener whenever user, theme or locale changes; returns a function that ends it. Leaving ends it too. */
  onChange(listener: (context: PluginContext) => void): () => void;
}

/** What the console shows, to whom and how. */
export interface PluginContext {
  readonly user: PluginUser;
  /** What is shown now: the choice "as the system" is resolved already. */
  readonly theme: 'light' | 'dark';
  /** A BCP 47 tag such as `de-CH`. */
  readonly locale: string;
}

export interface PluginUser {
  readonly id: string;
  readonly name: string;
  /** A `viewer` uses plugins and changes nothing of the host's; what that means for a plugin, its backend decides. */
  readonly role: 'admin' | 'viewer';
}

export type PluginToastType = 'info' | 'success' | 'warning' | 'error';

export interface PluginKv {
  /** The value, or null where there is none. */
  get(key: string): Promise<string | null>;
  /** Resolves once the value is stored. Values are text; structure goes through `JSON.stringify`. */
  set(key: string, value: string): Promise<void>;
  /** Resolves once the key is gone, also where it never was. */
  delete(key: string): Promise<void>;
}
