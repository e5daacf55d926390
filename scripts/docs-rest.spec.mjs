import { readFileSync } from 'node:fs';
import { inRoot } from './lib/paths.mjs';

it('[API-5] docs/rest-api.md has every endpoint of docs/openapi.json', () => {
  const { paths } = JSON.parse(readFileSync(inRoot('docs/openapi.json'), 'utf8'));
  const page = readFileSync(inRoot('docs/rest-api.md'), 'utf8');
  const endpoints = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `\`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}\``),
  );

  expect(endpoints).toContain('`GET /api/plugins/:id/limits`');
  expect(endpoints.filter((endpoint) => !page.includes(endpoint))).toEqual([]);
});
