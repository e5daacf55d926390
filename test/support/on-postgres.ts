/** Each spec file has an environment of its own: this one is that of a file of the project `e2e-postgres`. */
process.env['TORU_TEST_DATABASE'] = 'postgres';
