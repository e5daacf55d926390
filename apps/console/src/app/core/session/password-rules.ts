/** In characters: as the server says in its OpenAPI document, which a test holds against this. */
export const MIN_PASSWORD_LENGTH = 8;
