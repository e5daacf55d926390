import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type Response } from 'express';

/** Names of built files carry the hash of their content, so that they never change: `main-ABCDEFGH.js`. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9]+$/;

/**
 * Serves the console under `/console/`: its built files, and its page for every other path below, since the console
 * routes in the browser. `/` leads there.
 */
export function serveConsole(app: Express, directory: string): void {
  const index = join(directory, 'index.html');
  app.get('/', (_request, response) => {
    response.redirect('/console/');
  });
  app.use(
    '/console',
    express.static(directory, {
      dotfiles: 'ignore',
      index: false,
      redirect: false,
      setHeaders: (response: Response, path) => {
        response.setHeader('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  app.get(['/console', '/console/{*path}'], (request, response, next) => {
    // a file that is not there is not the page: a script must not get HTML
    if (/\.[a-z0-9]+$/i.test(request.path) || !existsSync(index)) next();
    else if (request.path === '/console') response.redirect('/console/');
    else response.sendFile(index, { headers: { 'cache-control': 'no-cache' } });
  });
}
