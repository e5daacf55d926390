import { internalUrl } from './internal-url';

describe('internalUrl', () => {
  it.each(['/', '/plugins', '/plugins/acme?x=1#y', '/plugins/a%20b'])('accepts %s', (url) => {
    expect(internalUrl(url)).toBe(url);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/x/..//evil.example',
    'plugins',
    '',
    null,
    7,
  ])('refuses %s', (url) => {
    expect(internalUrl(url)).toBeNull();
  });
});
