import type { PublishedDocument } from '../plugins';

/** What the page needs on a phone: the drop-down below the logo, and nothing wider than the screen. */
export const API_PAGE_CSS = `
  @media (max-width: 640px) {
    .swagger-ui .topbar-wrapper { flex-wrap: wrap; gap: 8px; }
    .swagger-ui .topbar .download-url-wrapper { flex: 1 1 100%; }
    .swagger-ui .topbar .download-url-wrapper .select-label { max-width: none; width: 100%; }
    .swagger-ui .topbar .download-url-wrapper .select-label select { min-width: 0; }
  }
`;

/** The script that opens the page: a drop-down of the host's document and of those that plugins publish. */
export function apiPageScript(hostDocument: string, plugins: readonly PublishedDocument[]): string {
  const host = 'Toru Steering Center';
  const urls = [
    { url: hostDocument, name: host },
    // the id as well, so that two plugins of one name, or one that takes the host's, are told apart
    ...plugins.map(({ id, name }) => ({ url: `/api/plugins/${id}/openapi.json`, name: `${name} (${id})` })),
  ];
  return `window.onload = () => {
  window.ui = SwaggerUIBundle({
    urls: ${JSON.stringify(urls)},
    'urls.primaryName': ${JSON.stringify(host)},
    dom_id: '#swagger-ui',
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: 'StandaloneLayout',
    validatorUrl: null,
  });
};
`;
}
