import { runInNewContext } from 'node:vm';
import { apiPageScript } from './api-page';

describe('the script of the API page', () => {
  it('[API-5] offers the document of the host and those of plugins, whatever they are called', () => {
    const name = `"});alert(1);//\u2028</script>`;
    const script = apiPageScript('/api/openapi.json', [{ id: 'acme', name }]);
    let given: { urls?: unknown } = {};
    const bundle = Object.assign((options: { urls?: unknown }) => (given = options), {
      presets: { apis: 1 },
      plugins: { DownloadUrl: 1 },
    });
    const page: { onload?: () => void } = {};
    runInNewContext(script, { window: page, SwaggerUIBundle: bundle, SwaggerUIStandalonePreset: 1 });
    page.onload?.();
    expect(given.urls).toEqual([
      { url: '/api/openapi.json', name: 'Toru Steering Center' },
      { url: '/api/plugins/acme/openapi.json', name: `${name} (acme)` },
    ]);
  });
});
