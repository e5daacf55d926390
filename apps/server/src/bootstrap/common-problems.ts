import type { OpenAPIObject } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '@toru/contracts';

/** What the document's operations and answers look like, as far as this file is concerned. */
interface Operation {
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly parameters?: readonly unknown[];
  responses: Record<string, { description?: string; content?: unknown }>;
}

const METHODS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete']);
/** Open to a caller who has to change the password first (`AllowPendingPassword`). */
const OPEN_TO_PENDING: ReadonlySet<string> = new Set(['getCurrentUser', 'changePassword', 'logout']);
const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } };

/**
 * Adds the problems that no controller decides on to each operation: those of the access policy, which stands before
 * all of them, and those of the parsers of bodies and queries.
 */
export function addCommonProblems(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Operation & { operationId?: string }][]) {
      if (METHODS.has(method)) for (const code of problemsOf(method, operation)) addProblem(operation, code);
    }
  }
}

function problemsOf(method: string, operation: Operation & { readonly operationId?: string }): readonly ErrorCode[] {
  const isPublic = operation.security?.length === 0;
  const hasBody = operation.requestBody !== undefined;
  const hasInput = hasBody || (operation.parameters?.length ?? 0) > 0;
  const codes: ErrorCode[] = [];
  if (hasInput) codes.push('validation_failed');
  if (hasBody) codes.push('malformed_request', 'payload_too_large', 'unsupported_body');
  if (method !== 'get') codes.push('csrf_refused');
  if (!isPublic) {
    codes.push('unauthenticated', 'storage_unavailable');
    if (!OPEN_TO_PENDING.has(operation.operationId ?? '')) codes.push('password_change_required');
  } else if (hasBody) {
    codes.push('storage_unavailable');
  }
  return codes;
}

function addProblem({ responses }: Operation, code: ErrorCode): void {
  const { status, title } = ERRORS[code];
  const text = `\`${code}\`: ${title}`;
  const known = responses[status]?.description ?? '';
  if (known.includes(`\`${code}\``)) return;
  responses[status] = { description: known === '' ? text : `${known}. ${text}`, content: PROBLEM };
}
