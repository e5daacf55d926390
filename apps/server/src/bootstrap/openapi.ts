import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { AccessPolicy, ANY_CALLER, SESSION_COOKIE } from '../access';
import { HOST_VERSION, requestIdOf, sendProblem } from '../common';
import { PluginApiDocuments } from '../plugins';
import { API_PAGE_CSS, apiPageScript } from './api-page';
import { addCommonProblems } from './common-problems';

const DOCS_PATH = 'api/docs';
const DOCUMENT_PATH = 'api/openapi.json';

/** The REST contract (API-5): what the documentation page shows and the console's client is generated from. */
function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const options = new DocumentBuilder()
    .setTitle('Toru Steering Center')
    .setDescription('The REST API of the host. Errors are problem documents (RFC 9457, application/problem+json).')
    .setVersion(HOST_VERSION)
    .addCookieAuth(SESSION_COOKIE, { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE }, 'session')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API token: `tsc_…`' }, 'token')
    .build();
  const document = SwaggerModule.createDocument(app, options);
  addCommonProblems(document);
  return { ...document, security: [{ session: [] }, { token: [] }] };
}

/** Serves the document and its page to whoever has signed in; Nest's guards do not reach either. */
export function serveOpenApi(app: INestApplication): void {
  const policy = app.get(AccessPolicy);
  const signedIn = (request: Request, response: Response, next: NextFunction): void => {
    const admitted = new Promise((resolve) => resolve(policy.admit(request.method, request.headers, ANY_CALLER)));
    admitted.then(
      () => {
        next();
      },
      (error: unknown) => {
        sendProblem(response, error, { requestId: requestIdOf(request), target: request.originalUrl });
      },
    );
  };
  for (const path of [DOCS_PATH, DOCUMENT_PATH]) {
    app.use(`/${path}`, signedIn);
  }
  // in place of the script that Nest serves, which knows one document alone
  app.use(`/${DOCS_PATH}/swagger-ui-init.js`, (request: Request, response: Response, next: NextFunction) => {
    app
      .get(PluginApiDocuments)
      .published(requestIdOf(request))
      .then((plugins) => {
        response.set({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' });
        response.send(apiPageScript(`/${DOCUMENT_PATH}`, plugins));
      }, next);
  });
  SwaggerModule.setup(DOCS_PATH, app, () => createOpenApiDocument(app), {
    jsonDocumentUrl: DOCUMENT_PATH,
    raw: ['json'],
    customSiteTitle: 'Toru Steering Center API',
    explorer: true,
    customCss: API_PAGE_CSS,
  });
}
