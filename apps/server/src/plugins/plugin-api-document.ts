import type { JsonObject, JsonValue } from '@toru/contracts';
import { isRecord, parseJsonText, ProtocolError } from '@toru/protocol';

/** The longest document that is taken from a plugin, in bytes. */
export const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** Why a document is not shown; half a sentence. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** An object that was parsed here and belongs to nobody else. */
type Fresh = Record<string, JsonValue>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** What the host puts into every document: where requests go, and how their senders prove who they are. */
export interface DocumentPlace {
  /** What comes before the document's paths. */
  readonly prefix: string;
  readonly securitySchemes: JsonObject;
}

/**
 * A plugin's OpenAPI 3 document as the host shows it, parsed anew. Its operations are reached through the host alone, with
 * the host's ways to sign in: what it says of servers and security is put in place of what the plugin says.
 * @throws DocumentError
 */
export function placeDocument(text: string, { prefix, securitySchemes }: DocumentPlace): JsonObject {
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    throw new DocumentError(`it is longer than ${MAX_DOCUMENT_BYTES} bytes`);
  }
  const document = parsed(text);
  if (typeof document['openapi'] !== 'string' || !/^3\.\d+\.\d+/.test(document['openapi'])) {
    throw new DocumentError('it is no OpenAPI 3 document: "openapi" must be "3.0.0" or a later 3');
  }
  const info = document['info'];
  if (!isRecord(info) || typeof info['title'] !== 'string' || typeof info['version'] !== 'string') {
    throw new DocumentError('it is no OpenAPI 3 document: "info" must have a title and a version');
  }
  if (!isRecord(document['paths'])) throw new DocumentError('it is no OpenAPI 3 document: "paths" is missing');
  const components: Fresh = fresh(document['components']) ?? {};
  for (const items of [document['paths'], components['pathItems']]) placePaths(items);
  components['securitySchemes'] = securitySchemes;
  document['components'] = components;
  document['servers'] = [{ url: prefix }];
  document['security'] = Object.keys(securitySchemes).map((name) => ({ [name]: [] }));
  return document;
}

function parsed(text: string): Fresh {
  try {
    return parseJsonText(text).value;
  } catch (error) {
    if (error instanceof ProtocolError) throw new DocumentError(`it cannot be read: ${error.message}`);
    throw error;
  }
}

function fresh(value: JsonValue | undefined): Fresh | undefined {
  return isRecord(value) ? value : undefined;
}

function placePaths(items: JsonValue | undefined): void {
  for (const each of Object.values(fresh(items) ?? {})) {
    const item = fresh(each);
    if (item === undefined) continue;
    delete item['servers'];
    for (const method of METHODS) {
      const operation = fresh(item[method]);
      delete operation?.['servers'];
      delete operation?.['security'];
    }
  }
}
