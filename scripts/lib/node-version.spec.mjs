import { isSupportedNode } from './node-version.mjs';

describe('the versions of Node that can run the project', () => {
  it.each(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v24.0.0', 'v26.1.0'])('takes %s', (version) => {
    expect(isSupportedNode(version)).toBe(true);
  });

  it.each(['v18.20.4', 'v20.18.3', 'v21.7.0', 'v22.11.0'])('refuses %s', (version) => {
    expect(isSupportedNode(version)).toBe(false);
  });
});
