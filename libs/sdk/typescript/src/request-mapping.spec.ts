import { routePath } from './request-mapping';

describe('routePath', () => {
  it.each([
    ['/acme/', '/acme/list?a=%20b', '/list?a=%20b'],
    ['/acme', '/acme/list', '/list'],
    ['/acme/', '/acme', '/'],
    ['/acme', '/acme?x=1', '/?x=1'],
    ['/acme/', '/acme/', '/'],
    ['', '/acme/list', '/acme/list'],
    ['/acme', '/acmelist', '/acmelist'],
  ])('[LANG-3] [RTE-1] below %j, %s is %s', (base, path, expected) => {
    expect(routePath({ base, path })).toBe(expected);
  });
});
