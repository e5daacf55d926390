import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_DATA_BYTES } from '@toru/contracts';
import type { RequestHead } from './client-side';
import { Fields } from './header-names';

/** Longer heads are Node's, and so are longer bodies: beyond, what reading them costs does not count. */
const MAX_HEAD_BYTES = 8 * 1024;
const MAX_FIELDS = 64;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const VERSION = ' HTTP/1.1\r\n';
const TARGET = /^\/[!-~]*$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
/** As it was sent: what stands around a number that decides where a request ends is Node's to judge. */
const LENGTH = /^ ?(?:0|[1-9][0-9]{0,6})$/;
/** Fields by which more follows than a head and a counted body, or something else than HTTP/1.1. */
const UNUSUAL: ReadonlySet<string> = new Set([
  ...['expect', 'http2-settings', 'proxy-connection', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/** The fields of a head, which many requests of a connection share. */
interface PlainFields {
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value … as they were sent. */
  readonly rawHeaders: string[];
  readonly bodyBytes: number;
}

/** A request that came alone, its head in one piece, and with nothing in it that two readers could read differently. */
export interface PlainRequest extends RequestHead {
  readonly method: string;
  readonly url: string;
  /** As much as came with the head; null where there is none, or an empty one. */
  readonly body: Buffer | null;
  /** How much of the body is still to come, in bytes. */
  readonly missing: number;
}

/**
 * Reads plain requests of one connection. It decides nothing that Node would decide otherwise: what is not plain to the
 * letter (a field twice, a body in chunks, two requests at once, half a head, a long body of which a part is missing) it
 * leaves to Node.
 */
export class PlainRequestReader {
  /** What the connection's last request had: a client sends the same fields again and again. */
  private text = '';
  private fields: PlainFields | undefined;

  constructor(private readonly socket: Socket) {}

  /** @returns undefined where the request is not a plain one */
  read(bytes: Buffer): PlainRequest | undefined {
    const head = bytes.toString('latin1', 0, MAX_HEAD_BYTES);
    const headEnd = head.indexOf('\r\n\r\n') + 4;
    const lineEnd = head.indexOf('\r\n') + 2;
    const methodEnd = head.indexOf(' ');
    const targetEnd = head.indexOf(' ', methodEnd + 1);
    if (headEnd < 4 || lineEnd === headEnd - 2 || !head.startsWith(VERSION, targetEnd)) return undefined;
    if (targetEnd + VERSION.length !== lineEnd) return undefined;
    const method = head.slice(0, methodEnd);
    const url = head.slice(methodEnd + 1, targetEnd);
    if (!METHODS.has(method) || !TARGET.test(url)) return undefined;
    const fields = this.fieldsOf(head.slice(lineEnd, headEnd - 2));
    if (fields === undefined) return undefined;
    const { headers, rawHeaders, bodyBytes } = fields;
    const missing = headEnd + bodyBytes - bytes.length;
    if (missing !== 0 && (missing < 0 || bodyBytes > MAX_DATA_BYTES)) return undefined;
    const body = bodyBytes === 0 ? null : bytes.subarray(headEnd);
    return { method, url, headers, rawHeaders, socket: this.socket, body, missing };
  }

  private fieldsOf(text: string): PlainFields | undefined {
    if (text === this.text) return this.fields;
    this.text = text;
    this.fields = readFields(text);
    return this.fields;
  }
}

/** @param text lines, each with its end */
function readFields(text: string): PlainFields | undefined {
  const headers = new Fields() as Record<string, string>;
  const rawHeaders: string[] = [];
  for (let at = 0, end = 0; at < text.length; at = end + 2) {
    end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon > end || rawHeaders.length === 2 * MAX_FIELDS) return undefined;
    const name = text.slice(at, colon);
    const value = text.slice(colon + 1, end);
    if (!NAME.test(name) || !VALUE.test(value)) return undefined;
    const key = name.toLowerCase();
    if (headers[key] !== undefined || UNUSUAL.has(key)) return undefined;
    if (key === 'content-length' && !LENGTH.test(value)) return undefined;
    const trimmed = value.trim();
    headers[key] = trimmed;
    rawHeaders.push(name, trimmed);
  }
  const { host, connection, 'content-length': length = '0' } = headers;
  if (host === undefined || host === '') return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  return { headers, rawHeaders, bodyBytes: Number(length) };
}
