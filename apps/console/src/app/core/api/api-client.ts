import { HttpClient, HttpParams } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import type { paths } from './schema';

type Method = 'delete' | 'get' | 'patch' | 'post' | 'put';
type PathsOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];

type PathValues<O> = O extends { parameters: { path: infer Values } } ? { path: Values } : object;
type Query<O> = O extends { parameters: { query?: infer Values } } ? { query?: Values } : object;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer Json } } } ? { body: Json } : object;
type Options<O> = PathValues<O> & Query<O> & Body<O>;
/** Options may be left out where the operation requires none. */
type OptionsArgument<O> = object extends Options<O> ? [options?: Options<O>] : [options: Options<O>];
type Answer<O> = O extends { responses: { 200: { content: { 'application/json': infer Json } } } } ? Json : void;

interface AnyOptions {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/**
 * The REST API as its OpenAPI document describes it: a path, a parameter, a body or an answer that is not in the document
 * does not compile (API-5). Every method rejects with an ApiError.
 */
@Injectable({ providedIn: 'root' })
export class ApiClient {
  private readonly http = inject(HttpClient);

  get<P extends PathsOf<'get'>>(
    path: P,
    ...[options]: OptionsArgument<paths[P]['get']>
  ): Promise<Answer<paths[P]['get']>> {
    return this.request('GET', path, options);
  }

  post<P extends PathsOf<'post'>>(
    path: P,
    ...[options]: OptionsArgument<paths[P]['post']>
  ): Promise<Answer<paths[P]['post']>> {
    return this.request('POST', path, options);
  }

  patch<P extends PathsOf<'patch'>>(
    path: P,
    ...[options]: OptionsArgument<paths[P]['patch']>
  ): Promise<Answer<paths[P]['patch']>> {
    return this.request('PATCH', path, options);
  }

  put<P extends PathsOf<'put'>>(
    path: P,
    ...[options]: OptionsArgument<paths[P]['put']>
  ): Promise<Answer<paths[P]['put']>> {
    return this.request('PUT', path, options);
  }

  delete<P extends PathsOf<'delete'>>(
    path: P,
    ...[options]: OptionsArgument<paths[P]['delete']>
  ): Promise<Answer<paths[P]['delete']>> {
    return this.request('DELETE', path, options);
  }

  private request<T>(
    method: string,
    path: string,
    { path: values, query = {}, body = null }: AnyOptions = {},
  ): Promise<T> {
    let params = new HttpParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) params = params.set(name, value);
    return firstValueFrom(this.http.request<T>(method, fill(path, values), { params, body }));
  }
}

/** `/api/plugins/{id}` with its values in it. */
function fill(path: string, values: Readonly<Record<string, string | number>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
