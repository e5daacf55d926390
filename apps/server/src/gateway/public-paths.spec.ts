import { isPublicPath } from './public-paths';

describe('isPublicPath', () => {
  it.each([
    ['/webhook/*', '/webhook/github'],
    ['/webhook/*', '/webhook/github/push'],
    ['/webhook/*', '/webhook/%C5%BE'],
    ['/ping', '/ping'],
    ['/', ''],
    ['/', '/'],
    ['/*', '/anything'],
  ])('[RTE-5] %s makes %j public', (pattern, rest) => {
    expect(isPublicPath(['/other', pattern], rest)).toBe(true);
  });

  it.each([
    ['/webhook/*', '/webhook'],
    ['/webhook/*', '/webhook/'],
    ['/webhook/*', '/webhookX/y'],
    ['/webhook/*', '/Webhook/x'],
    ['/webhook/*', '/%77ebhook/x'],
    ['/webhook/*', '/x/webhook/y'],
    ['/ping', '/ping/'],
    ['/ping', '/ping/x'],
    ['/ping*', '/pingX'],
    ['/*', ''],
    ['*', '/x'],
    ['', ''],
  ])('[RTE-5] %s leaves %j private', (pattern, rest) => {
    expect(isPublicPath([pattern], rest)).toBe(false);
  });

  it.each([
    '/webhook/..;/admin',
    '/webhook/;/x',
    '/webhook/..%3b/admin',
    '/webhook/%c0%ae%c0%ae/admin',
    '/webhook/%0a',
  ])('[RTE-5] faults 21: %s, which some decoder reads in another way, is private', (rest) => {
    expect(isPublicPath(['/webhook/*'], rest)).toBe(false);
  });

  it('[RTE-5] nothing is public where nothing is declared', () => {
    expect(isPublicPath([], '/')).toBe(false);
  });
});
