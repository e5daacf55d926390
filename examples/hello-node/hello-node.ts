/*
 * Hello Node: the smallest plugin with the TypeScript SDK. Build it, and it is one executable file:
 *   node scripts/build-plugin.mjs examples/hello-node/hello-node.ts -o plugins/hello-node.binary
 */
import { definePlugin, KvRefusedError, router, type KvClient, type PluginContext } from '@toru/plugin-sdk';
import openapi from './openapi.json' with { type: 'json' };
import page from './page.bundle.js' with { type: 'text' };

const DEFAULT_GREETING = 'Hello from Node';

const routes = router()
  .get('/', ({ ctx }) => new Response(`${greeting(ctx)}. Open this plugin in the console to see its page.\n`))
  // what it offers, for the host's page of all APIs
  .get('/openapi.json', () => Response.json(openapi))
  .get('/visits', async ({ ctx }) =>
    Response.json({ visits: Number(await ctx.kv.get('visits')), instance_id: ctx.instanceId }),
  )
  .post('/visits', async ({ ctx }) =>
    Response.json({ visits: await addVisit(ctx.kv), instance_id: ctx.instanceId, greeting: greeting(ctx) }),
  );

/** What an administrator has set on the settings page; a change is there with the next request. */
const greeting = ({ settings }: PluginContext): string =>
  typeof settings.greeting === 'string' ? settings.greeting : DEFAULT_GREETING;

/** Requests run side by side: whoever finds that another one was faster tries again. */
async function addVisit(kv: KvClient): Promise<number> {
  for (;;) {
    const { value, revision } = await kv.entry('visits');
    const visits = Number(value) + 1;
    try {
      await kv.set('visits', String(visits), { ifRevision: revision });
      return visits;
    } catch (error) {
      if (!(error instanceof KvRefusedError && error.code === 'kv_conflict')) throw error;
    }
  }
}

definePlugin({
  metadata: {
    id: 'hello-node',
    name: 'Hello Node',
    version: '1.0.0',
    icon: '🟢',
    route: '/hello-node',
    author: 'Toru Steering Center',
    description: 'Counts its visits. A start for a plugin of your own with the TypeScript SDK.',
    settingsSchema: {
      type: 'object',
      properties: {
        greeting: {
          ...{
            type: 'string',
            title: 'Greeting',
            description: 'The heading of its page.',
            minLength: 1,
            maxLength: 80,
          },
          default: DEFAULT_GREETING,
        },
      },
    },
  },
  http: routes,
  bundle: page,
}).run();
