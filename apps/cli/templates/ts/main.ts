import { definePlugin, json, router } from '@toru/plugin-sdk';
import page from './page.bundle.js' with { type: 'text' };

const routes = router()
  // Greets who asks, and remembers when somebody did.
  .post('/visits', async ({ ctx }) => {
    const lastVisit = await ctx.kv.get('last_visit');
    await ctx.kv.set('last_visit', new Date().toISOString());
    const greeting = String(ctx.settings['greeting'] ?? 'Hello');
    return json({ greeting: `${greeting}, ${ctx.user?.name ?? 'stranger'}!`, last_visit: lastVisit });
  });

definePlugin({
  metadata: {
    id: '{{id}}',
    name: '{{title}}',
    version: '1.0.0',
    icon: '🧩',
    route: '/{{id}}',
    // What an administrator sets on the settings page.
    settingsSchema: {
      type: 'object',
      properties: { greeting: { type: 'string', title: 'Greeting', default: 'Hello', maxLength: 50 } },
    },
  },
  http: routes,
  bundle: page,
}).run();
