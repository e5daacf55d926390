import { setTimeout as delay } from 'node:timers/promises';
import type { ProblemDetails } from '@toru/contracts';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { CHAOS_PLUGINS, type ChaosPlugin } from './chaos-plugins';
import type { ChaosWorld } from './chaos-world';
import type { Told } from './generations';
import type { Random } from './random';

/** Only a hang reaches it, in milliseconds. */
const PATIENCE_MS = 45_000;
const MAX_PAUSE_MS = 30;

/** What a client may be told while plugins die, are replaced, or are switched off, and nothing else. */
const FORESEEN: ReadonlyMap<number, readonly string[]> = new Map([
  [404, ['plugin_disabled']],
  [502, ['plugin_error']],
  [503, ['plugin_unavailable', 'plugin_busy', 'route_quarantined']],
  [504, ['plugin_timeout']],
]);

interface Asked {
  readonly what: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One client that asks plugin after plugin, one request at a time, and looks at every answer. */
export class ChaosClient {
  private asked = 0;

  constructor(
    private readonly name: string,
    private readonly world: ChaosWorld,
    private readonly cookie: string,
    private readonly random: Random,
  ) {}

  /** Until the signal; resolves when its last request was answered. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.asked += 1;
      await this.askOnce(this.random.pick(CHAOS_PLUGINS), `${this.name}-${this.asked}`);
      await delay(this.random.between(0, MAX_PAUSE_MS));
    }
  }

  private async askOnce(plugin: ChaosPlugin, nonce: string): Promise<void> {
    switch (this.random.between(0, 4)) {
      case 0:
        await this.store(plugin, nonce, {
          ...{ what: 'a write by the plugin', path: `/plugins/${plugin.id}/kv/set/${nonce}` },
          ...{ method: 'POST', body: `value of ${nonce}` },
        });
        break;
      case 1:
        await this.store(plugin, nonce, {
          ...{ what: 'a write by its page', path: `/api/plugins/${plugin.id}/kv`, method: 'POST' },
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ action: 'set', key: nonce, value: `value of ${nonce}` }),
        });
        break;
      case 2:
        await this.identify(plugin, nonce, `?ms=${this.random.between(20, 300)}`);
        break;
      default:
        await this.identify(plugin, nonce, '');
    }
  }

  private async identify({ id }: ChaosPlugin, nonce: string, query: string): Promise<void> {
    const { record, generations, files } = this.world;
    const youngest = generations.before(id);
    const path = `/plugins/${id}/pid/${nonce}${query}`;
    const answer = await this.ask({ what: 'a question', path, method: 'POST', body: nonce });
    if (answer === undefined) return;
    const told = JSON.parse(answer.text) as Told & { readonly path: string; readonly body: string };
    const wrong = generations.answered(id, told, youngest);
    if (wrong !== undefined) record.wrong(`${this.name}: ${wrong}`);
    if (told.body !== nonce || !told.path.includes(`/pid/${nonce}`)) {
      record.wrong(`${this.name}: asked ${id} for ${nonce} and got the answer ${answer.text}`);
    }
    if (!files.mayServe(id, told.version)) record.wrong(`${this.name}: ${id} answered as version ${told.version}`);
  }

  private async store({ id }: ChaosPlugin, nonce: string, asked: Asked): Promise<void> {
    const answer = await this.ask(asked);
    if (answer !== undefined) this.world.stored.set(`${id} ${nonce}`, `value of ${nonce}`);
  }

  /** The answer, where it is the plugin's own. */
  private async ask({ what, path, headers, ...request }: Asked): Promise<RawAnswer | undefined> {
    const { host, record } = this.world;
    const late = new AbortController();
    try {
      const answer = await Promise.race([
        rawRequest(host.url, path, {
          ...request,
          headers: { ...headers, cookie: this.cookie, 'x-requested-with': 'test', connection: 'close' },
        }),
        delay(PATIENCE_MS, undefined, { signal: late.signal }),
      ]);
      if (answer === undefined) {
        record.wrong(`${this.name}: no answer to ${path} within ${PATIENCE_MS} ms`);
        return undefined;
      }
      if (answer.status === 200) {
        record.count(what);
        return answer;
      }
      this.checkRefusal(path, answer);
    } catch (error) {
      record.wrong(`${this.name}: ${path} failed: ${error instanceof Error ? error.message : 'no Error'}`);
    } finally {
      late.abort();
    }
    return undefined;
  }

  private checkRefusal(path: string, { status, headers, text }: RawAnswer): void {
    const { record } = this.world;
    const isProblem = headers['content-type']?.startsWith('application/problem+json') === true;
    const code = isProblem ? (JSON.parse(text) as ProblemDetails).code : 'none';
    if (FORESEEN.get(status)?.includes(code) === true) record.count(`${status} ${code}`);
    else record.wrong(`${this.name}: ${path} answered ${status} ${code}: ${text.slice(0, 300)}`);
  }
}
