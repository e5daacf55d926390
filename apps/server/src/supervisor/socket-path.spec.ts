import { MAX_SOCKET_PATH_BYTES } from '@toru/contracts';
import { SOCKET_NAME_BYTES } from '../config';
import { newSocketPath } from './socket-path';

describe('newSocketPath', () => {
  it('[PRO-1] is unique for each start and fits, whatever the id', () => {
    const longest = 'A'.repeat(64);
    const runDir = `/${'r'.repeat(MAX_SOCKET_PATH_BYTES - SOCKET_NAME_BYTES - 1)}`;
    const paths = [newSocketPath(runDir, longest), newSocketPath(runDir, longest), newSocketPath(runDir, 'a')];
    expect(new Set(paths).size).toBe(3);
    for (const path of paths) expect(Buffer.byteLength(path)).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES);
  });
});
