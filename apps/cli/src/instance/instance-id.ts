import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isInstanceId } from '@toru/licensing';
import { NotFoundError, UsageError } from '../cli-error';

export interface InstanceSource {
  readonly url?: string | undefined;
  readonly dataDir?: string | undefined;
}

const INSTANCE_FILE = 'instance-id';
const DEFAULT_DATA_DIR = './data';
const TIMEOUT_MS = 10_000;

/**
 * The id of a host's installation: over REST where an address is given or in `TORU_URL`, with the token of `TORU_TOKEN`; else
 * from the file that the host writes into its data directory, `TORU_DATA_DIR` or `./data` unless given.
 */
export async function instanceId({ url, dataDir }: InstanceSource): Promise<string> {
  if (dataDir !== undefined) return fromFile(dataDir);
  const address = url ?? process.env['TORU_URL'];
  if (address !== undefined && address !== '') return fromHost(address);
  return fromFile(process.env['TORU_DATA_DIR'] ?? DEFAULT_DATA_DIR);
}

function fromFile(dataDir: string): string {
  const file = path.resolve(dataDir, INSTANCE_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new NotFoundError(
      `the host has written no ${file} that can be read (${error instanceof Error ? error.message : String(error)}): ` +
        'name its data directory with --data-dir, as the user that it runs as; or ask it, with TORU_URL and TORU_TOKEN',
    );
  }
  return requireId(text, file);
}

async function fromHost(address: string): Promise<string> {
  const url = endpoint(address);
  const token = process.env['TORU_TOKEN'];
  if (token === undefined || token === '') {
    throw new UsageError('which token? Set TORU_TOKEN to an API token; the role viewer is enough');
  }
  let response: Response;
  let body: unknown;
  try {
    const headers = { authorization: `Bearer ${token}` };
    // a redirection could send the token to somebody else
    response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    body = await response.json().catch(() => undefined);
  } catch (error) {
    throw new NotFoundError(`${url.origin} does not answer: ${reasonOf(error)}`);
  }
  if (response.status === 401) throw new NotFoundError(`${url.origin} does not know the token of TORU_TOKEN`);
  if (!response.ok) throw new NotFoundError(`${url.origin} answered with ${response.status}: is it a host of Toru?`);
  const id = typeof body === 'object' && body !== null && 'instance_id' in body ? body.instance_id : undefined;
  return requireId(typeof id === 'string' ? id : '', url.href);
}

function endpoint(address: string): URL {
  try {
    const base = new URL(address.endsWith('/') ? address : `${address}/`);
    if (base.protocol === 'http:' || base.protocol === 'https:') return new URL('api/instance', base);
  } catch {
    // told below
  }
  throw new UsageError(`"${address}" is no address of a host, as http://127.0.0.1:3000`);
}

function requireId(id: string, source: string): string {
  if (isInstanceId(id)) return id;
  throw new NotFoundError(`${source} has no id of an installation`);
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  if (cause instanceof Error) return cause.message;
  return error instanceof Error ? error.message : String(error);
}
