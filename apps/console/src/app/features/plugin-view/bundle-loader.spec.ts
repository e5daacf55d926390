import { HttpTestingController } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { jest } from '@jest/globals';
import { problem, settle } from '../../../testing/fixtures';
import { provideConsoleTesting } from '../../../testing/providers';
import { bundleFormat } from './bundle-format';
import { BundleLoader } from './bundle-loader';
import type { PluginFrontend } from './plugin-api';
import { ScriptRunner } from './script-runner';

const MODULE = 'export function mount() {} export function unmount() {}';
const CLASSIC = '(() => { /* export */ window.x = "export { mount }"; })()';
const globals = window as unknown as Record<string, unknown>;

describe('bundleFormat', () => {
  it.each([
    [MODULE, 'module'],
    ['var a=1;export{a as mount};', 'module'],
    ['import "./chunk.js"; window.ToruPlugins = {}', 'module'],
    ['window.base = import.meta.url', 'module'],
    [CLASSIC, 'classic'],
    ['import("./later.js").then((m) => m.go())', 'classic'],
    ['var re = /export {mount}/; // import x from "y"', 'classic'],
    ['(() => {', 'classic'],
    ['', 'classic'],
  ])('[FE-2] reads %s as %s', (source, format) => {
    expect(bundleFormat(source)).toBe(format);
  });
});

describe('BundleLoader', () => {
  const frontend: PluginFrontend = { mount: () => undefined, unmount: () => undefined };
  const scripts = { run: jest.fn<ScriptRunner['run']>(), import: jest.fn<ScriptRunner['import']>() };
  let loader: BundleLoader;
  let http: HttpTestingController;

  beforeEach(() => {
    jest.resetAllMocks();
    TestBed.configureTestingModule({
      providers: [...provideConsoleTesting(), { provide: ScriptRunner, useValue: scripts }],
    });
    loader = TestBed.inject(BundleLoader);
    http = TestBed.inject(HttpTestingController);
  });
  afterEach(() => {
    for (const name of ['ToruPlugins', 'toru_plugin_my-plugin', 'toru_plugin_my_plugin'])
      Reflect.deleteProperty(globals, name);
  });

  function load(source: string, etag = '"v1"'): Promise<PluginFrontend> {
    const loading = loader.load('my-plugin', new AbortController().signal);
    http.expectOne('/api/plugins/my-plugin/bundle.js').flush(source, { headers: { ETag: etag } });
    return loading;
  }

  it.each([
    ['window.ToruPlugins[id]', () => (globals['ToruPlugins'] = { 'my-plugin': frontend })],
    ['window["toru_plugin_" + id]', () => (globals['toru_plugin_my-plugin'] = frontend)],
    ['window.toru_plugin_my_plugin', () => (globals['toru_plugin_my_plugin'] = frontend)],
  ])('[FE-2] loads a classic bundle that sets %s', async (_form, register) => {
    scripts.run.mockImplementation(async () => void register());
    expect(await load(CLASSIC)).toBe(frontend);
    expect(scripts.run).toHaveBeenCalledWith('/api/plugins/my-plugin/bundle.js?v=%22v1%22');
    expect(scripts.import).not.toHaveBeenCalled();
  });

  it.each([
    ['exports', frontend],
    ['a default export', { default: frontend }],
  ])('[FE-2] loads an ES module with %s', async (_form, exports) => {
    scripts.import.mockResolvedValue(exports);
    expect(await load(MODULE)).toBe(frontend);
    expect(scripts.run).not.toHaveBeenCalled();
  });

  it('[FE-2] loads a new version once, and never finds what the old one had registered', async () => {
    scripts.run.mockImplementationOnce(async () => void (globals['ToruPlugins'] = { 'my-plugin': frontend }));
    await load(CLASSIC);
    expect(await load(CLASSIC)).toBe(frontend);
    expect(scripts.run).toHaveBeenCalledTimes(1);
    await expect(load(CLASSIC, '"v2"')).rejects.toThrow('registers no page');
    expect(scripts.run).toHaveBeenLastCalledWith('/api/plugins/my-plugin/bundle.js?v=%22v2%22');
  });

  it('[FE-3] says what is missing when a bundle registers nothing, and tries again under another address', async () => {
    scripts.import.mockResolvedValue({ mounted: true });
    await expect(load(MODULE)).rejects.toThrow('window.ToruPlugins["my-plugin"]');
    scripts.import.mockResolvedValue(frontend);
    expect(await load(MODULE)).toBe(frontend);
    expect(scripts.import).toHaveBeenLastCalledWith('/api/plugins/my-plugin/bundle.js?v=%22v1%22&attempt=1');
  });

  it('[FE-3] passes on what a bundle throws', async () => {
    scripts.run.mockRejectedValue(new SyntaxError('Unexpected token'));
    await expect(load('(() => {')).rejects.toThrow('Unexpected token');
  });

  it('rejects with the code of the host where there is no bundle', async () => {
    const loading = loader.load('my-plugin', new AbortController().signal);
    const answer = JSON.stringify(problem('bundle_not_found', 404, 'It has no page.'));
    http.expectOne('/api/plugins/my-plugin/bundle.js').flush(answer, { status: 404, statusText: 'Not Found' });
    await expect(loading).rejects.toMatchObject({ code: 'bundle_not_found', detail: 'It has no page.' });
  });

  it('stops asking when it is aborted', async () => {
    const abort = new AbortController();
    const loading = loader.load('my-plugin', abort.signal);
    const request = http.expectOne('/api/plugins/my-plugin/bundle.js');
    abort.abort();
    await expect(loading).rejects.toThrow();
    await settle();
    expect(request.cancelled).toBe(true);
  });
});
